#include "pass/ChainNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"
#include <fmt/format.h>

namespace iptlint::pass {

using llvm::StringRef;

/// Of a long name so many characters stay at least.
constexpr size_t kLeastOfName = 4;

ChainNames::ChainNames(const ir::Table &table) {
  for (const ir::Chain &chain : table.chains)
    taken.insert(chain.name);
}

/// Whether any program takes the text as part of a name: quotes and the like, which interfaces may have in theirs, stay
/// out.
static bool isPlain(StringRef text) {
  static constexpr llvm::StringLiteral marks = ".:/+-_";
  return llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || marks.contains(c); });
}

/// The parts, with the chain's name cut where it is too long; empty where that would leave too little of it.
static std::string joined(StringRef chain, StringRef asked, StringRef digits) {
  std::string end = (asked.empty() ? "" : "~" + asked.str()) + (digits.empty() ? "" : "~" + digits.str());
  if (end.size() + std::min(chain.size(), kLeastOfName) > kLongestChainName)
    return "";
  return chain.take_front(kLongestChainName - end.size()).str() + end;
}

std::string ChainNames::make(StringRef chain, const Way &way) {
  StringRef asked = isPlain(way.last) ? StringRef(way.last) : "";
  std::string name = way.asked == 1 && !asked.empty() ? joined(chain, asked, "") : "";
  bool isWhole = StringRef(name).startswith(chain);
  if (!name.empty() && isWhole && taken.insert(name).second)
    return name;
  std::string digits = fmt::format("{:016x}", llvm::xxHash64((chain + "~" + way.text).str()));
  for (size_t count = 4; count <= digits.size(); ++count) {
    StringRef some = StringRef(digits).take_front(count);
    name = joined(chain, asked, some);
    if (name.empty())
      name = joined(chain, "", some);
    if (taken.insert(name).second)
      return name;
  }
  // Two ways with the same hash: they differ in their text, and so does what is hashed now.
  return make(chain, way.then("again"));
}

} // namespace iptlint::pass
