// Bytes as ANTLR's input: one symbol per byte, 0 to 255.
//
// ANTLR's own stream decodes UTF-8 and throws where text is something else; rules
// and device names may hold any bytes. The bytes are not copied, and the stream is
// meant to be set to one line after the other.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <antlr4-runtime.h>

namespace iptlint::parse {

class ByteStream final : public antlr4::CharStream {
public:
  /// Starts again with \p text, which must outlive its use.
  void set(llvm::StringRef text);

  void consume() override;
  size_t LA(ssize_t i) override;
  ssize_t mark() override { return -1; } // everything is in memory: nothing to keep
  void release(ssize_t) override {}
  size_t index() override { return at; }
  void seek(size_t index) override;
  size_t size() override { return text.size(); }
  std::string getSourceName() const override { return "line"; }
  std::string getText(const antlr4::misc::Interval &interval) override;
  std::string toString() const override { return text.str(); }

private:
  llvm::StringRef text;
  size_t at = 0;
};

} // namespace iptlint::parse
