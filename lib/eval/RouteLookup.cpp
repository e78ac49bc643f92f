// Routing rules, and which table is asked. What a table answers is in TableLookup.cpp.
//
// Source: net/core/fib_rules.c, fib_rules_lookup() and fib_rule_match(); net/ipv4/fib_rules.c and
// net/ipv6/fib6_rules.c.
#include "eval/RouteLookup.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::RoutingAction;
using ir::RoutingRule;
using packet::Family;

static bool inSpan(const std::optional<RoutingRule::Span> &span, uint32_t value) {
  return !span || (span->lo <= value && value <= span->hi);
}

/// Routing rules of IPv4 read four bits of the TOS byte alone. Source: include/net/ip_fib.h, fib_dscp_masked_match().
static bool meetsTos(const RoutingRule &rule, const LookupKey &key) {
  unsigned read = key.family == Family::IPv4 ? key.tos & 0x1c : key.tos & 0xfc;
  return rule.tos.value_or(0) == 0 || *rule.tos == read;
}

static bool meetsSource(const RoutingRule &rule, const LookupKey &key) {
  if (rule.from.length == 0)
    return true;
  return key.hasSource && holds(rule.from, key.src, key.family);
}

bool RouteLookup::matches(const RoutingRule &rule, const LookupKey &key) const {
  bool all = (rule.in.empty() || rule.in == key.iif) && (rule.out.empty() || rule.out == key.oif) &&
             ((key.mark ^ rule.mark) & rule.markMask) == 0 && !rule.l3mdev && inSpan(rule.uid, key.uid) &&
             meetsSource(rule, key) && holds(rule.to, key.dst, key.family) && meetsTos(rule, key) &&
             rule.protocol.value_or(key.protocol) == key.protocol && inSpan(rule.sport, key.sport) &&
             inSpan(rule.dport, key.dport);
  return all != rule.negated;
}

static llvm::StringRef groupName(llvm::StringRef group) {
  return group == "default" ? "0" : group;
}

/// Whether the rule passes over what its table found.
bool RouteLookup::suppressed(const RoutingRule &rule, const Found &found) {
  if (found.failure != Failure::None || !found.route)
    return false;
  if (rule.suppressLength && found.route->destination.length <= *rule.suppressLength)
    return true;
  if (!rule.suppressGroup || found.route->hops.empty())
    return false;
  // Of an IPv4 route, the first next hop counts, taken or not.
  llvm::StringRef device = deviceOf(*found.route, found.route->family == Family::IPv6 ? found.hop : 0);
  const ir::Interface *interface = state.interface(device);
  if (interface && !interface->group.empty())
    return groupName(interface->group) == groupName(*rule.suppressGroup);
  std::string group = fmt::format("device group {}", rule.suppressGroup->str());
  return cases.suppose(fmt::format("{} is in {}", device.str(), group),
                       fmt::format("{} is not in {}", device.str(), group));
}

/// The place of the rule that a goto leads to.
std::optional<size_t> RouteLookup::jump(const RoutingRule &rule, size_t from) const {
  const auto &rules = state.of(rule.family).rules;
  for (size_t at = from + 1; at < rules.size(); ++at)
    if (rules[at]->preference == rule.goesTo)
      return at;
  return std::nullopt;
}

static Found failed(Failure failure, const RoutingRule *rule, std::string unknown = "") {
  Found found;
  found.failure = failure;
  found.rule = rule;
  found.unknown = std::move(unknown);
  return found;
}

/// What a rule that matches says: Thrown means that the next rule is asked.
Found RouteLookup::apply(const RoutingRule &rule, const LookupKey &key) {
  switch (rule.action) {
  case RoutingAction::Lookup: {
    Found found = inTable(tableName(rule.table), key);
    found.rule = &rule;
    return suppressed(rule, found) ? failed(Failure::Thrown, &rule) : found;
  }
  case RoutingAction::Unreachable:
    return failed(Failure::NoRoute, &rule);
  case RoutingAction::Prohibit:
    return failed(Failure::Prohibited, &rule);
  case RoutingAction::Blackhole:
  case RoutingAction::Nat:
    return failed(Failure::Discarded, &rule);
  case RoutingAction::Goto:
  case RoutingAction::Nop:
    return failed(Failure::Thrown, &rule);
  }
  llvm_unreachable("every action is handled");
}

Found RouteLookup::byRules(const LookupKey &key) {
  const auto &rules = state.of(key.family).rules;
  for (size_t at = 0; at < rules.size(); ++at) {
    const RoutingRule &rule = *rules[at];
    std::string text = "the rule '" + textOf(rule) + "'";
    if (rule.opaque && cases.suppose(text + " holds", text + " does not hold"))
      return failed(Failure::Unknown, &rule, text + " is not modelled in whole");
    if (rule.opaque || !matches(rule, key))
      continue;
    if (rule.action == RoutingAction::Goto) {
      if (std::optional<size_t> target = jump(rule, at))
        at = *target - 1;
      continue;
    }
    Found found = apply(rule, key);
    if (found.failure != Failure::Thrown)
      return found;
  }
  return failed(Failure::NoRoute, nullptr);
}

/// The rule of the kernel's that stands for a table.
static const RoutingRule *ruleOfTable(llvm::ArrayRef<const RoutingRule *> rules, llvm::StringRef table) {
  auto found = llvm::find_if(rules, [&](const RoutingRule *rule) { return tableName(rule->table) == table; });
  return found == rules.end() ? nullptr : *found;
}

/// IPv4 while no rule was added: the tables local and main are one, so the longer prefix wins, whichever it stands in.
Found RouteLookup::merged(const LookupKey &key) {
  const RoutingState::Tables &tables = state.of(key.family);
  Found found = among(tables.merged, key);
  if (found.failure == Failure::Thrown)
    found = inTable("default", key);
  else if (found.route)
    found.table = tableOf(*found.route);
  if (found.failure == Failure::Thrown)
    found.failure = Failure::NoRoute;
  found.rule = found.route ? ruleOfTable(tables.rules, found.table) : nullptr;
  return found;
}

static bool isLocalOrBroadcast(const Found &found) {
  return found.failure == Failure::None && found.route && found.route->type != ir::RouteType::Unicast;
}

bool RouteLookup::customRules(const std::string &unless) {
  if (state.of(Family::IPv4).customRules)
    return true;
  return cases.suppose("a routing rule was once added, so that " + unless, "no routing rule was ever added");
}

Found RouteLookup::findLocal(const LookupKey &key) {
  const RoutingState::Tables &tables = state.of(key.family);
  Found found = inTable("local", key);
  if (tables.customRules || !tables.ownKnown)
    return found;
  Found first = among(tables.merged, key);
  if (first.sameAs(found) || (!isLocalOrBroadcast(first) && !isLocalOrBroadcast(found)))
    return found;
  return customRules("the table local is asked by itself") ? found : first;
}

Found RouteLookup::find(const LookupKey &key) {
  const RoutingState::Tables &tables = state.of(key.family);
  if (tables.broken &&
      cases.suppose("a line that could not be read takes the packet", "no line that could not be read does"))
    return failed(Failure::Unknown, nullptr, "the line '" + textOf(*tables.broken) + "' could not be read");
  Found found = byRules(key);
  if (key.family == Family::IPv6 || tables.customRules || !tables.ownKnown)
    return found;
  Found first = merged(key);
  if (first.sameAs(found))
    return found;
  return customRules("the table local is asked before main") ? found : first;
}

} // namespace iptlint::eval
