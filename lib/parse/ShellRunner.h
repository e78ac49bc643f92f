// Follows a script: what ShellRun.cpp, its control flow, and ShellPrograms.cpp, the programs that it calls, share.
#pragma once

#include "parse/ShellCalls.h"
#include "parse/ShellTree.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::parse {

/// How a command of the script ended, as far as it is known before rules are looked at.
struct Status {
  enum Kind : uint8_t { True, False, Unknown, Asked } kind = Unknown;
  Condition condition{}; ///< Asked: how iptables ended
};

class ShellRunner {
public:
  ShellRunner(std::shared_ptr<const support::Source> source, const RulesOptions &options)
      : source(source), options(options), findings(*source), translation(source) {}

  ParsedRules run();

private:
  Status runList(const ShellList &list);
  Status runCommand(const ShellCommand &command, const ShellCommand *before);
  Status runIf(const ShellCommand &command);
  Status runFor(const ShellCommand &command);
  Status runWhile(const ShellCommand &command);
  Status runCase(const ShellCommand &command);
  Status runSimple(const ShellCommand &command, const ShellCommand *before);
  Status runFunction(const ShellList &body, llvm::ArrayRef<ShellField> arguments);
  Status runProgram(const ShellCommand &command, llvm::ArrayRef<ShellField> fields, const ShellCommand *before);
  Status runIptables(const ShellCommand &command, packet::Family family, llvm::ArrayRef<ShellField> fields);
  Status runRestore(const ShellCommand &command, packet::Family family, llvm::ArrayRef<ShellField> fields,
                    const ShellCommand *before);
  Status runOther(const ShellCommand &command, llvm::ArrayRef<ShellField> fields);
  Status test(llvm::ArrayRef<ShellField> fields) const;
  void runBranch(const ShellList &body, Condition condition, bool repeated = false);
  void assign(llvm::StringRef word);
  void emit(ScriptCommand command);
  void emitUnknown(packet::Family family, const ShellCommand &at);
  void keepSuppressions(ir::Ruleset &ruleset) const;
  void pointAt(support::SourceRange at, std::string message);
  bool tooMuch() const { return commands.size() > kMostCommands; }

  /// Loops within loops could make more of them than anybody loads.
  static constexpr size_t kMostCommands = 1 << 20;
  static constexpr unsigned kMostCalls = 50;

  std::shared_ptr<const support::Source> source;
  const RulesOptions &options;
  Findings findings;
  Translation translation;
  std::vector<ScriptCommand> commands;
  ShellVariables variables;
  llvm::StringMap<const ShellCommand *> functions;
  std::vector<std::unique_ptr<ShellCommand>> kept; ///< functions outlive the list that they stand in
  llvm::SmallVector<Condition, 4> conditions;
  llvm::StringSet<> said;
  unsigned calls = 0;
  bool repeating = false, mayFail = false, ended = false;
};

} // namespace iptlint::parse
