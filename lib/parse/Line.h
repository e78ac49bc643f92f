// One line of iptables-save text, split by its shape and not yet understood.
//
// Here ends what ANTLR is for: the rest of the reader works on the slices below.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <optional>
#include <string>

namespace iptlint::parse {

enum class LineKind : uint8_t {
  Blank,
  Comment,
  Table,   ///< `*filter`
  Chain,   ///< `:INPUT ACCEPT [12:3456]`
  Commit,
  Command, ///< `-A INPUT -j DROP`, `[12:3456] -A ...`, `-N`, `-P` ...
};

/// What is wrong, and with which part of a line.
struct Fault {
  llvm::StringRef at;
  std::string message;
};

/// All texts are slices of the line.
struct Line {
  LineKind kind = LineKind::Blank;
  /// Of a Command all words but the counters; of a Table and a Chain those behind `*` and `:`.
  llvm::SmallVector<llvm::StringRef, 32> words;
  llvm::StringRef counters; ///< `[12:3456]` in front of a Command; empty if none
  std::optional<Fault> fault; ///< with it, the rest is not to be used
};

/// What cuts a line into words. Both give the same tokens: the generated lexer is what says which, the other one is quick.
enum class Lexer : uint8_t { ByHand, Generated };

/// Reads lines one by one, keeping the generated parser between them. Not for two threads at once.
class LineReader {
public:
  explicit LineReader(Lexer lexer = Lexer::ByHand);
  ~LineReader();

  /// \p text  a line without its end.
  /// \param line  is overwritten, so that its memory is used again.
  void read(llvm::StringRef text, Line &line);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
