// One line of ipset's, split by its shape and not yet understood.
//
// Here ends what ANTLR is for: the rest of the reader works on the slices below.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace iptlint::parse {

enum class SetVerb : uint8_t {
  Create,
  Add,
  Del,
  Destroy,
  Flush,
  Rename,
  Swap,
  Other,   ///< changes no set: list, test, restore ...
  Heading, ///< `Name: blocked`, in the output of `ipset list`
  Member,  ///< a member there
};

/// All texts are slices of the line, quotes included.
struct SetLine {
  SetVerb verb = SetVerb::Other;
  bool exist = false;                ///< -exist, -!
  std::vector<llvm::StringRef> words; ///< behind the verb, without flags; of a Heading and a Member, all
  llvm::StringRef faultAt;           ///< where the line has no shape that is known
  std::string fault;                 ///< what is wrong there; empty: nothing
};

/// Reads lines one by one, keeping the generated parser between them. Not for two threads at once.
class SetLineReader {
public:
  /// A longer line than this, in bytes, is an error.
  static constexpr size_t kMaxBytes = 1 << 16;

  SetLineReader();
  ~SetLineReader();

  /// `add blocked 10.0.0.1`, perhaps with `sudo ipset` in front
  SetLine statement(llvm::StringRef line);
  /// `Header: family inet hashsize 1024 maxelem 65536`
  SetLine heading(llvm::StringRef line);
  /// `10.0.0.1 timeout 30`
  SetLine member(llvm::StringRef line);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
