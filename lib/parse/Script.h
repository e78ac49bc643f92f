// The commands that a script runs, in order, as the reader of rules carries them out.
//
// What a shell makes of a script's text ends here: each command is a line of iptables-save text with
// its table and family, and with what has to be so for it to be run at all.
#pragma once

#include "parse/Translation.h"

namespace iptlint::parse {

/// Something that has to be so for a command to be run.
struct Condition {
  static constexpr uint32_t kUnknown = ~uint32_t(0);
  uint32_t command = kUnknown; ///< index of the command that is asked; kUnknown: only a shell knows
  bool succeeded = true;       ///< it must have succeeded; false: it must have failed
};

enum class CommandKind : uint8_t {
  Rules,        ///< the arguments of iptables
  Restore,      ///< iptables-restore begins; its text follows, a command for each line
  RestoreMerge, ///< the same with --noflush
  RestoreLine,
  RestoreEnd,
};

struct ScriptCommand {
  CommandKind kind = CommandKind::Rules;
  support::SourceRange line; ///< of Rules and RestoreLine, in the text they were turned into
  packet::Family family = packet::Family::IPv4;
  std::string table = "filter";
  llvm::SmallVector<Condition, 2> conditions; ///< all must hold
  bool known = true;     ///< false: words in it are not known; the verb is, and the chain unless `anyChain`
  bool anyChain = false; ///< which chain it is about is not known
  bool anyTable = false; ///< nor which table
  bool mayFail = false;  ///< the script is prepared for its failure
  bool repeated = false; ///< it may be run more than once
  std::string verb;      ///< where words are not known: "append", "restore" ...
  std::string chain;     ///< likewise
  std::string makes;     ///< the chain that it makes; empty if none
};

/// Carries out \p script, whose lines stand in \p translation, on a machine without any rule.
/// \returns the rules that it leaves; places are those of the script.
ParsedRules runScript(const Translation &translation, llvm::ArrayRef<ScriptCommand> script,
                      const RulesOptions &options);

} // namespace iptlint::parse
