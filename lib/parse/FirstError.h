// The first error of a line that a generated parser met, in words for whoever wrote the line.
#pragma once

#include "parse/ByteStream.h"
#include "parse/LineError.h"
#include <fmt/format.h>
#include <optional>

namespace iptlint::parse {

/// For LineParser. \tparam kAnyByte  the token of a byte that is part of no word.
template <size_t kAnyByte> class FirstError final : public antlr4::BaseErrorListener {
public:
  std::optional<LineError> found;

  void begin(llvm::StringRef text) {
    line = text;
    found.reset();
  }

  void syntaxError(antlr4::Recognizer *recognizer, antlr4::Token *offending, size_t, size_t, const std::string &,
                   std::exception_ptr) override {
    if (!found)
      found = describe(*static_cast<antlr4::Parser *>(recognizer)->getTokenStream(), *offending);
  }

private:
  llvm::StringRef line;

  LineError describe(antlr4::TokenStream &tokens, antlr4::Token &offending) const {
    if (offending.getType() != antlr4::Token::EOF)
      return {slice(offending), unexpected(offending)};
    if (offending.getTokenIndex() == 0)
      return {line, "nothing stands in this line"};
    antlr4::Token &last = *tokens.get(offending.getTokenIndex() - 1);
    return {slice(last), fmt::format("nothing follows \"{}\"", slice(last))};
  }

  std::string unexpected(antlr4::Token &token) const {
    if (token.getType() == kAnyByte)
      return fmt::format("unexpected byte {:#04x}", static_cast<unsigned char>(slice(token)[0]));
    return fmt::format("unexpected \"{}\"", slice(token));
  }

  llvm::StringRef slice(antlr4::Token &token) const {
    return line.slice(token.getStartIndex(), token.getStopIndex() + 1);
  }
};

} // namespace iptlint::parse
