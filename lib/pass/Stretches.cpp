#include "pass/Stretches.h"
#include "analysis/Agents.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass {

using ir::TargetKind;

static bool keepsState(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

/// Whether a rule means the same where it stands several times, each for some of the packets.
static bool mayBeCopied(const ir::Rule &rule) {
  // Each of these has an object of its own in the kernel.
  static constexpr llvm::StringRef onlyOnce[] = {"RATEEST", "CLUSTERIP", "IDLETIMER", "LED"};
  return !rule.broken && rule.target.kind != TargetKind::None && rule.target.kind != TargetKind::Opaque &&
         !llvm::is_contained(onlyOnce, rule.target.name) && llvm::none_of(rule.tests, keepsState);
}

std::vector<bool> closedChains(const ir::Table &table) {
  std::vector<bool> closed;
  for (const ir::Chain &chain : table.chains)
    closed.push_back(!chain.declared || analysis::isMadeByAgent(table, chain.name) ||
                     !llvm::all_of(chain.rules, mayBeCopied));
  return closed;
}

/// Every packet gets the effect or the call, so that in a tree each leaf would have it.
static bool isForAll(const ir::Rule &rule, const std::vector<bool> &closed) {
  bool callsClosed =
      rule.target.kind == TargetKind::Jump && rule.target.chain != ir::kNoChain && closed[rule.target.chain];
  return rule.tests.empty() && (rule.target.kind == TargetKind::Continue || callsClosed);
}

static bool leavesChain(const ir::Rule &rule) {
  return rule.target.kind == TargetKind::Return || rule.target.kind == TargetKind::Goto;
}

static bool acceptsEstablished(const ir::Rule &rule) {
  auto isOfState = [](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    return range && range->field == packet::Field::CtState && !range->negated;
  };
  auto holdsEstablished = [](const ir::Test &test) {
    constexpr packet::Value kEstablished = packet::Value(packet::CtState::Established);
    return llvm::any_of(std::get<ir::RangeTest>(test).ranges,
                        [](ir::Interval each) { return each.lo <= kEstablished && kEstablished <= each.hi; });
  };
  return rule.target.kind == TargetKind::Accept && !rule.tests.empty() && llvm::all_of(rule.tests, isOfState) &&
         llvm::all_of(rule.tests, holdsEstablished);
}

std::vector<Section> sectionsOf(const ir::Table &table, uint32_t chain, const std::vector<bool> &closed) {
  const std::vector<ir::Rule> &rules = table.chains[chain].rules;
  auto stays = [&](const ir::Rule &rule) { return !mayBeCopied(rule) || isForAll(rule, closed); };
  bool isFilled = analysis::isMadeByAgent(table, table.chains[chain].name);
  uint32_t end = 0; // from here on nothing stays
  for (uint32_t r = 0; r != rules.size(); ++r)
    if (stays(rules[r]))
      end = r + 1;
  if (isFilled)
    end = uint32_t(rules.size());
  std::vector<Section> sections;
  bool inFront = true;
  for (uint32_t r = 0; r != rules.size(); ++r) {
    bool stay = stays(rules[r]) || (r < end && leavesChain(rules[r])) || (inFront && acceptsEstablished(rules[r]));
    inFront &= stay;
    if (sections.empty() || sections.back().mayBeTree == stay)
      sections.push_back({{chain, r, r, std::nullopt}, !stay});
    sections.back().rules.end = r + 1;
  }
  return sections;
}

} // namespace iptlint::pass
