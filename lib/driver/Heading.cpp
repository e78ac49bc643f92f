#include "driver/Heading.h"
#include "driver/Version.h"
#include "report/Line.h"
#include "smt/Equivalent.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <fmt/format.h>

namespace iptlint::driver {

static constexpr llvm::StringLiteral kOpening = "# Optimized by iptlint ";

static std::string hashOf(llvm::StringRef text) {
  llvm::SHA256 hash;
  hash.update(text);
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::string nameAndHash(llvm::StringRef path, llvm::StringRef text) {
  std::string name = path == "-" ? "standard input" : report::printable(path);
  return fmt::format("{} (sha256 {})", name, hashOf(text));
}

std::string headingOf(const support::Source &input) {
  return fmt::format("{}{} from {}: proved equal by {}", kOpening.str(), version().str(),
                     nameAndHash(input.path(), input.text()), smt::solverVersion());
}

std::string underHeading(const std::string &text, const support::Source &input, llvm::StringRef more) {
  llvm::StringRef rest = text;
  if (rest == input.text())
    return text;
  if (rest.startswith(kOpening))
    rest = rest.split('\n').second;
  return headingOf(input) + more.str() + "\n" + rest.str();
}

} // namespace iptlint::driver
