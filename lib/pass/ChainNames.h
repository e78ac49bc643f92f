// Names for chains that take the place of a part of another.
//
// A name says whose part it is and what the packets in it have, and stays the same where other parts change: it is made
// of the chain's name and of what was asked on the way, never of a running number.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::pass {

/// The most characters of a chain's name (XT_EXTENSION_MAXNAMELEN counts the end as one more).
constexpr size_t kLongestChainName = 28;

/// What packets were asked on the way to a chain: the parts of one way, last what led to the chain.
struct Way {
  std::string text;   ///< all of it, to tell ways apart
  std::string last;   ///< what was asked last, for people
  unsigned asked = 0; ///< how often

  Way then(llvm::StringRef asking) const { return {text + ">" + asking.str(), asking.str(), asked + 1}; }
  /// On to what is asked where all of that does not hold.
  Way otherwise(llvm::StringRef field) const { return {text + ">else " + field.str(), last, asked + 1}; }
};

class ChainNames {
public:
  /// \param table  whose names are taken.
  explicit ChainNames(const ir::Table &table);

  /// `FORWARD~d10.3.0.0/17`, where that is short enough, not taken and says all; else with a few digits of a hash of
  /// the way at its end. The name is taken from then on.
  std::string make(llvm::StringRef chain, const Way &way);

private:
  llvm::StringSet<> taken;
};

} // namespace iptlint::pass
