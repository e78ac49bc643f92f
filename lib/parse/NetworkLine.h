// One line of `ip rule`, `ip addr`, `ip link` or `bridge link`, split by its shape and not yet understood.
//
// Here ends what ANTLR is for: the readers work on the slices below.
#pragma once

#include "parse/LineError.h"
#include <memory>
#include <optional>
#include <vector>

namespace iptlint::parse {

/// A keyword with its value, or a word that stands alone: its value is then empty.
struct LinePart {
  llvm::StringRef keyword, value;
};

/// All texts are slices of the line; what the line has none of is empty. With an error, what comes before it is there.
struct NetworkLine {
  std::vector<llvm::StringRef> words;
  llvm::StringRef index; ///< of an interface, or a rule's preference; without its colon
  bool negated = false;  ///< of a rule: `not`
  llvm::StringRef name;  ///< of an interface, without its colon: `em1@if5`
  llvm::StringRef flags; ///< `<BROADCAST,UP>`
  llvm::StringRef address, peer;
  std::vector<LinePart> parts;
  std::optional<LineError> error;
};

/// Reads lines one by one, keeping the generated parser between them. Not for two threads at once.
class NetworkLineReader {
public:
  /// A longer line than this, in bytes, is an error.
  static constexpr size_t kMaxBytes = 1 << 16;

  NetworkLineReader();
  ~NetworkLineReader();

  /// `100: from 10.0.0.0/8 lookup 100`
  NetworkLine rule(llvm::StringRef line);
  /// `2: em1@if5: <BROADCAST,UP> mtu 1500`
  NetworkLine link(llvm::StringRef line);
  /// `inet 10.0.0.1/24 scope global em1`, with `2: em1` in front in one-line form
  NetworkLine address(llvm::StringRef line);
  /// Any other.
  NetworkLine plain(llvm::StringRef line);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
