// Tables and chains as they grow while a text is read.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/StringMap.h"
#include <deque>

namespace iptlint::parse {

/// Whether iptables has a table of this name.
bool isTable(llvm::StringRef name);

/// The hook of a built-in chain of \p table. Of a table that iptables does not have, any of the five is built in.
std::optional<packet::Hook> builtInHook(llvm::StringRef table, llvm::StringRef chain);

/// Nothing is known of the rule any more, not even whether it is there.
void doubt(ir::Rule &rule);

/// One table that lines are added to.
class TableBuilder {
public:
  TableBuilder(llvm::StringRef name, support::SourceRange at);

  llvm::StringRef name() const { return table.name; }
  /// Its `*table` line; empty where rules stand without one.
  support::SourceRange header() const { return table.at; }
  /// The chain of that name; null if the text has not named it yet.
  ir::Chain *find(llvm::StringRef name);
  /// The same, made where there is none. \p at  the line that names it.
  ir::Chain &chain(llvm::StringRef name, support::SourceRange at);
  /// Adds to a chain at \p place, which is at most the number of its rules.
  void insert(const ir::Chain &chain, size_t place, ir::Rule rule);
  const std::deque<ir::Rule> &rulesOf(const ir::Chain &chain) const { return rules[indexOf(chain)]; }
  size_t ruleCount(const ir::Chain &chain) const { return rulesOf(chain).size(); }
  ir::Rule &rule(const ir::Chain &chain, size_t place) { return rules[indexOf(chain)][place]; }
  void erase(const ir::Chain &chain, size_t place);
  llvm::ArrayRef<ir::Chain> chains() const { return table.chains; }

  /// What was put into a chain is gone. An empty name is every chain.
  void flush(llvm::StringRef name);
  /// A chain of the user's, with its rules, is gone.
  void remove(const ir::Chain &chain);
  /// A chain of the user's has another name now, in the rules that lead to it as well.
  void rename(ir::Chain &chain, llvm::StringRef name);
  /// Whether a rule leads to the chain.
  bool isUsed(const ir::Chain &chain) const;
  /// Nothing is known any more of the rules of a chain from number \p first, from 0, to before \p end: they may be
  /// there or not.
  void doubt(const ir::Chain &chain, size_t first, size_t end);

  /// As iptables-save has them: all chains of the table, the built-in ones first and in the order of their hooks, the
  /// user's by name; counters for each.
  void normalise();

  /// Binds jumps to chains and hands the table out.
  ir::Table finish(std::optional<support::SourceRange> commit);

private:
  size_t indexOf(const ir::Chain &chain) const { return size_t(&chain - table.chains.data()); }

  ir::Table table;
  /// Of each chain, until the table is finished: a deque does not copy rules when it grows.
  std::vector<std::deque<ir::Rule>> rules;
  llvm::StringMap<unsigned> byName;
};

} // namespace iptlint::parse
