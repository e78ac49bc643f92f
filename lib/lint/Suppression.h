// Comments in the rules that switch a check off for one line.
//
//   # iptlint: disable=shadowed-rule,redundant-rule why
// applies to the next line that is no comment; since iptables-save drops such lines, a rule may say so itself:
//   -m comment --comment "iptlint: disable=shadowed-rule why"
// A suppression takes the findings that begin on its line, and nothing else.
#pragma once

#include "ir/Ruleset.h"
#include "support/Diagnostic.h"

namespace iptlint::lint {

/// One check switched off for one line.
struct Suppression {
  support::SourceRange at; ///< the comment line, or the rule
  std::string check;       ///< the id as written; need not be that of a check
  unsigned line = 0;       ///< the line it applies to
};

/// A suppression that no finding needed.
struct UnusedSuppression {
  Suppression suppression;
  bool unknownCheck = false; ///< there is no check of this id
};

/// All suppressions that the text of \p ruleset asks for.
std::vector<Suppression> findSuppressions(const ir::Ruleset &ruleset);

/// Takes the suppressed ones out of \p findings.
/// \param used  by suppression: set where it took at least one.
/// \returns how many were taken out.
unsigned suppress(std::vector<support::Diagnostic> &findings, const support::Source &source,
                  const std::vector<Suppression> &suppressions, std::vector<bool> &used);

} // namespace iptlint::lint
