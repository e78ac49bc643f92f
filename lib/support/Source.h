// A text that was read, and places in it.
//
// Everything the tool says points into a Source: findings, rules, words. A place
// is a byte range, four bytes each, so that rules stay small; lines and columns
// are computed when something is printed. Columns count bytes from 1.
//
// The text is kept as it was read: any byte may occur, and the IR holds slices
// of it, so a Source must outlive what was parsed from it (ir::Ruleset holds a
// shared pointer for that).
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace iptlint::support {

/// A half-open byte range of one Source.
struct SourceRange {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const SourceRange &) const = default;
};

/// Line and column, both from 1; the column counts bytes.
struct LineColumn {
  unsigned line = 0;
  unsigned column = 0;
};

class Source {
public:
  /// The largest text that is read, in bytes: offsets have 32 bits, and a
  /// rule set of this size is a mistake.
  static constexpr uint64_t kMaxBytes = uint64_t(1) << 30;

  /// Reads \p path; "-" is standard input.
  /// Fails when it cannot be opened, is a directory, or is kMaxBytes or longer.
  static llvm::Expected<std::shared_ptr<const Source>> read(llvm::StringRef path);

  /// A text that is in memory already; \p name stands for its path in messages.
  static std::shared_ptr<const Source> fromText(llvm::StringRef text, llvm::StringRef name = "-");

  llvm::StringRef path() const { return name; }
  llvm::StringRef text() const { return buffer->getBuffer(); }
  llvm::StringRef slice(SourceRange range) const { return text().slice(range.begin, range.end); }

  /// The range of a slice of this text. \p part must point into text().
  SourceRange rangeOf(llvm::StringRef part) const;

  LineColumn lineColumn(uint32_t offset) const;

  /// The line that holds \p offset, without its line end.
  llvm::StringRef lineAt(uint32_t offset) const;

private:
  Source(std::unique_ptr<llvm::MemoryBuffer> buffer, std::string name);

  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::string name;
  std::vector<uint32_t> lineStarts;
};

} // namespace iptlint::support
