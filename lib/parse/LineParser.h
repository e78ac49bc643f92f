// A generated lexer and parser that read one line after the other, kept between lines.
//
// What is read of a tree, and the words in which an error is told, are for whoever reads such lines.
#pragma once

#include "parse/ByteStream.h"
#include "llvm/ADT/StringRef.h"
#include <functional>
#include <memory>

namespace iptlint::parse {

/// \tparam Listener  an antlr4 error listener that keeps the first error of a line; its begin(line) starts a new one.
/// Not for two threads at once.
template <typename Lexer, typename Parser, typename Listener> class LineParser {
public:
  LineParser() {
    lexer.removeErrorListeners();
    parser.removeErrorListeners();
    parser.addErrorListener(&errors);
  }
  LineParser(const LineParser &) = delete;

  /// The line's tree by one of the parser's start rules, or by what calls one. The quick way first; a line that it
  /// gives up on is parsed again by the way that can say where the error is.
  template <typename Start> auto parse(llvm::StringRef text, Start start) {
    line = text;
    errors.begin(text);
    try {
      rewind(antlr4::atn::PredictionMode::SLL, giveUp);
      return std::invoke(start, parser);
    } catch (const antlr4::ParseCancellationException &) {
      rewind(antlr4::atn::PredictionMode::LL, goOn);
      return std::invoke(start, parser);
    }
  }

protected:
  llvm::StringRef slice(antlr4::Token *token) const {
    return line.slice(token->getStartIndex(), token->getStopIndex() + 1);
  }

  ByteStream bytes;
  Lexer lexer{&bytes};
  antlr4::CommonTokenStream tokens{&lexer};
  Parser parser{&tokens};
  Listener errors;
  llvm::StringRef line; ///< the last that was parsed

private:
  void rewind(antlr4::atn::PredictionMode mode, const std::shared_ptr<antlr4::ANTLRErrorStrategy> &strategy) {
    bytes.set(line);
    lexer.setInputStream(&bytes);
    tokens.setTokenSource(&lexer);
    parser.setTokenStream(&tokens);
    parser.setErrorHandler(strategy);
    parser.template getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
  }

  std::shared_ptr<antlr4::ANTLRErrorStrategy> giveUp = std::make_shared<antlr4::BailErrorStrategy>();
  std::shared_ptr<antlr4::ANTLRErrorStrategy> goOn = std::make_shared<antlr4::DefaultErrorStrategy>();
};

} // namespace iptlint::parse
