#include "eval/Decisions.h"
#include "eval/Answers.h"
#include "eval/Passage.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::Field;
using packet::Value;

Flow flowOf(const Situation &situation) {
  const packet::Packet &packet = situation.packet;
  bool hasPorts = packet::hasPorts(unsigned(packet[Field::Proto])) && !packet::isLaterFragment(packet[Field::Fragment]);
  Flow flow;
  flow.family = packet.family;
  flow.src = packet[Field::Src];
  flow.dst = packet[Field::Dst];
  flow.in = situation.in;
  flow.out = situation.bound;
  flow.mark = uint32_t(packet[Field::Mark]);
  flow.tos = uint8_t(packet[Field::Tos]);
  flow.protocol = uint8_t(packet[Field::Proto]);
  flow.sport = hasPorts ? uint16_t(packet[Field::Sport]) : 0;
  flow.dport = hasPorts ? uint16_t(packet[Field::Dport]) : 0;
  flow.uid = packet[Field::Uid] < packet::kNoFile ? uint32_t(packet[Field::Uid]) : 0;
  return flow;
}

bool isDelivery(Fate fate) {
  return fate == Fate::Local || fate == Fate::Out || fate == Fate::Broadcast || fate == Fate::Multicast;
}

/// A field that is not known and that some rule or route of the family asks for; nothing if there is none.
static std::optional<Field> neededAndOpen(const Situation &situation) {
  const OpenFields &open = situation.open;
  if (open.isOpen(Field::Dst))
    return Field::Dst;
  for (const ir::RoutingRule &rule : situation.machine.network->rules) {
    if (rule.family != situation.packet.family)
      continue;
    std::pair<bool, Field> asked[] = {{rule.markMask != 0, Field::Mark},      {rule.from.length != 0, Field::Src},
                                      {rule.tos.has_value(), Field::Tos},     {rule.sport.has_value(), Field::Sport},
                                      {rule.dport.has_value(), Field::Dport}, {rule.uid.has_value(), Field::Uid}};
    for (auto [asks, field] : asked)
      if (asks && open.isOpen(field))
        return field;
  }
  bool readsTos = llvm::any_of(situation.machine.network->routes,
                               [](const ir::NetworkRoute &route) { return route.tos.has_value(); });
  return readsTos && open.isOpen(Field::Tos) ? std::optional(Field::Tos) : std::nullopt;
}

/// Whether a decision supposes nothing of the destination that was found out to be otherwise.
static bool agrees(const Situation &situation, const Decision &decision) {
  Value address = situation.packet[Field::Dst];
  std::string name = packet::addressText(address, situation.packet.family);
  llvm::StringRef supposing = decision.supposing;
  std::optional<bool> own = situation.isOwn(address);
  if (!own)
    return true;
  return !supposing.contains(name + (*own ? " is no address of this machine" : " is an address of this machine"));
}

/// What is now supposed of the destination holds from here on.
static void learn(Situation &situation, const Decision &decision) {
  Value address = situation.packet[Field::Dst];
  std::string name = packet::addressText(address, situation.packet.family);
  llvm::StringRef supposing = decision.supposing;
  if (supposing.contains(name + " is an address of this machine"))
    situation.learnType(address, true);
  if (supposing.contains(name + " is no address of this machine"))
    situation.learnType(address, false);
}

/// What has to be supposed comes first; of next hops, one is chosen after that.
static Decision chooseAmong(Situation &situation, std::vector<Decision> decisions) {
  Question supposed;
  for (const Decision &decision : decisions)
    if (llvm::none_of(supposed.answers, [&](const Answer &answer) { return answer.condition == decision.supposing; }))
      supposed.answers.push_back({decision.supposing, true, {}});
  std::string held = supposed.answers[situation.chooser.choose(supposed)].condition;
  llvm::erase_if(decisions, [&](const Decision &decision) { return decision.supposing != held; });
  Question hops;
  for (const Decision &decision : decisions)
    hops.answers.push_back(
        {fmt::format("routing takes {}", decision.gateway
                                             ? packet::addressText(*decision.gateway, decision.gatewayFamily) + " by " +
                                                   decision.device.str()
                                             : decision.device.str()),
         true, decision.weights ? std::optional(Fraction(decision.weight, decision.weights)) : std::nullopt});
  return decisions[situation.chooser.choose(hops)];
}

bool decide(Situation &situation, bool again) {
  if (std::optional<Field> field = neededAndOpen(situation)) {
    endTrip(situation, Ending::Unknown,
            fmt::format("routing asks for the {}, which is not known", packet::name(*field).str()));
    return false;
  }
  Flow flow = flowOf(situation);
  flow.anySource = again;
  std::vector<Decision> decisions = situation.machine.routing->decide(flow), agreeing;
  llvm::copy_if(decisions, std::back_inserter(agreeing),
                [&](const Decision &decision) { return agrees(situation, decision); });
  Decision decision = chooseAmong(situation, agreeing.empty() ? decisions : agreeing);
  learn(situation, decision);
  TripStep &step = situation.trip.steps.emplace_back();
  step.kind = StepKind::Routing;
  step.hook = situation.packet.hook();
  step.decision = decision;
  situation.way = std::move(decision);
  return true;
}

/// Routing's sentence without the ICMP error, which is not sent.
static std::string untold(llvm::StringRef reason) {
  return reason.rsplit(" (ICMP ").first.str();
}

bool endUndelivered(Situation &situation, const Decision &decision) {
  bool isTold = decision.icmp && tellsByIcmp(situation);
  if (isTold)
    situation.trip.icmp = decision.icmp;
  return endTrip(situation, decision.fate == Fate::Unknown ? Ending::Unknown : Ending::None,
                 decision.icmp && !isTold ? untold(decision.reason) : decision.reason);
}

std::optional<Value> groupOf(const ir::Network &network, llvm::StringRef device) {
  auto found = llvm::find_if(network.interfaces, [&](const ir::Interface &each) { return each.name == device; });
  if (found == network.interfaces.end() || found->group.empty())
    return std::nullopt;
  uint32_t number = 0;
  if (found->group == "default")
    return 0;
  return found->group.getAsInteger(0, number) ? std::nullopt : std::optional(Value(number));
}

void enterGroup(Situation &situation, llvm::StringRef device) {
  std::optional<Value> group = groupOf(*situation.machine.network, device);
  if (group)
    situation.open.close(Field::OutGroup);
  else
    situation.open.open(Field::OutGroup);
  situation.packet[Field::OutGroup] = group.value_or(0);
}

} // namespace iptlint::eval
