#include "lint/UnansweredCandidates.h"
#include "lint/Hooks.h"
#include "lint/Interfaces.h"
#include "lint/KernelSettings.h"
#include "lint/Translations.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

using analysis::Ways;
using ir::Interval;
using packet::AddrType;
using packet::Family;
using packet::Field;
using packet::Hook;
using packet::Value;

/// To one address, and to one port or the same.
static const ir::Nat *plainNat(const ir::Rule &rule) {
  const ir::Nat *nat = rule.target.name == "DNAT" ? rule.target.nat.get() : nullptr;
  bool toOne = nat && nat->addresses && nat->addresses->lo == nat->addresses->hi;
  bool portKnown = nat && (!nat->ports || (nat->ports->lo == nat->ports->hi && !nat->basePort));
  return toOne && portKnown && !hasOpaqueTest(rule) ? nat : nullptr;
}

/// Each of the packets as TCP and as UDP, meeting what the rule asks for.
static void addKinds(Candidate &candidate, const analysis::Kind &packets) {
  for (unsigned protocol : {packet::kTcp, packet::kUdp}) {
    analysis::Kind kind = packets;
    addProtocol(kind, protocol);
    llvm::append_range(kind, candidate.rule.rule().tests);
    candidate.kinds.push_back(std::move(kind));
  }
}

// --- client and server on one link

static Interval linkOf(const ir::InterfaceAddress &own) {
  unsigned width = packet::bits(Field::Dst, own.family);
  Value host = (Value(1) << (width - own.length)) - 1;
  return {own.address & ~host, own.address | host};
}

static std::vector<Interval> ownAddresses(const ir::Network &network) {
  std::vector<Interval> own;
  for (const ir::Interface &interface : network.interfaces)
    for (const ir::InterfaceAddress &address : interface.addresses)
      if (address.family == Family::IPv4 && !interface.loopback)
        own.push_back({address.address, address.address});
  return joined(std::move(own));
}

/// A bridge hands answers from port to port, and then they pass through conntrack unless told not to. With
/// proxy_arp_pvlan neighbours send to each other by way of this machine.
static bool passesAnswersBy(const ir::Network &network, const ir::Interface &interface) {
  bool isSimple = !interface.loopback && !interface.pointToPoint && interface.master.empty() && interface.kind != "vrf";
  return isSimple && !isOn(network, interface.name, "proxy_arp_pvlan") &&
         (isRouted(network, interface.name) || valueOf(network, "net.bridge.bridge-nf-call-iptables") == 0);
}

/// The own address on whose link the server is, where every way to it goes there without a gateway.
static const ir::InterfaceAddress *linkTo(const ir::Network &network, const Candidate &candidate, const Ways &ways) {
  bool direct = llvm::all_of(ways.out, [&](const analysis::Way &way) {
    return way.device == ways.out.front().device &&
           (!way.route || (!way.route->opaque && llvm::none_of(way.route->hops, [](const ir::NextHop &hop) {
             return hop.gateway || hop.gatewayFamily;
           })));
  });
  const ir::Interface *interface = ways.out.empty() ? nullptr : interfaceNamed(network, ways.out.front().device);
  if (ways.local || !direct || !interface || !passesAnswersBy(network, *interface))
    return nullptr;
  for (const ir::InterfaceAddress &own : interface->addresses) {
    bool isLink = own.family == packet::Family::IPv4 && !own.peer && own.length != 0 && own.length <= 30;
    Interval link = isLink ? linkOf(own) : Interval{1, 0};
    if (link.lo < candidate.server() && candidate.server() < link.hi)
      return &own;
  }
  return nullptr;
}

/// Packets from others on the link: to an own address, or to where this machine is on the way.
static void addClients(const ir::Network &network, Candidate &candidate) {
  Interval link = linkOf(*candidate.link);
  std::vector<Interval> own = ownAddresses(network);
  std::vector<Interval> noClients = own;
  noClients.insert(noClients.end(), {{link.lo, link.lo}, {link.hi, link.hi}, {candidate.server(), candidate.server()}});
  analysis::Kind toMachine = plainNew(Hook::Prerouting);
  toMachine.push_back(is(Field::In, packet::interfaceValue(candidate.devices.front())));
  toMachine.push_back(oneOf(Field::Src, link));
  toMachine.push_back(unlessIn(Field::Src, noClients));
  analysis::Kind throughMachine = toMachine;
  replace(toMachine, Field::DstType, Value(AddrType::Local));
  toMachine.push_back(oneOf(Field::Dst, own));
  std::vector<Interval> notFar = notOnTheWire(Family::IPv4);
  llvm::append_range(notFar, own);
  notFar.push_back(link);
  throughMachine.push_back(unlessIn(Field::Dst, notFar));
  addKinds(candidate, toMachine);
  addKinds(candidate, throughMachine);
}

std::vector<Candidate> forwardedCandidates(const Facts &facts, const analysis::Routable &routable) {
  std::vector<Candidate> candidates;
  auto seesArrivals = [](uint8_t hooks) { return hooks & bitOf(Hook::Prerouting); };
  eachLiveRule(facts, seesArrivals, [&](const RuleFacts &rule, uint8_t) {
    Candidate candidate{rule, plainNat(rule.rule()), {}, nullptr, {}};
    if (!candidate.nat)
      return;
    Ways ways = routable.waysTo(*candidate.nat->addresses);
    candidate.link = linkTo(*facts.network, candidate, ways);
    if (!candidate.link)
      return;
    candidate.devices = {ways.out.front().device};
    addClients(*facts.network, candidate);
    candidates.push_back(std::move(candidate));
  });
  return candidates;
}

// --- this machine's own, from a loopback address

static Interval loopbackAddresses() {
  return prefix("127.0.0.0", 8, Family::IPv4);
}

static void addOwn(Candidate &candidate) {
  Interval loop = loopbackAddresses();
  analysis::Kind kind = plainNew(Hook::Output);
  replace(kind, Field::SrcType, Value(AddrType::Local));
  replace(kind, Field::DstType, Value(AddrType::Local));
  kind.push_back(is(Field::Out, loopback().lo));
  kind.push_back(is(Field::Src, loop.lo + 1));
  kind.push_back(oneOf(Field::Dst, loop));
  addKinds(candidate, kind);
}

static bool asksForLoopback(const ir::Rule &rule) {
  Interval loop = loopbackAddresses();
  llvm::ArrayRef<Interval> to = askedOf(rule, Field::Dst);
  return !to.empty() && llvm::all_of(to, [&](Interval range) { return loop.lo <= range.lo && range.hi <= loop.hi; });
}

std::vector<Candidate> ownCandidates(const Facts &facts, const analysis::Routable &routable) {
  std::vector<Candidate> candidates;
  auto seesOwn = [](uint8_t hooks) { return hooks & bitOf(Hook::Output); };
  eachLiveRule(facts, seesOwn, [&](const RuleFacts &rule, uint8_t) {
    Candidate candidate{rule, plainNat(rule.rule()), {}, nullptr, {}};
    if (!candidate.nat || !asksForLoopback(rule.rule()))
      return;
    Ways ways = routable.waysTo(*candidate.nat->addresses);
    for (const analysis::Way &way : ways.out)
      if (!llvm::is_contained(candidate.devices, way.device))
        candidate.devices.push_back(way.device);
    bool toOthers = !ways.local && !candidate.devices.empty() && !llvm::is_contained(candidate.devices, "") &&
                    !llvm::is_contained(candidate.devices, "lo");
    if (!toOthers)
      return;
    addOwn(candidate);
    candidates.push_back(std::move(candidate));
  });
  return candidates;
}

} // namespace iptlint::lint
