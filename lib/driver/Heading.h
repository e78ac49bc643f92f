// The first line of an optimized text: what it was made from, by which version, and that it was proved.
#pragma once

#include "support/Source.h"
#include <string>

namespace iptlint::driver {

/// `# Optimized by iptlint 0.1.0 from rules.v4 (sha256 ...): proved equal by Z3 4.8.12`, without a line end.
std::string headingOf(const support::Source &input);

/// \p text under a heading for \p input, in place of one that it has. A text that is that of the input stays as it is:
/// nothing was done, and the heading that it may have still says from what it was made.
/// \param more  what else the line says, behind all of that.
std::string underHeading(const std::string &text, const support::Source &input, llvm::StringRef more = "");

/// `rules.v4 (sha256 ...)`
std::string nameAndHash(llvm::StringRef path, llvm::StringRef text);

} // namespace iptlint::driver
