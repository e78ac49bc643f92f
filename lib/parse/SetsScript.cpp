#include "parse/SetsScript.h"
#include "parse/Blanks.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace iptlint::parse {

using llvm::StringRef;

/// `ipset`, `/usr/sbin/ipset`
static bool isIpset(StringRef word) { return word == "ipset" || word.endswith("/ipset"); }

/// `$IPSET`, `"${ipset}"`, `$(ipset` as well.
static bool namesIpset(StringRef word) {
  return word.trim("\"'`{}()$;").lower() == "ipset" || isIpset(word.trim("\"'`{}()$;"));
}

/// The words of a command of ipset's, its own name left out; empty where the line is none.
static llvm::ArrayRef<StringRef> commandIn(llvm::ArrayRef<StringRef> words) {
  if (!words.empty() && words[0] == "sudo")
    words = words.drop_front();
  return !words.empty() && isIpset(words[0]) ? words.drop_front() : llvm::ArrayRef<StringRef>();
}

/// Options with a dash are left out: so begin the lines of rules.
static bool isVerb(StringRef word) {
  static constexpr llvm::StringLiteral verbs[] = {"create", "new",    "add",  "del",  "destroy", "flush", "rename",
                                                  "swap",   "rename", "test", "list", "save",    "quit",  "COMMIT"};
  return llvm::is_contained(verbs, word);
}

/// Whether a command changes no set.
static bool onlyAsks(llvm::ArrayRef<StringRef> command) {
  static constexpr llvm::StringLiteral asks[] = {"list",   "-L",      "--list", "save",      "-S", "--save",
                                                 "test",   "-T",      "--test", "version",   "-V", "--version",
                                                 "-v",     "help",    "-h",     "--help",    "-n", "-t"};
  return command.empty() || llvm::is_contained(asks, command[0].rtrim(';'));
}

static bool isFurtherHeading(StringRef line) {
  for (StringRef heading : {"Revision:", "Size in memory:", "References:", "Number of entries:", "Members:"})
    if (line.startswith(heading))
      return true;
  return false;
}

static bool isRuleLine(StringRef line) { return line[0] == '-' || line[0] == '*' || line[0] == ':'; }

ScriptState::ScriptState(StringRef text) {
  isScript = text.startswith("#!");
  while (!isScript && !text.empty()) {
    auto [line, rest] = text.split('\n');
    BlankSeparated words = splitAtBlanks(line);
    isScript = !commandIn(words).empty();
    text = rest;
  }
}

/// Keeps count of what a shell runs sometimes, or several times.
void ScriptState::follow(StringRef line) {
  static constexpr llvm::StringLiteral opens[] = {"if", "for", "while", "until", "case", "select", "{", "("};
  static constexpr llvm::StringLiteral closes[] = {"fi", "done", "esac", "}", ")"};
  for (StringRef word : splitAtBlanks(line)) {
    if (word[0] == '#')
      return;
    StringRef plain = word.rtrim(';');
    depth += llvm::is_contained(opens, plain) || plain.endswith("(){");
    depth -= llvm::is_contained(closes, plain);
  }
}

SetTextLine ScriptState::kindOf(StringRef whole) {
  StringRef line = whole.trim(" \t");
  if (line.empty() || line[0] == '#')
    return SetTextLine::Blank;
  BlankSeparated words = splitAtBlanks(line);
  if (llvm::ArrayRef<StringRef> command = commandIn(words); !command.empty()) {
    bool restores = command[0] == "restore" || command[0] == "-R";
    if (restores && line.contains("<<"))
      return SetTextLine::Foreign; // what stands here follows
    return (depth > 0 || restores) && !onlyAsks(command) ? SetTextLine::Sometimes : SetTextLine::Statement;
  }
  if (isVerb(words[0]))
    return SetTextLine::Statement;
  if (words[0] == "Name:" || words[0] == "Type:" || words[0] == "Header:")
    return SetTextLine::Heading;
  if (!isScript)
    return isFurtherHeading(line) || isRuleLine(line) ? SetTextLine::Foreign : SetTextLine::Unknown;
  follow(line);
  bool speaks = words[0] == "echo" || words[0] == "printf";
  for (size_t i = 0; i != words.size() && !speaks; ++i)
    if (namesIpset(words[i]) && !onlyAsks(llvm::makeArrayRef(words).drop_front(i + 1)))
      return SetTextLine::Sometimes;
  return SetTextLine::Foreign;
}

} // namespace iptlint::parse
