// Any lines, cut into tokens by hand and by the generated lexer: the same tokens at the same places, and the same is read from
// them, errors with their words and places included.
#include "Demand.h"
#include "IptablesLexer.h"
#include "parse/Line.h"
#include "parse/WordTokens.h"

using namespace iptlint;
using fuzz::demand;

static std::string tokensOf(antlr4::TokenSource &source) {
  std::string text;
  while (true) {
    std::unique_ptr<antlr4::Token> token = source.nextToken();
    text += std::to_string(token->getType()) + "@" + std::to_string(token->getStartIndex()) + "-" + std::to_string(token->getStopIndex()) +
            "/" + std::to_string(token->getChannel()) + " ";
    if (token->getType() == antlr4::Token::EOF)
      return text;
  }
}

static std::string generatedTokens(llvm::StringRef line) {
  parse::ByteStream bytes;
  bytes.set(line);
  grammar::IptablesLexer lexer(&bytes);
  lexer.removeErrorListeners();
  return tokensOf(lexer);
}

static std::string tokensByHand(llvm::StringRef line) {
  parse::ByteStream bytes;
  bytes.set(line);
  parse::WordTokens words;
  words.set(line, bytes);
  return tokensOf(words);
}

static bool same(llvm::StringRef left, llvm::StringRef right) {
  return left.data() == right.data() && left.size() == right.size();
}

/// Slices of one line count as the same where they are at the same place.
static bool same(const parse::Line &left, const parse::Line &right) {
  if (left.kind != right.kind || left.counters != right.counters || left.words.size() != right.words.size() ||
      left.fault.has_value() != right.fault.has_value())
    return false;
  for (size_t i = 0; i != left.words.size(); ++i)
    if (!same(left.words[i], right.words[i]))
      return false;
  return !left.fault || (same(left.fault->at, right.fault->at) && left.fault->message == right.fault->message);
}

static void compare(llvm::StringRef line, parse::LineReader &byHand, parse::LineReader &generated) {
  demand(tokensByHand(line) == generatedTokens(line), "the tokens differ", line);
  parse::Line left, right;
  byHand.read(line, left);
  generated.read(line, right);
  demand(same(left, right), "what is read differs", line);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static parse::LineReader byHand(parse::Lexer::ByHand), generated(parse::Lexer::Generated);
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  // The whole as one line as well: then there are ends of lines in it.
  compare(text, byHand, generated);
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    compare(line, byHand, generated);
    text = rest;
  }
  return 0;
}
