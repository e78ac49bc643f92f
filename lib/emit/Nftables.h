// Rule sets as text for `nft -f`: a table of nft's for each of iptables', which decides every packet alike.
//
// docs/nftables.md says what is written how. What nft cannot say exactly is not written at all.
#pragma once

#include "ir/Ruleset.h"
#include <string>

namespace iptlint::emit {

/// Something that cannot be written, and how many rules have it.
struct NftObstacle {
  std::string table, what; ///< "filter", "-m string"
  size_t rules = 0;        ///< 0: it is the table or a chain
  unsigned line = 0;       ///< of the first of them; 0: nowhere
};

struct NftablesText {
  std::string text;                   ///< empty where there are obstacles
  std::vector<NftObstacle> obstacles; ///< in the order in which they are met first
};

/// A built-in chain that is to be written rule by rule, with all that it reaches.
struct NftPlainChain {
  size_t ruleset = 0; ///< its number
  std::string table, chain;
};

/// \param rulesets  with options of targets as iptables-save prints them (parse::RulesOptions::normalTexts).
NftablesText nftablesText(const std::vector<ir::Ruleset> &rulesets, llvm::ArrayRef<NftPlainChain> plain = {});

} // namespace iptlint::emit
