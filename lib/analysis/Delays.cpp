#include "analysis/Delays.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::RuleId;
using ir::TargetKind;

static bool acceptsEstablished(const ir::Rule &rule) {
  return rule.target.kind == TargetKind::Accept && llvm::any_of(rule.tests, [](const ir::Test &test) {
           auto *range = std::get_if<ir::RangeTest>(&test);
           return range && range->field == Field::CtState && !range->negated &&
                  llvm::any_of(range->ranges, [](const ir::Interval &states) {
                    constexpr Value kEstablished = Value(packet::CtState::Established);
                    return states.lo <= kEstablished && kEstablished <= states.hi;
                  });
         });
}

/// Whether some of its packets may not come to the next rule.
static bool mayTake(const ir::Rule &rule) {
  return rule.target.kind != TargetKind::None && rule.target.kind != TargetKind::Continue;
}

static bool isCounted(const ir::Chain &chain) {
  return (!chain.hook || chain.counters) &&
         llvm::all_of(chain.rules, [](const ir::Rule &rule) { return rule.counters.has_value(); });
}

static Value packetsOf(const ir::Rule &rule) {
  return rule.counters ? rule.counters->packets : 0;
}

/// How many packets came to the chain, at most: what jumps took may have come back and been counted again.
static Value packetsInto(const ir::Table &table, const CallGraph &graph, uint32_t id) {
  const ir::Chain &chain = table.chains[id];
  Value packets = 0;
  if (!chain.hook) {
    for (const CallGraph::Site &site : graph.callers[id])
      packets += packetsOf(table.chains[site.rule.chain].rules[site.rule.rule]);
    return packets;
  }
  // The counter of the policy has what RETURN sent there.
  for (const ir::Rule &rule : chain.rules)
    packets += mayTake(rule) && rule.target.kind != TargetKind::Return ? packetsOf(rule) : 0;
  return packets + chain.counters->packets;
}

/// The first place that the rule may stand at. What it may pass from further up it may pass from nearer.
static uint32_t highestPlace(RuleId id, Moves &moves) {
  uint32_t low = 0, high = id.rule;
  while (low != high) {
    uint32_t middle = low + (high - low) / 2;
    if (moves.mayMoveUp(id, middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static std::optional<Delay> delayOf(const ir::Chain &chain, RuleId id, Moves &moves) {
  Delay delay{id, highestPlace(id, moves), 0, 0};
  // What rules on the way take would be compared with this one as well.
  Value lost = 0;
  for (const ir::Rule &passed : llvm::makeArrayRef(chain.rules).slice(delay.to, id.rule - delay.to))
    lost += mayTake(passed) ? packetsOf(passed) : 0;
  Value gained = packetsOf(chain.rules[id.rule]) * (id.rule - delay.to);
  if (gained <= lost)
    return std::nullopt;
  delay.saved = gained - lost;
  return delay;
}

std::vector<Delay> findDelays(const ir::Table &table, const CallGraph &graph, Moves &moves,
                              const std::vector<std::vector<RuleReach>> &reach) {
  std::vector<Delay> delays;
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    const ir::Chain &chain = table.chains[c];
    for (uint32_t r = 0; r != chain.rules.size(); ++r) {
      if (!acceptsEstablished(chain.rules[r]) || reach[c][r].status != Status::Live || packetsOf(chain.rules[r]) == 0 ||
          !isCounted(chain))
        continue;
      auto delay = delayOf(chain, {c, r}, moves);
      if (!delay)
        continue;
      delay->packets = packetsInto(table, graph, c);
      delays.push_back(*delay);
    }
  }
  return delays;
}

} // namespace iptlint::analysis
