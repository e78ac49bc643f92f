// What the words of a shell script expand to, as far as the script itself says it.
//
// Knows quotes, variables that the script sets, positional parameters of its own functions, and `$(which iptables)`.
// Whatever else only a shell on the machine can know is unknown, and stays as it was written.
#pragma once

#include "support/Source.h"
#include "llvm/ADT/StringMap.h"
#include <optional>

namespace iptlint::parse {

/// One word after expansion.
struct ShellField {
  std::string text;          ///< as written where it is not known
  bool known = true;         ///< false: it may be any text, and any number of words where it is not quoted
  support::SourceRange from; ///< the word that it comes from
};

class ShellVariables {
public:
  /// Nothing for what is not known.
  std::optional<std::string> find(llvm::StringRef name) const;
  void set(llvm::StringRef name, std::optional<std::string> value) { values[name] = std::move(value); }
  void forget() { values.clear(); }
  /// Where the two differ, nothing is known any more.
  void meet(const ShellVariables &other);

  /// `$1` and so on, of the function that is called; nothing outside of one.
  std::optional<std::vector<std::string>> arguments;

private:
  llvm::StringMap<std::optional<std::string>> values;
};

/// What `"$@"` expands to, as if it stood at \p from: one field that is not known where the arguments are not.
std::vector<ShellField> expandArguments(support::SourceRange from, const ShellVariables &variables);

/// The words that \p word, a slice of \p source, expands to.
std::vector<ShellField> expandWord(const support::Source &source, llvm::StringRef word,
                                   const ShellVariables &variables);

/// The same where words are not split: a value of a variable, a line of a here-document.
ShellField expandText(const support::Source &source, llvm::StringRef word, const ShellVariables &variables);
/// Of a here-document that is expanded: quotes are characters like others.
ShellField expandLine(const support::Source &source, llvm::StringRef line, const ShellVariables &variables);

/// NAME of `NAME=value`; empty where the word is no assignment.
llvm::StringRef assignedName(llvm::StringRef word);

} // namespace iptlint::parse
