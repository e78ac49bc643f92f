// A rule for forwarded packets to addresses of the machine's own, or to some that no route leads to, or none by the
// interface that it names.
//
// Routing decides by which interface a packet leaves, and it has decided before FORWARD. Left out are interfaces of
// bridges, whose packets are not routed, and rule sets with -m policy, since IPsec sends packets another way. Of where
// packets come from rp-filter-drop tells.
#include "analysis/Routable.h"
#include "lint/Check.h"
#include "lint/Hooks.h"
#include "lint/Interfaces.h"
#include "lint/Kinds.h"
#include "lint/NetworkWords.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using analysis::Ways;
using packet::Field;

namespace {

/// Where a rule says that packets go to.
struct Destination {
  llvm::ArrayRef<ir::Interval> addresses;
  std::string device; ///< empty: any
};

} // namespace

/// Whether packets for there have surely been routed. Groups and all machines of a network have ways of their own.
static bool isDecidedByRoutes(const Facts &facts, const ir::Rule &rule, const Destination &to, bool routesAll) {
  bool toGroups = llvm::any_of(to.addresses, [&](ir::Interval range) {
    return llvm::any_of(notOnTheWire(facts.ruleset->family),
                        [&](ir::Interval special) { return special.lo <= range.hi && range.lo <= special.hi; });
  });
  if (to.addresses.empty() || toGroups)
    return false;
  if (!to.device.empty())
    return isRouted(*facts.network, to.device);
  return routesAll && !rangeOf(rule, Field::Out);
}

static bool isOwn(const Facts &facts, const Destination &to) {
  return llvm::all_of(to.addresses, [&](ir::Interval range) {
    return range.lo == range.hi && isOwnAddress(*facts.network, facts.ruleset->family, range.lo);
  });
}

/// Why no packet comes to the rule; empty: some may. Who refuses packets by any interface may do so to make sure.
static std::string why(const Facts &facts, const RuleFacts &rule, const Destination &to, const Ways &ways) {
  std::string addresses = addressesText(to.addresses, facts.ruleset->family);
  if (to.device.empty() && refuses(rule.rule()))
    return "";
  if (isOwn(facts, to))
    return takesOwnFirst(*facts.network, facts.ruleset->family)
               ? fmt::format("what is sent to {} is for this machine, so that INPUT has it", addresses)
               : "";
  if (ways.none() && ways.refusals.empty())
    return "no route leads to " + addresses;
  if (ways.none())
    return fmt::format("{} refuses packets to {}", wordsFor(*facts.network, *ways.refusals.front()), addresses);
  if (to.device.empty() || ways.out.empty() || ways.mayBeAt(to.device))
    return "";
  return fmt::format("no route to {} leaves by {}; packets there leave by {}", addresses, to.device,
                     devicesOf(*facts.network, ways));
}

static void run(const Facts &facts, Reporter &report) {
  if (!facts.network || asksForIpsec(facts))
    return;
  analysis::Routable routable(*facts.network, facts.ruleset->family);
  if (!routable.known())
    return;
  bool routesAll = isRouter(*facts.network);
  auto seesForwarded = [](uint8_t hooks) { return hooks == bitOf(packet::Hook::Forward); };
  eachLiveRule(facts, seesForwarded, [&](const RuleFacts &rule, uint8_t) {
    Destination to{askedOf(rule.rule(), Field::Dst), oneInterface(rule.rule(), Field::Out)};
    if (!isDecidedByRoutes(facts, rule.rule(), to, routesAll))
      return;
    if (std::string reason = why(facts, rule, to, routable.waysTo(to.addresses)); !reason.empty())
      report.add(rule, reason);
  });
}

extern constinit const Check unroutable_rule = {
    .id = "unroutable-rule",
    .summary = "a rule of FORWARD for own addresses, or for some that no route leads to, or none by its interface",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
