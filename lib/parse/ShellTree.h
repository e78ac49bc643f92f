// A shell script as the commands it is made of, not yet expanded.
//
// Knows lists, pipelines, if, for, while, until, case, functions, groups and here-documents. What a command
// does, and what its words expand to, is not here (parse/ShellRun.h).
// Source: POSIX.1-2017, Shell Command Language.
#pragma once

#include "parse/Findings.h"
#include <deque>
#include <memory>

namespace iptlint::parse {

struct ShellRedirect {
  llvm::StringRef op;     ///< "2>", "<<-"
  llvm::StringRef target; ///< the word behind it, as written
  llvm::StringRef body;   ///< of `<<` and `<<-`, the lines of the here-document
  bool literal = false;   ///< its end was quoted: nothing in it is expanded
};

enum class ShellKind : uint8_t {
  Simple,   ///< assignments and words
  If,       ///< parts: condition, body, condition, body ... and perhaps the body of `else`
  For,      ///< words: the variable and what it takes on, or `overArguments`; one part
  While,    ///< or until; parts: condition, body
  Case,     ///< words: what is looked at; a part for each branch
  Group,    ///< `{ }`; one part
  Subshell, ///< `( )`; one part
  Function, ///< words: its name; one part
};

/// How a command hangs on the one before it.
enum class ShellJoin : uint8_t { Next, And, Or, Pipe };

struct ShellCommand;
using ShellList = std::vector<ShellCommand>;

struct ShellCommand {
  ShellKind kind = ShellKind::Simple;
  ShellJoin join = ShellJoin::Next;
  bool negated = false;               ///< `!` before it
  bool overArguments = false;         ///< `for NAME do`: as if `in "$@"` stood there
  std::vector<llvm::StringRef> words; ///< as written
  std::vector<ShellRedirect> redirects;
  std::vector<ShellList> parts;
  support::SourceRange at;
};

/// Reads the commands of a script one by one, so that a list of commands takes no more memory than its longest.
class ShellTree {
public:
  /// \p findings  gets what is wrong with the text, and must be of \p source.
  ShellTree(const support::Source &source, Findings &findings);
  ~ShellTree();

  /// The next list up to the end of its line; empty lists are skipped. False at the end of the text.
  /// After an error the rest of the line is skipped.
  bool next(ShellList &list);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
