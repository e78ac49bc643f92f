// What it costs a packet to go through rules, through a list and through a tree.
//
// The model counts rules that are visited and chains that are entered, and gives each a price. Prices were measured
// with small frames on one machine (docs/tree.md); they are good for comparing and for nothing else.
//
// Expected figures weigh each ending by Weights; worst ones are bounds, since two rules that no packet meets both are
// counted both.
#pragma once

#include "tree/Calls.h"
#include "tree/Tree.h"

namespace iptlint::tree {

/// Prices in nanoseconds, and how many branches a node should have for them.
struct CostModel {
  double perRule;
  double perChain;
  unsigned fanOut;
};
/// Source: measured rates of 10,000 and 50,000 rules, one linear chain against trees of chains.
constexpr CostModel kLegacyCost{4, 30, 16};
constexpr CostModel kNftCost{15, 30, 8};

/// Where bounds end: chains that call chains many times over would have larger ones.
constexpr double kMostVisits = 1e15;

/// How many rules are visited and chains entered behind the built-in one.
struct Visits {
  double rules = 0;
  double chains = 0;
  double nanoseconds(const CostModel &model) const { return rules * model.perRule + chains * model.perChain; }
  Visits operator+(Visits other) const { return {rules + other.rules, chains + other.chains}; }
  Visits operator*(double factor) const { return {rules * factor, chains * factor}; }
};

struct Effort {
  Visits expected; ///< of a packet
  Visits worst;
};

/// Of chains as they are written.
class WrittenCost {
public:
  /// \param calls  of a chain that a tree can be made of.
  WrittenCost(const ir::Table &table, const Weights &weights, const Calls &calls);
  Effort of(uint32_t chain) const;
  /// Of \p entering packets in a chain, summed up; and how many of them end in it.
  Visits passing(uint32_t chain, double entering) const;
  double ending(uint32_t chain) const { return chains[chain].ending; }
  /// How many packets end at a rule, inside of what it calls too.
  double endingAt(const ir::Rule &rule) const;
  /// From now on going through a chain costs so much more, or less: it was rewritten.
  void scale(uint32_t chain, double factor);
  /// A bound for one packet, kMostVisits at most.
  Visits worst(uint32_t chain) const { return chains[chain].worst; }

private:
  struct Sums {
    double ending = 0; ///< the weight of all that ends in the chain
    Visits whenEnding; ///< of those together, when no others enter
    Visits goingBy;    ///< of one packet that ends at none of its rules
    Visits worst;
  };
  Sums sumsOf(uint32_t chain) const;

  const ir::Table &table;
  const Weights &weights;
  std::vector<Sums> chains;
};

/// Of a list.
Effort costOf(const Residue &residue, const ir::Table &table, const WrittenCost &written);
/// How many packets end in the list or at the policy behind it.
double weightOf(const Residue &residue, const ir::Table &table, const WrittenCost &written);

/// Of each node of a tree with all below it, as a chain of rules for each node: a rule for each branch but the one
/// that is everything else, which costs a rule as well.
std::vector<Effort> costOf(const Tree &tree, const ir::Table &table, const WrittenCost &written);

} // namespace iptlint::tree
