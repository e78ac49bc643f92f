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

std::string headingOf(const support::Source &input) {
  std::string name = input.path() == "-" ? "standard input" : report::printable(input.path());
  return fmt::format("{}{} from {} (sha256 {}): proved equal by {}", kOpening.str(), version().str(), name,
                     hashOf(input.text()), smt::solverVersion());
}

std::string underHeading(const std::string &text, const support::Source &input) {
  llvm::StringRef rest = text;
  if (rest == input.text())
    return text;
  if (rest.startswith(kOpening))
    rest = rest.split('\n').second;
  return headingOf(input) + "\n" + rest.str();
}

} // namespace iptlint::driver
