// The reader of a rule set's text, as its two halves share it.
//
// Rules.cpp goes through the lines and opens and closes tables; RuleLines.cpp reads
// what stands in a table: chains, policies, rules.
#pragma once

#include "parse/KnownSets.h"
#include "parse/Parse.h"
#include "parse/Tables.h"
#include "parse/Tests.h"

namespace iptlint::parse {

using packet::Family;
using support::Severity;
using support::SourceRange;

class RulesReader {
public:
  RulesReader(std::shared_ptr<const support::Source> source, const RulesOptions &options)
      : source(source), asked(options.family), normal(options.normal), findings(*source) {
    if (options.sets)
      sets.emplace(options.sets, source->text());
  }

  ParsedRules read();

private:
  // Rules.cpp: lines and tables.
  void readLine(llvm::StringRef text, bool ended);
  void readComment(llvm::StringRef text);
  void readTable(llvm::StringRef text);
  void readCommit(llvm::StringRef text, bool ended);
  /// Keeps a line that is no rule and declares nothing, for printing.
  void keepLine(llvm::StringRef text) { current().comments.push_back({source->rangeOf(text)}); }
  ir::Ruleset &current();
  TableBuilder &openTable(llvm::StringRef text);
  void closeTable(std::optional<SourceRange> commit);
  void switchFamily(Family family);
  void warnOfCr(llvm::StringRef cr);
  void noteWhatIsMissing();

  // RuleLines.cpp: what stands in a table.
  void readChain(llvm::StringRef text);
  void readCommand(llvm::StringRef text);
  void addRule(llvm::StringRef text, const Use &verb, size_t firstFinding);
  size_t addNormal(llvm::StringRef name, const ir::Rule &rule, const Use &verb);
  size_t insert(ir::Chain &chain, ir::Rule rule, const Use &verb);
  void declareChain(llvm::StringRef text, const Use &verb);
  void declare(llvm::StringRef name, SourceRange at);
  void setPolicy(const Use &verb);
  ir::Policy policyOf(const ir::Chain &chain, llvm::StringRef word);
  bool checkChainName(llvm::StringRef name, llvm::StringRef at);
  void keepBroken(llvm::StringRef text);
  void place(support::Diagnostic &finding, llvm::StringRef chain = "");

  std::shared_ptr<const support::Source> source;
  std::optional<Family> asked;
  bool normal;
  Findings findings;
  std::optional<KnownSets> sets;
  LineReader lines;
  Line line;
  Command command;
  std::shared_ptr<llvm::BumpPtrAllocator> memory = std::make_shared<llvm::BumpPtrAllocator>();
  llvm::UniqueStringSaver strings{*memory};
  std::vector<ir::Ruleset> rulesets;
  size_t currentRuleset = 0;
  std::optional<TableBuilder> table;
  bool anyTable = false, anyRule = false, crSeen = false, familyGuessed = false, familyMatters = false;
};

} // namespace iptlint::parse
