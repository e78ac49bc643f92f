// What kind of line each line of a text about sets is, by its words alone.
//
// Sets come as `ipset save` prints them, as `ipset list` does, or as commands in a shell script, among
// others that are none of ours. A command that stands in a loop, a condition or a function runs sometimes.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace iptlint::parse {

enum class SetTextLine : uint8_t {
  Blank,     ///< empty, or a comment
  Statement, ///< `add blocked 10.0.0.1`, `ipset create ...`
  Heading,   ///< `Name:`, `Type:` and `Header:` of `ipset list`
  Foreign,   ///< none of ipset's: rules, other commands of a script, further headings
  Sometimes, ///< has a command of ipset's that takes a shell to understand
  Unknown,   ///< perhaps a member in `ipset list`
};

class ScriptState {
public:
  ScriptState() = default;
  explicit ScriptState(llvm::StringRef text);

  /// To be asked for each line, in order.
  SetTextLine kindOf(llvm::StringRef line);

private:
  void follow(llvm::StringRef line);

  bool isScript = false;
  int depth = 0; ///< of loops, conditions and functions
};

} // namespace iptlint::parse
