// The reader of a rule set's text, as its two halves share it.
//
// Rules.cpp goes through the lines and opens and closes tables; RuleLines.cpp reads
// what stands in a table: chains, policies, rules; RuleEdits.cpp carries out what changes
// rules and chains that are there: -D, -R, -F, -X, -E ...;
// Script.cpp runs the commands of a script.
#pragma once

#include "parse/KnownSets.h"
#include "parse/Parse.h"
#include "parse/SameRule.h"
#include "parse/Script.h"
#include "parse/Tables.h"
#include "parse/Tests.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::parse {

using packet::Family;
using support::Severity;
using support::SourceRange;

/// Longer words are refused by iptables-restore 1.8.9, and longer names of chains by iptables.
constexpr size_t kMostWordBytes = 1023, kMostChainName = 28;

/// How a command ended.
enum class Outcome : uint8_t { Done, Failed, Unknown };

/// Whether the kernel holds more than one rule for this, one for each address of a list, and counts them so.
bool isSeveral(const ir::Rule &rule);

class RulesReader {
public:
  RulesReader(std::shared_ptr<const support::Source> source, const RulesOptions &options)
      : source(source), asked(options.family), normal(options.normal), normalTexts(options.normalTexts), backEnd(options.backEnd), findings(*source) {
    if (options.sets || options.madeSets)
      sets.emplace(options.sets, options.madeSets, source->text());
  }

  /// A text for iptables-restore.
  ParsedRules read();
  /// The commands of a script, whose lines stand in the source.
  ParsedRules run(llvm::ArrayRef<ScriptCommand> script);

private:
  // Rules.cpp: lines and tables.
  void readLine(llvm::StringRef text, bool ended);
  void readComment(llvm::StringRef text);
  void readTable(llvm::StringRef text);
  void readCommit(llvm::StringRef text, bool ended);
  /// Keeps a line that is no rule and declares nothing, for printing.
  void keepLine(llvm::StringRef text) {
    if (!running)
      current().comments.push_back({source->rangeOf(text)});
  }
  ir::Ruleset &current();
  TableBuilder &openTable(llvm::StringRef text);
  void closeTable(std::optional<SourceRange> commit);
  void switchFamily(Family family);
  void warnOfCr(llvm::StringRef cr);
  void noteWhatIsMissing();
  void reportMissingCommit(llvm::StringRef at);

  // RuleLines.cpp: what stands in a table.
  void readChain(llvm::StringRef text);
  void readCommand(llvm::StringRef text);
  void addRule(llvm::StringRef text, const Use &verb, size_t firstFinding);
  size_t addNormal(llvm::StringRef name, const ir::Rule &rule, const Use &verb);
  size_t insert(ir::Chain &chain, ir::Rule rule, const Use &verb);
  ir::Rule makeRule(llvm::StringRef text, const Use &verb);
  void declareChain(llvm::StringRef text, const Use &verb);
  void declare(llvm::StringRef name, SourceRange at);
  void reportEarlyJumps(const ir::Chain &chain);
  void setPolicy(llvm::StringRef text, const Use &verb);
  ir::Policy policyOf(const ir::Chain &chain, llvm::StringRef word);
  bool checkChainName(llvm::StringRef name, llvm::StringRef at);
  bool checkOptions(const Use &verb);
  void carryOut(llvm::StringRef text, const Use &verb, size_t firstFinding);

  // RuleEdits.cpp: what changes rules and chains that are there.
  void deleteRule(llvm::StringRef text, const Use &verb);
  void deleteNumber(ir::Chain &chain, const Use &verb);
  void deleteFirst(ir::Chain &chain, llvm::StringRef text, const Use &verb);
  void replaceRule(llvm::StringRef text, const Use &verb);
  void checkRule(llvm::StringRef text, const Use &verb);
  void flushChain(llvm::StringRef text, const Use &verb);
  void removeChain(llvm::StringRef text, const Use &verb);
  bool mayRemove(const ir::Chain &chain, llvm::StringRef at);
  void renameChain(const Use &verb);
  /// Rules, from 0, that may be the one with a number.
  struct Numbered {
    size_t first = 0, end = 0;
    bool certain = false;
  };
  std::optional<Numbered> numbered(const ir::Chain &chain, llvm::StringRef number);
  ir::Chain *chainOf(const Use &verb);
  Sameness compare(const ir::Rule &rule, const ir::Rule &wanted, llvm::StringRef signature);
  void refuse(llvm::StringRef at, std::string message, llvm::StringRef chain = "", Severity inScript = Severity::Error);
  /// The text may be one for --noflush: chains and rules that it does not show may be there.
  bool mayHoldMore(const ir::Chain *chain) const;

  // Script.cpp: the commands of a script.
  void runCommand(const ScriptCommand &command);
  Outcome conditionsOf(const ScriptCommand &command) const;
  TableBuilder &tableOf(Family family, llvm::StringRef name);
  void refuseTable(llvm::StringRef name, llvm::StringRef at);
  void emptyTable();
  void doubtUnknown(const ScriptCommand &command, llvm::StringRef text);
  void doubtChain(TableBuilder &builder, const ir::Chain &chain, const ScriptCommand &command, llvm::StringRef text);
  ir::Rule makeUnknown(llvm::StringRef text);
  bool missingChain(llvm::StringRef name, llvm::StringRef at);
  bool missingTarget(const ir::Rule &rule);
  bool isMadeLater(llvm::StringRef name) const;

  void keepBroken(llvm::StringRef text);
  void place(support::Diagnostic &finding, llvm::StringRef chain = "");

  std::shared_ptr<const support::Source> source;
  std::optional<Family> asked;
  bool normal, normalTexts;
  std::optional<ir::BackEnd> backEnd;
  Findings findings;
  std::optional<KnownSets> sets;
  LineReader lines;
  Line line;
  Command command;
  std::shared_ptr<llvm::BumpPtrAllocator> memory = std::make_shared<llvm::BumpPtrAllocator>();
  llvm::UniqueStringSaver strings{*memory};
  std::vector<ir::Ruleset> rulesets;
  size_t currentRuleset = 0;
  std::unique_ptr<TableBuilder> open;      ///< of a text, the table that is read
  TableBuilder *table = nullptr;           ///< where lines go
  llvm::StringMap<SourceRange> earlyJumps; ///< names of chains that were led to before they were there
  // Of a script:
  const ScriptCommand *running = nullptr; ///< null: a text is read
  std::vector<std::pair<Family, std::unique_ptr<TableBuilder>>> everyTable;
  std::vector<Outcome> outcomes; ///< of the commands so far
  Outcome outcome = Outcome::Done;
  bool doubtful = false; ///< whether the command is run at all is not known
  bool merging = false;  ///< the here-document that is read is for --noflush
  llvm::StringSet<> madeSomewhere;
  bool anyTable = false, anyRule = false, crSeen = false, familyGuessed = false, familyMatters = false;
};

} // namespace iptlint::parse
