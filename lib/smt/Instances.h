// Names for what has a state of its own: each condition with state, and each opaque target, of a table.
//
// Two rules with the same `-m limit` have a bucket each. A name says which is which, and must be
// the same on both sides of a comparison for the same rule: the chain, the rule's words, and its number
// among rules that have both the same. Whatever the pairing, it is one to one and of the same text, so a
// bad pairing can only fail to prove.
#pragma once

#include "ir/Ruleset.h"
#include <map>
#include <string>

namespace iptlint::smt {

class Instances {
public:
  explicit Instances(const ir::Table &table);

  /// The name of a rule that keeps state; empty for others.
  llvm::StringRef ruleName(const ir::Rule &rule) const;
  /// The name of one test of \p rule that keeps state.
  std::string nameOf(const ir::Rule &rule, const ir::OpaqueTest &test, size_t position) const;
  /// The name of the rule's opaque target.
  std::string nameOfTarget(const ir::Rule &rule) const;

private:
  std::map<const ir::Rule *, std::string> names; ///< of rules that keep state
};

} // namespace iptlint::smt
