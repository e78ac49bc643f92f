// A line of iptables options, taken apart as getopt_long() does it.
//
// Knows which options there are, how many values each takes, where `!` may stand
// and which may stand together; says what is wrong. What options mean is not here.
#pragma once

#include "parse/Findings.h"
#include "parse/Line.h"
#include "parse/Options.h"

namespace iptlint::parse {

/// One option as it stands in a line. Words are as written, quotes included.
struct Use {
  const Option *option = nullptr; ///< null: an option of a match that iptables does not know
  unsigned module = 0;            ///< index into Command::modules
  bool negated = false;
  llvm::StringRef word;           ///< "--dport"
  unsigned begin = 0, end = 0;    ///< its words in the line, `!` and values included
  llvm::SmallVector<llvm::StringRef, 2> values;

  bool is(llvm::StringRef canonical) const { return option && option->is(canonical); }
};

/// A match or target that the line loads; the first of a Command is Base.
struct LoadedModule {
  const Module *module = nullptr; ///< null: a match that iptables does not know
  llvm::StringRef name;           ///< unquoted; of a match that -p brings, the protocol's name
  llvm::StringRef at;             ///< the word that loads it
};

struct Command {
  llvm::ArrayRef<llvm::StringRef> words; ///< of the line
  llvm::SmallVector<LoadedModule, 6> modules;
  llvm::SmallVector<Use, 16> uses; ///< in the order written
  int verb = -1;                   ///< -A, -I, -N ...: index into uses; -1: none
  int jump = -1;                   ///< -j or -g: likewise
  int target = -1;                 ///< index into modules; -1: no -j, or one of a chain
  std::optional<unsigned> protocol;
  bool protocolNegated = false;
  bool broken = false;             ///< an error was found in it

  const Use *find(unsigned module, llvm::StringRef canonical) const;
  bool hasProtocol(unsigned number) const { return protocol == number && !protocolNegated; }
};

/// Takes \p line apart. \p memory holds what is no slice of it. Errors go to \p findings; what could be understood
/// is in \p command all the same, whose memory is used again.
void readCommand(const Line &line, packet::Family family, llvm::BumpPtrAllocator &memory, Findings &findings,
                 Command &command);

} // namespace iptlint::parse
