// The tokens of one line of iptables-save text, cut by hand.
//
// The same tokens as the generated IptablesLexer gives, at a quarter of its cost: reading spent two thirds of its time in that lexer's
// simulation of an automaton, and a line is no more than words parted by blanks. grammar/IptablesLexer.g4 stays what says
// which tokens there are; test/fuzz/TokensFuzzer.cpp and test/parse/tokens-corpus.test compare the two.
#pragma once

#include "parse/ByteStream.h"
#include "llvm/ADT/StringRef.h"
#include <antlr4-runtime.h>

namespace iptlint::parse {

class WordTokens final : public antlr4::TokenSource {
public:
  /// Starts with a line, without its end. What \p bytes is set to must be \p line.
  void set(llvm::StringRef line, ByteStream &bytes);

  std::unique_ptr<antlr4::Token> nextToken() override;
  size_t getLine() const override { return 1; }
  size_t getCharPositionInLine() override { return at; }
  antlr4::CharStream *getInputStream() override { return input; }
  std::string getSourceName() override { return input->getSourceName(); }
  antlr4::TokenFactory<antlr4::CommonToken> *getTokenFactory() override {
    return antlr4::CommonTokenFactory::DEFAULT.get();
  }

private:
  /// A token from `at` on.
  struct Cut {
    size_t type;
    size_t end;
  };
  Cut cut();
  Cut cutFirst() const;
  Cut cutWord() const;
  std::unique_ptr<antlr4::Token> token(size_t type, size_t first, size_t end);

  llvm::StringRef text;
  size_t at = 0;
  ByteStream *input = nullptr;
};

} // namespace iptlint::parse
