// How many packets a rule gets, as far as the rules' counters tell.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::tree {

/// Where the rules of a table have counters, a rule weighs the packets that it has counted and one more, so that what
/// was never hit is not forgotten; where they have none, each rule and each policy weighs the same.
class Weights {
public:
  explicit Weights(const ir::Table &table);

  double of(const ir::Rule &rule) const { return 1 + (counted && rule.counters ? double(rule.counters->packets) : 0); }
  double ofPolicy(const ir::Chain &chain) const {
    return 1 + (counted && chain.counters ? double(chain.counters->packets) : 0);
  }
  /// Which part of the packets in the chain that a jump or goto leads to come by it.
  double shareOf(const ir::Rule &site) const { return of(site) / entering[site.target.chain]; }
  /// Whether counters were there to go by.
  bool fromCounters() const { return counted; }

private:
  bool counted = false;
  std::vector<double> entering; ///< by chain: the weights of all that lead there
};

} // namespace iptlint::tree
