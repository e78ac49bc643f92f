#include "pass/SetNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"
#include <fmt/format.h>

namespace iptlint::pass {

using llvm::StringRef;

/// So many digits of the hash, and at least so many characters of the chain's name.
constexpr size_t kDigits = 8, kLeastOfChain = 4;

std::vector<StringRef> setNamesIn(const ir::Ruleset &ruleset) {
  std::vector<StringRef> names;
  for (const ir::Table &table : ruleset.tables)
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules)
        if (llvm::is_contained(rule.words, "set") || llvm::is_contained(rule.words, "SET"))
          for (StringRef word : rule.words)
            names.push_back(word.trim("\"'"));
  return names;
}

/// Without what a shell or ipset may take for more than a letter.
static std::string plain(StringRef text) {
  std::string out;
  for (char c : text)
    out += llvm::isAlnum(c) || StringRef(".:/+-_").contains(c) ? c : '_';
  return out;
}

static std::string nameOf(StringRef chain, StringRef asked, StringRef target, uint64_t hash) {
  constexpr size_t room = kLongestSetName - kDigits - 1;
  std::string what = "~" + plain(asked) + "-" + plain(target);
  what.resize(std::min(what.size(), room - kLeastOfChain));
  std::string digits = fmt::format("{:016x}", hash).substr(0, kDigits);
  return plain(chain.take_front(room - what.size())) + what + "~" + digits;
}

static std::string contentOf(const ir::Set &set) {
  std::string text = fmt::format("{} {}", set.type.str(), int(*set.family));
  for (const ir::SetMember &member : set.members) {
    text += "\n";
    for (const ir::SetValue &part : member.parts)
      text += fmt::format("{:x}:{:x}-{:x}:{:x} {},", uint64_t(part.lo >> 64), uint64_t(part.lo),
                          uint64_t(part.hi >> 64), uint64_t(part.hi), part.protocol);
    text += member.comment;
  }
  return text;
}

static bool holdsTheSame(const ir::Set &left, const ir::Set &right) {
  auto isSame = [](const ir::SetMember &a, const ir::SetMember &b) {
    return a.parts == b.parts && a.comment == b.comment;
  };
  return left.type == right.type && left.family == right.family &&
         std::equal(left.members.begin(), left.members.end(), right.members.begin(), right.members.end(), isSame);
}

const ir::Set &findOrMake(Record &record, ir::Set wanted, const ir::Chain &chain, StringRef asked,
                          const ir::Target &target, llvm::StringSaver &strings) {
  for (const ir::Set &set : record.sets)
    if (holdsTheSame(set, wanted))
      return set;
  std::string name;
  for (std::string hashed = contentOf(wanted); name.empty() || !record.takenSetNames.insert(name).second;
       hashed += "again")
    name = nameOf(chain.name, asked, target.name, llvm::xxHash64(hashed));
  wanted.name = strings.save(name);
  return record.sets.emplace_back(std::move(wanted));
}

} // namespace iptlint::pass
