#include "pass/Comments.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::pass {

using llvm::StringRef;

std::optional<std::string> joinedComment(llvm::ArrayRef<const ir::Rule *> rules) {
  std::vector<StringRef> said;
  bool alike = llvm::all_of(rules, [&](const ir::Rule *rule) { return rule->comment == rules.front()->comment; });
  for (const ir::Rule *rule : rules) {
    bool several = llvm::count(rule->words, "--comment") > 1;
    if (several || (!alike && rule->comment.startswith("iptlint:")))
      return std::nullopt;
    if (!rule->comment.empty() && !llvm::is_contained(said, rule->comment))
      said.push_back(rule->comment);
  }
  std::string joined = llvm::join(said, "; ");
  return joined.size() <= kLongestComment ? std::optional(joined) : std::nullopt;
}

/// As iptables-restore reads it: in quotes, where a backslash takes the next character as it is.
static std::string quoted(StringRef comment) {
  std::string out = "\"";
  for (char c : comment) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

void eraseComment(std::vector<std::string> &words) {
  auto option = llvm::find(words, "--comment");
  if (option == words.end() || option + 1 == words.end())
    return;
  bool isNamed = option - words.begin() >= 2 && option[-1] == "comment";
  words.erase(isNamed ? option - 2 : option, option + 2);
}

void writeComment(std::vector<std::string> &words, StringRef comment) {
  auto option = llvm::find(words, "--comment");
  if (option != words.end() && option + 1 != words.end()) {
    option[1] = quoted(comment);
    return;
  }
  static constexpr StringRef targets[] = {"-j", "--jump", "-g", "--goto"};
  auto target = llvm::find_if(words, [](StringRef word) { return llvm::is_contained(targets, word); });
  std::string added[] = {"-m", "comment", "--comment", quoted(comment)};
  words.insert(target, std::begin(added), std::end(added));
}

} // namespace iptlint::pass
