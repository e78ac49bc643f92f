// Which live rules are not needed: the part of Reference that follows verdicts.
#include "Reference.h"
#include <cassert>

namespace iptlint::oracle {

using ir::TargetKind;

static std::string verdictOf(const ir::Target &target) {
  return target.options.empty() ? target.name.str() : (target.name + " " + target.options).str();
}

/// How a chain ends: back to the caller, or by its policy.
static std::string endOf(const ir::Chain &chain) {
  switch (chain.policy) {
  case ir::Policy::Accept:
    return "ACCEPT";
  case ir::Policy::Drop:
    return "DROP";
  default:
    return "RETURN";
  }
}

/// How the packets that meet a rule fare, those that get past it as they do behind it.
Reference::Fates Reference::fatesOf(const ir::Rule &rule, const Fates &behind, const std::string &atReturn) {
  switch (rule.target.kind) {
  case TargetKind::None:
    return behind;
  case TargetKind::Continue:
    return {};
  case TargetKind::Return:
    return {{atReturn, Diagrams::kAll}};
  case TargetKind::Jump:
  case TargetKind::Goto:
    break;
  default:
    return {{verdictOf(rule.target), Diagrams::kAll}};
  }
  Fates all = fates(rule.target.chain);
  Set back = std::exchange(all["RETURN"], Diagrams::kNone);
  if (rule.target.kind == TargetKind::Goto) {
    all[atReturn] = sets.either(all[atReturn], back);
    return all;
  }
  for (const auto &[verdict, packets] : behind)
    all[verdict] = sets.either(all[verdict], sets.both(back, packets));
  return all;
}

const Reference::Fates &Reference::fates(uint32_t chain) {
  if (auto known = knownFates.find(chain); known != knownFates.end())
    return known->second;
  redundantIn(chain);
  return knownFates.at(chain);
}

/// From the last rule to the first: how packets fare from each on, and whether its own would without it.
std::vector<bool> Reference::redundantIn(uint32_t id) {
  const ir::Chain &chain = table.chains[id];
  std::string end = endOf(chain);
  Fates behind = {{end, Diagrams::kAll}};
  std::vector<bool> redundant(chain.rules.size());
  for (size_t r = chain.rules.size(); r-- != 0;) {
    Set met = condition(chain.rules[r], 0), same = Diagrams::kNone;
    Fates own = fatesOf(chain.rules[r], behind, end), here;
    for (const auto &[verdict, packets] : own) {
      same = sets.either(same, sets.both(packets, behind[verdict]));
      here[verdict] = sets.both(packets, met);
    }
    for (const auto &[verdict, packets] : behind)
      here[verdict] = sets.either(here[verdict], sets.without(packets, met));
    redundant[r] = chain.rules[r].target.kind != TargetKind::None && isReached[id][r] &&
                   sets.without(reaching[id][r], same) == Diagrams::kNone;
    behind = std::move(here);
  }
  knownFates[id] = std::move(behind);
  return redundant;
}

std::vector<std::vector<bool>> Reference::redundant() {
  assert(judgesRedundancy() && "marks and state are left out");
  std::vector<std::vector<bool>> all;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    all.push_back(redundantIn(chain));
  return all;
}

} // namespace iptlint::oracle
