// Takes a check's findings; fills in its id, its severity and where things stand.
#pragma once

#include "lint/Facts.h"
#include "support/Diagnostic.h"
#include "llvm/ADT/Twine.h"

namespace iptlint::lint {

struct Check;

/// A finding that is being written. Valid until the next one is added.
class Finding {
public:
  explicit Finding(support::Diagnostic &diagnostic) : diagnostic(diagnostic) {}

  Finding &severity(support::Severity severity);
  Finding &note(const RuleFacts &rule, const llvm::Twine &message);
  Finding &note(const TableFacts &table, ir::RuleId rule, const llvm::Twine &message);
  /// A note about a chain, at its declaration.
  Finding &note(const TableFacts &table, const ir::Chain &chain, const llvm::Twine &message);
  /// A note about a piece of text.
  Finding &note(support::SourceRange at, const llvm::Twine &message);
  /// Adds to what the finding says.
  Finding &append(const llvm::Twine &more);
  /// Proposes to take a rule out.
  Finding &removing(const ir::Rule &rule);
  /// Stretches the finding to the end of a later rule of the same chain.
  Finding &upTo(const ir::Rule &last);

private:
  support::Diagnostic &diagnostic;
};

class Reporter {
public:
  /// \p findings  where to put what the check finds.
  Reporter(const Check &check, std::vector<support::Diagnostic> &findings) : check(check), findings(findings) {}

  Finding add(const RuleFacts &rule, const llvm::Twine &message);
  /// A finding about a rule, at a word of it.
  Finding add(const RuleFacts &rule, support::SourceRange at, const llvm::Twine &message);
  /// A finding about a chain, at its declaration.
  Finding add(const TableFacts &table, const ir::Chain &chain, const llvm::Twine &message);
  /// A finding about a piece of text.
  Finding add(support::SourceRange at, const llvm::Twine &message);
  /// What the parser found already under this check's id.
  void passOn(llvm::ArrayRef<support::Diagnostic> parserFindings);

private:
  Finding start(support::SourceRange at, support::Place place, const llvm::Twine &message);

  const Check &check;
  std::vector<support::Diagnostic> &findings;
};

} // namespace iptlint::lint
