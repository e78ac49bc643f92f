// Options and settings in a file: .iptlint.yaml.
//
// docs/config.md describes every key. Whatever is wrong with the file is an error with its place: a key that is not
// known would otherwise switch off, unseen, what it was meant to switch on.
#pragma once

#include "driver/Options.h"
#include "support/Source.h"

namespace iptlint::driver {

/// The nearest .iptlint.yaml: in the folder of \p file or in one above it; for "-" in the current folder or above it.
/// Nothing is opened. \returns its path; empty if there is none.
std::string findConfig(llvm::StringRef file);

/// Puts what a configuration says into \p options, but for what the command line gives (Options::given). Files that it
/// names are looked for from its own folder on.
/// \returns what is wrong with it, in order; \p options is of no use then.
std::vector<support::Diagnostic> applyConfig(const support::Source &config, Options &options);

} // namespace iptlint::driver
