// What a check is: a name, a severity, and a function from facts to findings.
//
// A check lives in checks/ID.cpp with its page docs/checks/ID.md and its test test/lint/ID.test. CMake turns
// the folder into a table (Registry.h); nothing else names a check.
#pragma once

#include "analysis/Reach.h"
#include "support/Diagnostic.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::lint {

/// What is known of one table.
struct TableFacts {
  const ir::Table *table = nullptr;
  analysis::CallGraph graph;
  analysis::TableReach reach;
};

/// What is known of one rule set; checks read this and nothing else.
struct Facts {
  const ir::Ruleset *ruleset = nullptr;
  std::vector<TableFacts> tables; ///< without the tables that a later one replaces
  /// What the parser found: the checks `syntax` and `line-endings` pass these on.
  llvm::ArrayRef<support::Diagnostic> parserFindings;
};

/// Takes a check's findings; fills in its id, its severity and places.
class Reporter;

struct Check {
  llvm::StringLiteral id;
  llvm::StringLiteral summary;      ///< one line for `iptlint checks`
  support::Severity severity;       ///< what its findings have unless the check says otherwise
  void (*run)(const Facts &facts, Reporter &report);
};

} // namespace iptlint::lint
