#include "eval/Journey.h"
#include "eval/Answers.h"
#include "eval/Decisions.h"
#include "eval/Passage.h"
#include "eval/Tracker.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <utility>

namespace iptlint::eval {

using packet::CtState;
using packet::Field;
using packet::Hook;
using packet::Value;

llvm::StringRef name(Ending ending) {
  static constexpr llvm::StringLiteral names[] = {"forward", "input", "output", "drop", "reject", "none", "unknown"};
  return names[unsigned(ending)];
}

namespace {

class Journey {
public:
  Journey(const Machine &machine, const Traveller &traveller, Chooser &chooser)
      : traveller(traveller), situation{machine,
                                        chooser,
                                        traveller.packet,
                                        traveller.open,
                                        packet::interfaceName(traveller.packet[Field::In]),
                                        packet::interfaceName(traveller.packet[Field::Out])},
        tracker(situation, traveller) {}

  Trip run();

private:
  // Each returns whether the packet goes on; if not, the trip has ended.
  std::string whyNotFollowed();
  bool arrive();
  bool takesFrame();
  bool ownPacket();
  void chooseSource(const Decision &decision);
  bool obeyInput(const Decision &decision);
  bool deliver();
  bool forward(const Decision &decision);
  bool losesHop();
  bool leaveOwn();
  void setOut();
  bool comeBack(llvm::StringRef by);
  void receiveCopy();
  void keepFlow(packet::Packet packet, OpenFields open);
  bool leave(Ending ending);
  bool passHook(Hook hook);
  bool passTable(Hook hook, llvm::StringRef name);
  bool routeAgain(llvm::StringRef because);

  NatPlace placeOf(Hook hook) const;
  std::optional<uint32_t> find(llvm::StringRef table) const;
  Value &at(Field field) { return situation.packet[field]; }

  const Traveller &traveller;
  Situation situation;
  Tracker tracker;
  const Decision &way = situation.way;
};

} // namespace

std::optional<uint32_t> Journey::find(llvm::StringRef table) const {
  const ir::Ruleset *rules = situation.machine.rules;
  for (uint32_t i = 0; rules && i != rules->tables.size(); ++i)
    if (rules->tables[i].name == table && !rules->tables[i].replaced)
      return i;
  return std::nullopt;
}

// --- tables

NatPlace Journey::placeOf(Hook hook) const {
  const packet::Packet &packet = situation.packet;
  NatPlace place;
  place.destination = hook == Hook::Prerouting || hook == Hook::Output;
  if (hook == Hook::Prerouting)
    place.in = situation.in;
  if (hook == Hook::Postrouting) {
    place.out = way.fate == Fate::Local ? llvm::StringRef("lo") : way.device;
    place.toward = packet.family == packet::Family::IPv4 && way.gateway && way.gatewayFamily == packet.family
                       ? *way.gateway
                       : packet[Field::Dst];
  }
  return place;
}

bool Journey::passTable(Hook hook, llvm::StringRef name) {
  std::optional<uint32_t> table = find(name);
  if (name == "nat")
    return tracker.passNat(table, placeOf(hook));
  if (name == "raw")
    tracker.hideState();
  bool goesOn = !table || passRules(situation, *table, nullptr);
  if (goesOn && name == "raw")
    tracker.see();
  return goesOn;
}

static llvm::ArrayRef<llvm::StringLiteral> tablesOf(Hook hook) {
  static constexpr llvm::StringLiteral prerouting[] = {"raw", "mangle", "nat"};
  static constexpr llvm::StringLiteral input[] = {"mangle", "filter", "security", "nat"};
  static constexpr llvm::StringLiteral forward[] = {"mangle", "filter", "security"};
  static constexpr llvm::StringLiteral output[] = {"raw", "mangle", "nat", "filter", "security"};
  static constexpr llvm::StringLiteral postrouting[] = {"mangle", "nat"};
  switch (hook) {
  case Hook::Prerouting:
    return prerouting;
  case Hook::Input:
    return input;
  case Hook::Forward:
    return forward;
  case Hook::Output:
    return output;
  case Hook::Postrouting:
    return postrouting;
  }
  llvm_unreachable("five hooks");
}

bool Journey::passHook(Hook hook) {
  at(Field::Hook) = Value(hook);
  for (llvm::StringRef name : tablesOf(hook)) {
    packet::Packet before = situation.packet;
    if (!passTable(hook, name))
      return false;
    bool moved = before[Field::Dst] != at(Field::Dst);
    // Source: net/ipv4/netfilter/iptable_mangle.c, ipt_mangle_out(); net/ipv6/netfilter/ip6table_mangle.c,
    // ip6t_mangle_out(), which looks at the hop limit, too; nf_nat_proto.c, nf_nat_ipv4_local_fn().
    bool six = before.family == packet::Family::IPv6;
    bool steered = moved || before[Field::Src] != at(Field::Src) || before[Field::Mark] != at(Field::Mark) ||
                   before[Field::Tos] != at(Field::Tos) || (six && before[Field::Ttl] != at(Field::Ttl));
    if (hook == Hook::Output && name == "mangle" && steered && !routeAgain("mangle changed what routing reads"))
      return false;
    if (hook == Hook::Output && name == "nat" && moved && !routeAgain("nat changed the destination"))
      return false;
  }
  return true;
}

// --- the way of a packet from the wire

/// A frame for another machine goes no further than the network card.
bool Journey::takesFrame() {
  if (at(Field::PktType) == Value(packet::PktType::OtherHost))
    return endTrip(situation, Ending::None, "the frame is for another MAC address");
  return true;
}

bool Journey::arrive() {
  Martian martian = Routing::refusedOnArrival(flowOf(situation), situation.in == "lo");
  if (martian != Martian::None)
    return endTrip(situation, Ending::None, "thrown away on arrival: " + name(martian).str());
  if (!takesFrame() || !passHook(Hook::Prerouting))
    return false;
  return decide(situation, /*again=*/false) && obeyInput(way);
}

bool Journey::obeyInput(const Decision &decision) {
  switch (decision.fate) {
  case Fate::Local:
  case Fate::Broadcast:
  case Fate::Multicast:
    return deliver();
  case Fate::Out:
    return forward(decision);
  default:
    return endUndelivered(situation, decision);
  }
}

bool Journey::deliver() {
  if (situation.packet.family == packet::Family::IPv4 && at(Field::Fragment) != Value(packet::Fragment::Whole))
    return endTrip(situation, Ending::Unknown, "fragments are put together before INPUT: trace the whole packet");
  at(Field::Out) = 0;
  return passHook(Hook::Input) && endTrip(situation, Ending::Input);
}

/// Whether that was its last hop. Source: net/ipv4/ip_forward.c, ip_forward(); net/ipv6/ip6_output.c, ip6_forward().
bool Journey::losesHop() {
  bool four = situation.packet.family == packet::Family::IPv4;
  if (situation.open.isOpen(Field::Ttl)) {
    if (situation.chooser.chooses(Question::whether("the time to live is above 1")))
      return false;
  } else if (at(Field::Ttl) > 1) {
    --at(Field::Ttl);
    return false;
  }
  bool isTold = tellsByIcmp(situation);
  if (isTold)
    situation.trip.icmp = four ? 11 << 8 : 3 << 8;
  endTrip(situation, Ending::None,
          fmt::format("{} is used up{}", four ? "the time to live" : "the hop limit",
                      !isTold ? "" : four ? " (ICMP 11/0)" : " (ICMP 3/0)"));
  return true;
}

bool Journey::forward(const Decision &decision) {
  if (at(Field::PktType) != Value(packet::PktType::Host))
    return endTrip(situation, Ending::None, "the frame was for more than this machine, so the packet is not forwarded");
  if (losesHop())
    return false;
  ++situation.rewritings; // functions of the packet may look at its time to live
  at(Field::Out) = packet::interfaceValue(decision.device);
  enterGroup(situation, decision.device);
  return passHook(Hook::Forward) && passHook(Hook::Postrouting) && leave(Ending::Forward);
}

bool Journey::leave(Ending ending) {
  situation.trip.out = way.device.str();
  situation.trip.nextHop = way.gateway.value_or(at(Field::Dst));
  situation.trip.nextHopFamily = way.gateway ? way.gatewayFamily : situation.packet.family;
  return endTrip(situation, ending);
}

// --- the way of the machine's own packets

void Journey::chooseSource(const Decision &decision) {
  if (traveller.sourceGiven)
    return;
  if (decision.source)
    at(Field::Src) = *decision.source;
  else
    situation.open.open(Field::Src);
}

bool Journey::ownPacket() {
  if (!decide(situation, /*again=*/false))
    return false;
  if (!isDelivery(way.fate))
    return endUndelivered(situation, way);
  chooseSource(way);
  situation.trip.sent = situation.packet;
  setOut();
  return passHook(Hook::Output) && leaveOwn();
}

bool Journey::routeAgain(llvm::StringRef because) {
  if (!decide(situation, /*again=*/true))
    return false;
  situation.trip.steps.back().text = because.str();
  if (!isDelivery(way.fate))
    return endUndelivered(situation, way);
  return true; // hooks of OUTPUT go on to be told the first device: net/netfilter/core.c, nf_hook_slow()
}

void Journey::setOut() {
  llvm::StringRef out = way.fate == Fate::Local ? llvm::StringRef("lo") : way.device;
  at(Field::Out) = packet::interfaceValue(out);
  enterGroup(situation, out);
}

bool Journey::leaveOwn() {
  setOut();
  if (way.fate == Fate::Broadcast)
    receiveCopy();
  if (!passHook(Hook::Postrouting))
    return false;
  if (way.fate == Fate::Local)
    return comeBack("lo");
  return leave(Ending::Output);
}

/// The copy is the first to go through POSTROUTING, where nat is asked about the flow, and comes to INPUT before the
/// packet itself is sent. Source: net/ipv4/ip_output.c, ip_mc_output(); net/core/dev.c, dev_loopback_xmit().
void Journey::receiveCopy() {
  packet::Packet original = situation.packet;
  OpenFields open = situation.open;
  std::optional<packet::Packet> translated;
  if (passHook(Hook::Postrouting)) {
    translated = situation.packet;
    comeBack(way.device);
  }
  Trip &trip = situation.trip;
  trip.copy = std::exchange(trip.ending, Ending::Unknown);
  trip.copyReason = std::exchange(trip.reason, "");
  tracker.followCopy(translated);
  keepFlow(original, open);
}

/// From a copy back to the packet itself: of the flow, which is one for both, all is as it is by now.
void Journey::keepFlow(packet::Packet packet, OpenFields open) {
  for (unsigned i = 0; i != packet::kFieldCount; ++i) {
    Field field = Field(i);
    if (!packet::isOfFlow(field))
      continue;
    packet[field] = at(field);
    open.close(field);
    if (situation.open.isOpen(field))
      open.open(field, situation.open.possible(field));
  }
  situation.packet = std::move(packet);
  situation.open = std::move(open);
}

/// With its mark and its flow. Its route stays with it as well, so that nothing is decided again.
bool Journey::comeBack(llvm::StringRef by) {
  tracker.comeBack();
  at(Field::In) = packet::interfaceValue(by);
  if (by != "lo")
    at(Field::PktType) = Value(packet::PktType::Broadcast);
  at(Field::Out) = 0;
  if (!situation.open.isOpen(Field::Mac))
    at(Field::Mac) = packet::kNoMac;
  return passHook(Hook::Prerouting) && deliver();
}

/// On nft `--dport` reads the payload of a later fragment, which is not known.
std::string Journey::whyNotFollowed() {
  bool isWhole = at(Field::Fragment) == Value(packet::Fragment::Whole);
  if (isWhole || !situation.machine.rules)
    return "";
  if (usesConntrack(*situation.machine.rules))
    return "some rule uses conntrack, so fragments are put together before all rules: trace the whole packet";
  return situation.machine.nft ? "the nft back end reads ports out of a fragment's payload, which is not known" : "";
}

Trip Journey::run() {
  situation.trip.sent = situation.packet;
  if (traveller.typesGiven[0])
    situation.types[at(Field::Src)] = {packet::AddrType(uint8_t(at(Field::SrcType)))};
  if (traveller.typesGiven[1])
    situation.types[at(Field::Dst)] = {packet::AddrType(uint8_t(at(Field::DstType)))};
  if (std::string why = whyNotFollowed(); !why.empty())
    endTrip(situation, Ending::Unknown, why);
  else if (situation.packet.hook() == Hook::Prerouting)
    arrive();
  else
    ownPacket();
  for (auto [type, address] : {std::pair(Field::SrcType, Field::Src), std::pair(Field::DstType, Field::Dst)})
    at(type) = Value(situation.typeSoFar(at(address)));
  situation.trip.packet = situation.packet;
  situation.trip.open = situation.open;
  situation.trip.flow = tracker.connection();
  return std::move(situation.trip);
}

Trip travel(const Machine &machine, const Traveller &traveller, Chooser &chooser) {
  return Journey(machine, traveller, chooser).run();
}

} // namespace iptlint::eval
