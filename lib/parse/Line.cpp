#include "parse/Line.h"
#include "IptablesLexer.h"
#include "IptablesParser.h"
#include "parse/ByteStream.h"
#include "parse/WordTokens.h"
#include <fmt/format.h>

namespace iptlint::parse {

using antlr4::atn::PredictionMode;
using grammar::IptablesLexer;
using grammar::IptablesParser;

/// A token's text without the blanks that it takes along.
static llvm::StringRef slice(llvm::StringRef text, const antlr4::Token &token) {
  return text.slice(token.getStartIndex(), token.getStopIndex() + 1).rtrim(" \t");
}

namespace {

/// Keeps the first error of a line, in words that fit a rule file.
class FirstFault final : public antlr4::BaseErrorListener {
public:
  llvm::StringRef text;
  std::optional<Fault> found;

  void syntaxError(antlr4::Recognizer *recognizer, antlr4::Token *offending, size_t, size_t, const std::string &,
                   std::exception_ptr) override {
    if (!found)
      found = describe(*static_cast<IptablesParser *>(recognizer)->getTokenStream(), *offending);
  }

private:
  Fault describe(antlr4::TokenStream &tokens, antlr4::Token &offending) const {
    size_t first = tokens.get(0)->getType();
    if (offending.getType() == antlr4::Token::EOF)
      return {text, unfinished(first)};
    llvm::StringRef at = slice(text, offending);
    if (offending.getType() == IptablesLexer::ERRCHAR)
      return unexpectedByte(at);
    if (first == IptablesLexer::COMMIT || text.startswith("COMMIT "))
      return {at, "COMMIT must stand alone on its line"};
    if (at.startswith("#"))
      return {at, "a comment must begin in the first column"};
    return {at, fmt::format("'{}' is not an option", at)};
  }

  static std::string unfinished(size_t firstToken) {
    if (firstToken == IptablesLexer::STAR)
      return "a table without a name";
    if (firstToken == IptablesLexer::COLON)
      return "a chain needs a name and a policy, '-' for a chain of the user";
    return "an option is missing here";
  }

  static Fault unexpectedByte(llvm::StringRef at) {
    if (at == "\"")
      return {at, "this quote is never closed"};
    return {at, fmt::format("unexpected byte {:#04x}", static_cast<unsigned char>(at[0]))};
  }
};

} // namespace

struct LineReader::Machine {
  const Lexer kind;
  ByteStream bytes;
  IptablesLexer lexer{&bytes};
  WordTokens words;
  antlr4::CommonTokenStream tokens{&words};
  IptablesParser parser{&tokens};
  std::shared_ptr<antlr4::ANTLRErrorStrategy> bail = std::make_shared<antlr4::BailErrorStrategy>();
  std::shared_ptr<antlr4::ANTLRErrorStrategy> recover = std::make_shared<antlr4::DefaultErrorStrategy>();
  FirstFault firstFault;

  explicit Machine(Lexer kind) : kind(kind) {
    lexer.removeErrorListeners();
    parser.removeErrorListeners();
    parser.addErrorListener(&firstFault);
    parser.setBuildParseTree(false);
    use(PredictionMode::SLL, bail);
  }

  /// The quick way first; a line that it gives up on is parsed again by the way that can say where the fault is.
  void parse(llvm::StringRef text) {
    firstFault.text = text;
    firstFault.found.reset();
    try {
      rewind(text);
      parser.line();
    } catch (const antlr4::ParseCancellationException &) {
      rewind(text);
      use(PredictionMode::LL, recover);
      parser.line();
      use(PredictionMode::SLL, bail);
    }
  }

private:
  void rewind(llvm::StringRef text) {
    bytes.set(text);
    if (kind == Lexer::Generated) {
      lexer.setInputStream(&bytes);
      tokens.setTokenSource(&lexer);
    } else {
      words.set(text, bytes);
      tokens.setTokenSource(&words);
    }
    parser.setTokenStream(&tokens);
  }

  void use(PredictionMode mode, std::shared_ptr<antlr4::ANTLRErrorStrategy> strategy) {
    parser.setErrorHandler(std::move(strategy));
    parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
  }
};

LineReader::LineReader(Lexer lexer) : machine(std::make_unique<Machine>(lexer)) {}
LineReader::~LineReader() = default;

static LineKind kindOf(size_t firstToken) {
  switch (firstToken) {
  case antlr4::Token::EOF:
    return LineKind::Blank;
  case IptablesLexer::COMMENT:
    return LineKind::Comment;
  case IptablesLexer::STAR:
    return LineKind::Table;
  case IptablesLexer::COLON:
    return LineKind::Chain;
  case IptablesLexer::COMMIT:
    return LineKind::Commit;
  default:
    return LineKind::Command;
  }
}

void LineReader::read(llvm::StringRef text, Line &line) {
  machine->parse(text);
  line.words.clear();
  line.counters = {};
  line.fault = machine->firstFault.found;
  const auto tokens = machine->tokens.getTokens();
  line.kind = kindOf(tokens.front()->getType());
  for (const antlr4::Token *token : tokens) {
    switch (token->getType()) {
    case IptablesLexer::OPTION:
    case IptablesLexer::NOT:
    case IptablesLexer::VALUE:
    case IptablesLexer::QUOTED:
      line.words.push_back(slice(text, *token));
      break;
    case IptablesLexer::COUNTERS:
      line.counters = slice(text, *token);
      break;
    default:
      break;
    }
  }
}

} // namespace iptlint::parse
