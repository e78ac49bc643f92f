#include "tree/Cost.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::tree {

using ir::TargetKind;

static Visits larger(Visits one, Visits other) {
  return {std::max(one.rules, other.rules), std::max(one.chains, other.chains)};
}

/// Chains that call chains many times over double the bound at each of them.
static Visits atMost(Visits visits) {
  return {std::min(visits.rules, kMostVisits), std::min(visits.chains, kMostVisits)};
}

// --- chains as they are written

WrittenCost::WrittenCost(const ir::Table &table, const Weights &weights, const Calls &calls)
    : table(table), weights(weights), chains(table.chains.size()) {
  for (uint32_t chain : calls.calleesFirst)
    chains[chain] = sumsOf(chain);
}

/// Packets that enter beyond those that end in the chain go through it and come out.
Visits WrittenCost::passing(uint32_t chain, double entering) const {
  const Sums &sums = chains[chain];
  double through = std::max(0.0, entering - sums.ending);
  double part = sums.ending == 0 ? 0 : std::min(1.0, entering / sums.ending);
  return sums.whenEnding * part + sums.goingBy * through;
}

double WrittenCost::endingAt(const ir::Rule &rule) const {
  if (isLeading(rule.target))
    return weights.shareOf(rule) * ending(rule.target.chain);
  return endsTable(rule.target.kind) ? weights.of(rule) : 0;
}

void WrittenCost::scale(uint32_t chain, double factor) {
  Sums &sums = chains[chain];
  sums.whenEnding = sums.whenEnding * factor;
  sums.goingBy = sums.goingBy * factor;
}

/// Rules are visited by those that no earlier rule took; what is called without a condition is entered by all of them,
/// what is called under one by those that end there.
WrittenCost::Sums WrittenCost::sumsOf(uint32_t chain) const {
  Sums sums;
  std::vector<double> ends;
  for (const ir::Rule &rule : table.chains[chain].rules) {
    ends.push_back(endingAt(rule));
    sums.ending += ends.back();
  }
  double remaining = sums.ending;
  for (size_t r = 0; r != ends.size(); ++r) {
    const ir::Rule &rule = table.chains[chain].rules[r];
    sums.whenEnding.rules += remaining;
    sums.goingBy.rules += 1;
    sums.worst.rules += 1;
    if (isLeading(rule.target)) {
      double entering = rule.tests.empty() ? remaining : ends[r];
      double share = weights.shareOf(rule);
      sums.whenEnding = sums.whenEnding + passing(rule.target.chain, entering / share) * share + Visits{0, entering};
      if (rule.tests.empty())
        sums.goingBy = sums.goingBy + chains[rule.target.chain].goingBy + Visits{0, 1};
      sums.worst = sums.worst + chains[rule.target.chain].worst + Visits{0, 1};
    }
    sums.worst = atMost(sums.worst);
    remaining -= ends[r];
    if (rule.tests.empty() &&
        (endsTable(rule.target.kind) || rule.target.kind == TargetKind::Return || rule.target.kind == TargetKind::Goto))
      break;
  }
  return sums;
}

Effort WrittenCost::of(uint32_t chain) const {
  double all = ending(chain) + weights.ofPolicy(table.chains[chain]);
  return {passing(chain, all) * (1 / all), worst(chain)};
}

// --- lists

namespace {

/// Sums over all packets of a list.
class ListCost {
public:
  ListCost(const ir::Table &table, const WrittenCost &written) : table(table), written(written) {}
  double ending(const List &list) const;
  Visits passing(const List &list, double entering) const;
  Visits worst(const List &list) const;

private:
  double endingAt(const Entry &entry) const;
  Visits inside(const Entry &entry, double entering) const;
  const ir::Target &targetOf(const Entry &entry) const {
    return table.chains[entry.rule.chain].rules[entry.rule.rule].target;
  }

  const ir::Table &table;
  const WrittenCost &written;
};

} // namespace

double ListCost::endingAt(const Entry &entry) const {
  const ir::Target &target = targetOf(entry);
  if (entry.whole)
    return entry.weight * written.ending(target.chain);
  return entry.inner ? ending(*entry.inner) : endsTable(target.kind) ? entry.weight : 0;
}

double ListCost::ending(const List &list) const {
  double sum = 0;
  for (const Entry &entry : list)
    sum += endingAt(entry);
  return sum;
}

Visits ListCost::inside(const Entry &entry, double entering) const {
  if (entry.inner)
    return passing(*entry.inner, entering);
  if (!entry.whole || entry.weight == 0)
    return {};
  return written.passing(targetOf(entry).chain, entering / entry.weight) * entry.weight;
}

Visits ListCost::passing(const List &list, double entering) const {
  Visits sum;
  double remaining = entering;
  for (const Entry &entry : list) {
    sum.rules += remaining;
    double ends = endingAt(entry);
    if (entry.inner || entry.whole) {
      double enter = entry.met == Truth::Always ? remaining : std::min(ends, remaining);
      sum = sum + inside(entry, enter) + Visits{0, enter};
    }
    remaining = std::max(0.0, remaining - ends);
  }
  return sum;
}

/// A packet in a chain that surely ends does not come back to the rules behind the call.
Visits ListCost::worst(const List &list) const {
  Visits soFar, most;
  for (const Entry &entry : list) {
    soFar.rules += 1;
    if (!entry.inner && !entry.whole)
      continue;
    Visits all = soFar + Visits{0, 1} + (entry.inner ? worst(*entry.inner) : written.worst(targetOf(entry).chain));
    if (entry.inner && surelyEnds(*entry.inner, table))
      most = larger(most, all);
    else
      soFar = all;
  }
  return larger(most, soFar);
}

Effort costOf(const Residue &residue, const ir::Table &table, const WrittenCost &written) {
  ListCost cost(table, written);
  double all = cost.ending(residue.list) + residue.policyWeight;
  return {all == 0 ? Visits() : cost.passing(residue.list, all) * (1 / all), cost.worst(residue.list)};
}

double weightOf(const Residue &residue, const ir::Table &table, const WrittenCost &written) {
  return ListCost(table, written).ending(residue.list) + residue.policyWeight;
}

// --- trees

static Effort costOfNode(const Node &node, llvm::ArrayRef<Effort> below) {
  Effort effort;
  NodeId rest = otherwise(node);
  double tested = 0, restShare = 0;
  for (const Branch &branch : node.branches) {
    bool isRest = branch.to == rest;
    restShare += isRest ? branch.share : 0;
    if (!isRest)
      effort.expected.rules += ++tested * branch.share;
    effort.expected = effort.expected + below[branch.to].expected * branch.share;
    effort.worst = larger(effort.worst, below[branch.to].worst);
  }
  effort.expected = effort.expected + Visits{(tested + 1) * restShare, 1};
  effort.worst = effort.worst + Visits{tested + 1, 1};
  return effort;
}

std::vector<Effort> costOf(const Tree &tree, const ir::Table &table, const WrittenCost &written) {
  std::vector<Effort> efforts;
  for (const Node &node : tree.nodes)
    efforts.push_back(node.isLeaf() ? costOf(node.left, table, written) : costOfNode(node, efforts));
  return efforts;
}

} // namespace iptlint::tree
