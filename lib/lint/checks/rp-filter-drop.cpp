// A rule that accepts packets from some addresses, all of which the reverse-path filter of IPv4 throws away before.
//
// The filter asks routing for the way back to a packet's source, between PREROUTING and INPUT or FORWARD. This check is
// about where packets come from; where they go to, and so the rest of routing, is unroutable-rule's. A rule that
// refuses such packets does no harm. Left out are interfaces of bridges, whose packets need not be routed, those of
// IPsec, whose packets are not asked, and rule sets with -m policy.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/Hooks.h"
#include "lint/Interfaces.h"
#include "lint/KernelSettings.h"
#include "lint/Kinds.h"
#include "lint/NetworkWords.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Ways;
using ir::Interval;
using packet::Field;

namespace {

/// Where a rule says that packets come from.
struct Origin {
  llvm::ArrayRef<Interval> addresses;
  std::string device; ///< empty: any
};

} // namespace

static constexpr uint8_t kBehindFilter = bitOf(packet::Hook::Input) | bitOf(packet::Hook::Forward);

static bool isIpsec(const ir::Network &network, llvm::StringRef device) {
  llvm::StringRef kind = interfaceNamed(network, device)->kind;
  return kind == "xfrm" || kind == "vti";
}

/// Sources that are asked for by no route: DHCP asks from 0.0.0.0, others are refused whatever the filter.
static bool isSpecial(Interval range) {
  return llvm::any_of(notOnTheWire(packet::Family::IPv4),
                      [&](Interval special) { return special.lo <= range.hi && range.lo <= special.hi; });
}

/// Whether packets from there are surely asked for their way back. What a machine sends to itself is not, and it may
/// send from any address: by lo, so to INPUT.
static bool isAsked(const Facts &facts, const RuleFacts &rule, const Origin &from, uint8_t hooks, bool routesAll) {
  if (from.addresses.empty() || llvm::any_of(from.addresses, isSpecial))
    return false;
  if (from.device.empty())
    return routesAll && hooks == bitOf(packet::Hook::Forward) && !rangeOf(rule.rule(), Field::In);
  return from.device != "lo" && isRouted(*facts.network, from.device) && !isIpsec(*facts.network, from.device);
}

static std::string wayBack(const Facts &facts, const Ways &back) {
  if (!back.out.empty())
    return "the way back leaves by " + devicesOf(*facts.network, back);
  if (back.local)
    return "the source is an own address";
  if (back.refusals.empty())
    return "no route leads back";
  return "the way back is " + wordsFor(*facts.network, *back.refusals.front());
}

static std::string why(const Facts &facts, const Origin &from, const Ways &back, const ReversePath &path) {
  const ir::Setting &setting = *path.setting;
  return fmt::format("no packet from {}{} comes to this rule: {}, and {} is {} ({})",
                     addressesText(from.addresses, facts.ruleset->family),
                     from.device.empty() ? "" : " by " + from.device, wayBack(facts, back), setting.name, setting.value,
                     placeOf(*facts.network, setting.place));
}

static void run(const Facts &facts, Reporter &report) {
  if (!facts.network || facts.ruleset->family != packet::Family::IPv4 || asksForIpsec(facts))
    return;
  analysis::Routable routable(*facts.network, packet::Family::IPv4);
  if (!routable.known())
    return;
  bool routesAll = isRouter(*facts.network);
  auto isBehind = [](uint8_t hooks) { return hooks && !(hooks & ~kBehindFilter); };
  eachLiveRule(facts, isBehind, [&](const RuleFacts &rule, uint8_t hooks) {
    if (rule.rule().target.kind != ir::TargetKind::Accept)
      return;
    Origin from{askedOf(rule.rule(), Field::Src), oneInterface(rule.rule(), Field::In)};
    if (!isAsked(facts, rule, from, hooks, routesAll))
      return;
    Ways back = routable.waysTo(from.addresses);
    if (!back.none() && back.mayBeAt(from.device))
      return;
    ReversePath path = reversePathOf(*facts.network, from.device);
    bool drops =
        path.filter == ReversePathFilter::Strict || (path.filter != ReversePathFilter::NotKnown && back.none());
    if (drops)
      report.add(rule, why(facts, from, back, path));
  });
}

extern constinit const Check rp_filter_drop = {
    .id = "rp-filter-drop",
    .summary = "a rule that accepts packets which the reverse-path filter throws away before",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
