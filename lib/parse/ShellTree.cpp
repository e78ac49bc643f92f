#include "parse/ShellTree.h"
#include "ShellLexer.h"
#include "parse/ByteStream.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using grammar::ShellLexer;

namespace {

struct Token {
  size_t type = antlr4::Token::EOF;
  llvm::StringRef text;
};

/// Ends the reading of a command that is no command; next() goes on behind its line.
struct Broken {};

} // namespace

struct ShellTree::Machine {
  Machine(const support::Source &source, Findings &findings) : text(source.text()), findings(findings) {
    bytes.set(text);
    lexer.setInputStream(&bytes);
    lexer.removeErrorListeners();
    advance();
  }

  bool next(ShellList &list);

private:
  // Tokens.
  void advance();
  bool is(size_t type) const { return token.type == type; }
  bool isWord(llvm::StringRef word) const { return is(ShellLexer::WORD) && token.text == word; }
  bool isEnd(llvm::ArrayRef<llvm::StringRef> ends) const {
    return is(ShellLexer::WORD) && llvm::is_contained(ends, token.text);
  }
  void skipBodies();
  void skipNewlines();
  void expect(llvm::StringRef word);
  llvm::StringRef takeWord();
  [[noreturn]] void fail();

  // Commands.
  ShellList readList(llvm::ArrayRef<llvm::StringRef> ends, bool oneLine);
  ShellCommand readCommand();
  void readIf(ShellCommand &command);
  void readFor(ShellCommand &command);
  void readWhile(ShellCommand &command, llvm::StringRef keyword);
  void readCase(ShellCommand &command);
  void readFunction(ShellCommand &command);
  void readSimple(ShellCommand &command);
  bool readRedirect(ShellCommand &command);
  void readBody(ShellRedirect &redirect, llvm::StringRef end, bool indented);
  void readRedirects(ShellCommand &command) {
    while (readRedirect(command))
      ;
  }

  llvm::StringRef text;
  Findings &findings;
  ByteStream bytes;
  ShellLexer lexer{&bytes};
  Token token;
  size_t behindBodies = 0; ///< where the lexer goes on at the end of this line; 0: right behind it
  unsigned depth = 0;
};

void ShellTree::Machine::advance() {
  auto next = lexer.nextToken();
  token = {next->getType(), {}};
  if (token.type != antlr4::Token::EOF)
    token.text = text.slice(next->getStartIndex(), next->getStopIndex() + 1);
  if (token.type == ShellLexer::NEWLINE)
    skipBodies();
}

void ShellTree::Machine::skipBodies() {
  if (behindBodies != 0)
    bytes.seek(behindBodies);
  behindBodies = 0;
}

void ShellTree::Machine::fail() {
  if (is(antlr4::Token::EOF))
    findings.error(text.take_back(1), "the script ends within a command");
  else if (is(ShellLexer::ERRCHAR))
    findings.error(token.text, "this quote or expansion is never closed");
  else if (is(ShellLexer::NEWLINE))
    findings.error(token.text, "the command ends too early");
  else
    findings.error(token.text, fmt::format("'{}' cannot stand here in a shell script", token.text.str()));
  throw Broken();
}

void ShellTree::Machine::skipNewlines() {
  while (is(ShellLexer::NEWLINE))
    advance();
}

void ShellTree::Machine::expect(llvm::StringRef word) {
  if (!isWord(word))
    fail();
  advance();
}

llvm::StringRef ShellTree::Machine::takeWord() {
  if (!is(ShellLexer::WORD))
    fail();
  llvm::StringRef word = token.text;
  advance();
  return word;
}

bool ShellTree::Machine::next(ShellList &list) {
  list.clear();
  while (!is(antlr4::Token::EOF) && list.empty()) {
    try {
      depth = 0;
      skipNewlines();
      if (is(antlr4::Token::EOF))
        break;
      list = readList({}, /*oneLine=*/true);
      if (list.empty() && !is(ShellLexer::NEWLINE) && !is(antlr4::Token::EOF))
        fail();
    } catch (const Broken &) {
      list.clear();
      while (!is(ShellLexer::NEWLINE) && !is(antlr4::Token::EOF))
        advance();
    }
  }
  return !list.empty();
}

/// Commands up to one of \p ends, a `)` or `;;`; with \p oneLine up to the end of the line.
ShellList ShellTree::Machine::readList(llvm::ArrayRef<llvm::StringRef> ends, bool oneLine) {
  ShellList list;
  ShellJoin join = ShellJoin::Next;
  for (;;) {
    if (!oneLine || join != ShellJoin::Next)
      skipNewlines();
    if (is(antlr4::Token::EOF) || is(ShellLexer::CLOSE) || is(ShellLexer::CASE_END) || is(ShellLexer::NEWLINE) ||
        isEnd(ends))
      break;
    list.push_back(readCommand());
    list.back().join = join;
    if (is(ShellLexer::AND) || is(ShellLexer::OR) || is(ShellLexer::PIPE))
      join = is(ShellLexer::AND) ? ShellJoin::And : is(ShellLexer::OR) ? ShellJoin::Or : ShellJoin::Pipe;
    else if (is(ShellLexer::SEMICOLON) || is(ShellLexer::AMPERSAND))
      join = ShellJoin::Next;
    else if (is(ShellLexer::NEWLINE) && !oneLine) {
      join = ShellJoin::Next;
      continue;
    } else
      break;
    advance();
  }
  if (join != ShellJoin::Next && (list.empty() || is(antlr4::Token::EOF)))
    fail();
  return list;
}

ShellCommand ShellTree::Machine::readCommand() {
  constexpr unsigned kMostDepth = 200;
  ShellCommand command;
  const char *begin = token.text.begin();
  while (isWord("!")) {
    command.negated = !command.negated;
    advance();
  }
  if (++depth > kMostDepth)
    fail();
  static constexpr llvm::StringLiteral reserved[] = {"then", "elif", "else", "fi", "do", "done", "esac", "}", "in"};
  if (is(ShellLexer::WORD) && llvm::is_contained(reserved, token.text) && token.text != "in")
    fail();
  if (isWord("if"))
    readIf(command);
  else if (isWord("for") || isWord("select"))
    readFor(command);
  else if (isWord("while") || isWord("until"))
    readWhile(command, token.text);
  else if (isWord("case"))
    readCase(command);
  else if (isWord("function"))
    readFunction(command);
  else if (isWord("{") || is(ShellLexer::OPEN)) {
    bool group = is(ShellLexer::WORD);
    command.kind = group ? ShellKind::Group : ShellKind::Subshell;
    advance();
    command.parts.push_back(readList({group ? "}" : ")"}, /*oneLine=*/false));
    if (group)
      expect("}");
    else if (is(ShellLexer::CLOSE))
      advance();
    else
      fail();
  } else
    readSimple(command);
  if (command.kind != ShellKind::Simple)
    readRedirects(command);
  --depth;
  command.at = findings.source.rangeOf(llvm::StringRef(begin, 0));
  command.at.end = token.text.empty() ? uint32_t(text.size()) : uint32_t(token.text.begin() - text.begin());
  command.at.end = command.at.begin + uint32_t(text.slice(command.at.begin, command.at.end).rtrim(" \t\r\n").size());
  return command;
}

void ShellTree::Machine::readIf(ShellCommand &command) {
  command.kind = ShellKind::If;
  do {
    advance();
    command.parts.push_back(readList({"then"}, false));
    expect("then");
    command.parts.push_back(readList({"elif", "else", "fi"}, false));
  } while (isWord("elif"));
  if (isWord("else")) {
    advance();
    command.parts.push_back(readList({"fi"}, false));
  }
  expect("fi");
}

void ShellTree::Machine::readFor(ShellCommand &command) {
  command.kind = ShellKind::For;
  advance();
  command.words.push_back(takeWord());
  skipNewlines();
  if (isWord("in")) {
    advance();
    while (is(ShellLexer::WORD))
      command.words.push_back(takeWord());
  } else
    command.overArguments = !command.words[0].startswith("((");
  if (is(ShellLexer::SEMICOLON))
    advance();
  skipNewlines();
  expect("do");
  command.parts.push_back(readList({"done"}, false));
  expect("done");
}

void ShellTree::Machine::readWhile(ShellCommand &command, llvm::StringRef keyword) {
  command.kind = ShellKind::While;
  command.words.push_back(keyword);
  advance();
  command.parts.push_back(readList({"do"}, false));
  expect("do");
  command.parts.push_back(readList({"done"}, false));
  expect("done");
}

void ShellTree::Machine::readCase(ShellCommand &command) {
  command.kind = ShellKind::Case;
  advance();
  command.words.push_back(takeWord());
  skipNewlines();
  expect("in");
  for (skipNewlines(); !isWord("esac"); skipNewlines()) {
    if (is(ShellLexer::OPEN))
      advance();
    takeWord();
    while (is(ShellLexer::PIPE)) {
      advance();
      takeWord();
    }
    if (!is(ShellLexer::CLOSE))
      fail();
    advance();
    command.parts.push_back(readList({"esac"}, false));
    if (is(ShellLexer::CASE_END))
      advance();
    else if (!isWord("esac"))
      fail();
  }
  advance();
}

/// From `function NAME` or, with its `(` ahead, from `NAME` on.
void ShellTree::Machine::readFunction(ShellCommand &command) {
  command.kind = ShellKind::Function;
  if (isWord("function")) {
    advance();
    command.words.push_back(takeWord());
  }
  if (is(ShellLexer::OPEN)) {
    advance();
    if (!is(ShellLexer::CLOSE))
      fail();
    advance();
  }
  skipNewlines();
  command.parts.emplace_back().push_back(readCommand());
}

void ShellTree::Machine::readSimple(ShellCommand &command) {
  for (;;) {
    if (is(ShellLexer::WORD))
      command.words.push_back(takeWord());
    else if (!readRedirect(command))
      break;
    if (is(ShellLexer::OPEN) && command.words.size() == 1)
      return readFunction(command);
  }
  if (command.words.empty() && command.redirects.empty())
    fail();
}

static llvm::StringRef unquotedEnd(llvm::StringRef word) {
  if (word.size() > 1 && (word.front() == '\'' || word.front() == '"') && word.back() == word.front())
    return word.drop_front().drop_back();
  return word.startswith("\\") ? word.drop_front() : word;
}

/// The lines from \p at up to the one that is \p end; \p at becomes what is behind it.
static llvm::StringRef takeBody(llvm::StringRef text, size_t &at, llvm::StringRef end, bool indented) {
  size_t begin = at;
  while (at < text.size()) {
    size_t lineBegin = at;
    llvm::StringRef line = text.drop_front(at).split('\n').first;
    at = std::min(text.size(), at + line.size() + 1);
    line = line.rtrim("\r");
    if ((indented ? line.ltrim("\t") : line) == end)
      return text.slice(begin, lineBegin);
  }
  return text.drop_front(begin);
}

/// A here-document begins behind the line that the lexer is in, which goes on behind it.
void ShellTree::Machine::readBody(ShellRedirect &redirect, llvm::StringRef end, bool indented) {
  size_t at = behindBodies;
  if (at == 0) {
    size_t lineEnd = text.find('\n', size_t(redirect.target.end() - text.begin()));
    at = lineEnd == llvm::StringRef::npos ? text.size() : lineEnd + 1;
  }
  redirect.body = takeBody(text, at, end, indented);
  behindBodies = at;
  if (is(ShellLexer::NEWLINE))
    skipBodies();
}

bool ShellTree::Machine::readRedirect(ShellCommand &command) {
  if (!is(ShellLexer::REDIRECT))
    return false;
  ShellRedirect redirect;
  redirect.op = token.text;
  advance();
  redirect.target = takeWord();
  llvm::StringRef op = redirect.op.ltrim("0123456789");
  if (op == "<<" || op == "<<-") {
    llvm::StringRef end = unquotedEnd(redirect.target);
    redirect.literal = end != redirect.target;
    readBody(redirect, end, op == "<<-");
  }
  command.redirects.push_back(redirect);
  return true;
}

ShellTree::ShellTree(const support::Source &source, Findings &findings)
    : machine(std::make_unique<Machine>(source, findings)) {}
ShellTree::~ShellTree() = default;

bool ShellTree::next(ShellList &list) {
  return machine->next(list);
}

} // namespace iptlint::parse
