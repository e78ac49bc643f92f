// A chain that has rules and yet lets everything pass: it looks like a filter and is none.
//
// Asked of INPUT and FORWARD for all packets, with all that is not known left open: nothing is said where some packet
// may be refused. Rules that programs write by themselves do not make a filter, and neither do rules that only count.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using packet::Hook;

static bool isUsersAccept(const RuleFacts &rule) {
  auto isAgents = [](const ir::InterfaceName &interface) { return !agentOfInterface(interface.name).empty(); };
  return rule.rule().target.kind == ir::TargetKind::Accept && agentOfRule(rule).empty() &&
         llvm::none_of(rule.rule().interfaces, isAgents);
}

namespace {

/// What is seen of a hook's rules one by one, which in most tables is enough.
struct Glance {
  bool hasUsersAccept = false;
  bool refusesSome = false; ///< a rule of a chain that only this hook leads to refuses some packet
  bool mayRefuse = false;   ///< a rule, or the policy, refuses what comes there
  bool acceptsOdd = false;  ///< a rule may accept an odd packet; if none does, a policy that drops refuses that
};

} // namespace

/// By chain: whether this hook alone leads there, so that a rule there which gets packets gets them from it.
static std::vector<bool> ownChains(const TableFacts &filter, Hook hook) {
  std::vector<bool> own = chainsBehind(filter, hook);
  for (Hook other : {Hook::Input, Hook::Forward, Hook::Output})
    if (other != hook) {
      std::vector<bool> others = chainsBehind(filter, other);
      for (size_t c = 0; c != own.size(); ++c)
        own[c] = own[c] && !others[c];
    }
  return own;
}

/// Whether a rule asks for something that an odd packet has not: one by no usual interface, of a protocol for
/// experiments, with addresses out of documentation, INVALID.
static bool leavesOddPacket(const ir::Rule &rule, packet::Family family) {
  bool four = family == packet::Family::IPv4;
  ir::Interval source = prefix(four ? "203.0.113.77" : "2001:db8:77::77", four ? 32 : 128, family);
  const std::pair<packet::Field, packet::Value> odd[] = {
      {packet::Field::In, packet::interfaceValue("odd77")},
      {packet::Field::Proto, 253},
      {packet::Field::Src, source.lo},
      {packet::Field::Dst, source.lo},
      {packet::Field::CtState, packet::Value(packet::CtState::Invalid)}};
  return llvm::any_of(rule.tests, [&](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->negated || range->orField)
      return false;
    return llvm::any_of(odd, [&](const auto &of) {
      return of.first == range->field && llvm::none_of(range->ranges, [&](const ir::Interval &each) {
               return each.lo <= of.second && of.second <= each.hi;
             });
    });
  });
}

static Glance glanceAt(const TableFacts &filter, packet::Family family, Hook hook, const ir::Chain &base) {
  Glance seen;
  seen.mayRefuse = base.policy != ir::Policy::Accept;
  std::vector<bool> behind = chainsBehind(filter, hook), own = ownChains(filter, hook);
  for (uint32_t c = 0; c != behind.size(); ++c)
    for (uint32_t r = 0; behind[c] && r != filter.table->chains[c].rules.size() && !seen.refusesSome; ++r) {
      RuleFacts rule{filter, {c, r}};
      ir::TargetKind kind = rule.rule().target.kind;
      seen.acceptsOdd = seen.acceptsOdd || (kind == ir::TargetKind::Accept && !leavesOddPacket(rule.rule(), family));
      seen.hasUsersAccept = seen.hasUsersAccept || isUsersAccept(rule);
      seen.mayRefuse |= kind != ir::TargetKind::Accept && kind != ir::TargetKind::Continue;
      seen.refusesSome = own[c] && refuses(rule.rule()) && !rule.dead();
    }
  return seen;
}

/// The rule that accepts whatever comes to it, if there is one in the chain itself.
static std::optional<RuleFacts> openDoor(const TableFacts &filter, const ir::Chain &base) {
  auto chain = uint32_t(&base - filter.table->chains.data());
  for (uint32_t r = 0; r != base.rules.size(); ++r)
    if (base.rules[r].target.kind == ir::TargetKind::Accept && base.rules[r].tests.empty() && !base.rules[r].broken)
      return RuleFacts{filter, {chain, r}};
  return std::nullopt;
}

static void lookAt(Hook hook, const Facts &facts, const TableFacts &filter, Reporter &report) {
  const ir::Chain *base = chainOf(filter, hook);
  if (!base || base->rules.empty() || base->policy == ir::Policy::Unstated)
    return;
  Glance seen = glanceAt(filter, facts.ruleset->family, hook, *base);
  bool policyRefusesSome = base->policy == ir::Policy::Drop && !seen.acceptsOdd;
  if (!seen.hasUsersAccept || seen.refusesSome || policyRefusesSome)
    return;
  if (seen.mayRefuse) {
    analysis::Kind anything;
    analysis::AdmitsOptions options;
    options.defragmented = askingOf(facts).defragmented;
    auto found = analysis::admits(*filter.table, facts.ruleset->family, filter.graph, hook, analysis::Ending::Refused,
                                  anything, options);
    if (found.front().answer != analysis::Answer::No)
      return;
  }
  if (auto door = openDoor(filter, *base))
    report.add(*door, "nothing is refused in " + packet::name(hook) + ": this rule accepts whatever the others leave");
  else
    report.add(filter, *base, "nothing is refused in " + packet::name(hook) + ", for all its rules");
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts);
  if (!filter)
    return;
  for (Hook hook : {Hook::Input, Hook::Forward})
    lookAt(hook, facts, *filter, report);
}

extern constinit const Check accept_all = {
    .id = "accept-all",
    .summary = "a chain of filter that has rules and accepts everything",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
