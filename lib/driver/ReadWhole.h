// Reading for commands that need every line of a text.
#pragma once

#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// Reads a rule set. Where a line of it could not be read, or the file could not, says so on \p err in one
/// line and gives nothing.
std::optional<parse::ParsedRules> readWhole(const std::string &path, const parse::RulesOptions &options,
                                            llvm::raw_ostream &err);

/// "rules.v4:3:7: ..." of the first error; empty if there is none.
std::string firstError(const support::Source &source, llvm::ArrayRef<support::Diagnostic> findings);

/// What could not be read, as lint says it: the findings that are errors.
void printErrors(std::shared_ptr<const support::Source> source, std::vector<support::Diagnostic> findings,
                 llvm::raw_ostream &err);

} // namespace iptlint::driver
