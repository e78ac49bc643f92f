#include "parse/WordTokens.h"
#include "IptablesLexer.h"

namespace iptlint::parse {

using grammar::IptablesLexer;

constexpr llvm::StringLiteral kBlanks = " \t";
constexpr llvm::StringLiteral kNotPlain = " \t\"";

static size_t skip(llvm::StringRef text, size_t from, llvm::StringRef characters) {
  return std::min(text.find_first_not_of(characters, from), text.size());
}

/// Where the plain characters from \p from on end.
static size_t plainEnd(llvm::StringRef text, size_t from) {
  return std::min(text.find_first_of(kNotPlain, from), text.size());
}

/// Behind the quote that closes the one at \p from; npos where there is none, or no quote.
static size_t stringEnd(llvm::StringRef text, size_t from) {
  if (from == text.size() || text[from] != '"')
    return llvm::StringRef::npos;
  for (size_t at = from + 1; at < text.size(); ++at) {
    if (text[at] == '"')
      return at + 1;
    if (text[at] == '\\')
      ++at;
  }
  return llvm::StringRef::npos;
}

/// `[12:3456]`
static bool isCounters(llvm::StringRef word) {
  auto isNumber = [](llvm::StringRef text) { return !text.empty() && text.find_first_not_of("0123456789") == llvm::StringRef::npos; };
  if (!word.consume_front("[") || !word.consume_back("]"))
    return false;
  auto [packets, bytes] = word.split(':');
  return isNumber(packets) && isNumber(bytes);
}

void WordTokens::set(llvm::StringRef line, ByteStream &bytes) {
  text = line;
  at = 0;
  input = &bytes;
}

WordTokens::Cut WordTokens::cutWord() const {
  size_t end = plainEnd(text, at);
  if (size_t closed = stringEnd(text, end); closed != llvm::StringRef::npos)
    return {IptablesLexer::QUOTED, skip(text, closed, kBlanks)};
  if (end == at)
    return {IptablesLexer::ERRCHAR, at + 1};
  llvm::StringRef word = text.slice(at, end);
  size_t type = word[0] == '-' ? IptablesLexer::OPTION : word == "!" ? IptablesLexer::NOT : IptablesLexer::VALUE;
  return {type, skip(text, end, kBlanks)};
}

WordTokens::Cut WordTokens::cutFirst() const {
  switch (text[0]) {
  case '#':
    return {IptablesLexer::COMMENT, std::min(text.find('\n'), text.size())};
  case '*':
    return {IptablesLexer::STAR, skip(text, 1, kBlanks)};
  case ':':
    return {IptablesLexer::COLON, skip(text, 1, kBlanks)};
  default:
    break;
  }
  Cut cut = cutWord();
  llvm::StringRef word = text.take_front(plainEnd(text, 0));
  if (cut.type == IptablesLexer::VALUE && isCounters(word))
    cut.type = IptablesLexer::COUNTERS;
  // With blanks behind it, it is a word.
  if (cut.type == IptablesLexer::VALUE && word == "COMMIT" && cut.end == word.size())
    cut.type = IptablesLexer::COMMIT;
  return cut;
}

WordTokens::Cut WordTokens::cut() {
  return at == 0 ? cutFirst() : cutWord();
}

std::unique_ptr<antlr4::Token> WordTokens::token(size_t type, size_t first, size_t end) {
  return getTokenFactory()->create({this, input}, type, "", antlr4::Token::DEFAULT_CHANNEL, first, end - 1, getLine(), first);
}

std::unique_ptr<antlr4::Token> WordTokens::nextToken() {
  at = skip(text, at, kBlanks);
  if (at == text.size())
    return token(antlr4::Token::EOF, at, at);
  Cut next = cut();
  size_t first = std::exchange(at, next.end);
  return token(next.type, first, next.end);
}

} // namespace iptlint::parse
