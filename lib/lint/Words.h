// How messages call rules and places.
#pragma once

#include "lint/Facts.h"
#include <string>

namespace iptlint::lint {

/// "ACCEPT rule", "jump to BLOCKED", "goto BLOCKED", "rule without a target".
std::string wordsFor(const ir::Rule &rule);

/// Where a taker stands, seen from a rule: "" in the same chain, else " in chain X, called from line 12". The
/// line is that of the jump where the ways of the two part; left out where there are several.
std::string whereabouts(const RuleFacts &rule, const ir::Ruleset &ruleset, const analysis::Taker &taker);

/// Whether two rules have the same conditions, in the same order, and the same target.
bool sayTheSame(const ir::Rule &left, const ir::Rule &right);

/// "1 rule", "3 rules".
std::string count(size_t number, llvm::StringRef thing);

} // namespace iptlint::lint
