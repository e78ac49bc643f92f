// The commands of a script that change rules: which they are, and what each says to the reader of rules.
#pragma once

#include "parse/Findings.h"
#include "parse/Script.h"
#include "parse/ShellWords.h"

namespace iptlint::parse {

enum class Program : uint8_t {
  Other,
  Iptables, ///< or a line that begins with its options, as files of rules have them
  Restore,
  Save,
  Ipset,
};

struct ProgramName {
  Program program = Program::Other;
  packet::Family family = packet::Family::IPv4;
  bool guessed = false; ///< by the name of a variable that the script does not set
};

/// What \p field, the first of a command, calls.
ProgramName programOf(const ShellField &field);

/// What iptables is called with, its chain and table found out.
struct IptablesCall {
  ScriptCommand command;
  std::vector<ShellField> words;       ///< without `-t`, `-w` and what only concerns output
  bool changes = true;                 ///< false: it lists or helps
  const ShellField *unknown = nullptr; ///< the first word that is not known
};
IptablesCall readCall(packet::Family family, llvm::ArrayRef<ShellField> arguments);

/// Appends the words as a line of iptables-save text. \returns its range there.
support::SourceRange appendLine(Translation &translation, llvm::ArrayRef<ShellField> words);

} // namespace iptlint::parse
