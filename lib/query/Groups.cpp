#include "query/Groups.h"
#include "eval/Explore.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <tuple>

namespace iptlint::query {

static std::string keyOf(const Fate &fate) {
  std::string key = fmt::format("{}|{}|{}|{}|", unsigned(fate.ending), fate.reason, fate.out, fate.gateway);
  if (fate.decider)
    key +=
        fmt::format("{}/{}/{}/{}", fate.decider->table, fate.decider->chain, fate.decider->rule, fate.decider->policy);
  for (const auto &[field, value] : fate.rewritten)
    key += fmt::format("|{}={}", unsigned(field), value ? packet::addressText(*value, packet::Family::IPv6) : "?");
  return key;
}

/// What is worth reading first.
static auto rank(const Fate &fate) {
  static constexpr unsigned ranks[] = {5, 4, 6, 1, 2, 3, 0};
  return std::make_tuple(ranks[unsigned(fate.ending)], fate.rewritten.size());
}

std::vector<Group> groupsOf(const Answer &answer) {
  constexpr uint64_t kEffort = 3'000'000;
  std::vector<Group> groups;
  std::map<std::string, size_t> byKey;
  for (const Ended &ended : answer.ends) {
    packet::Packet packet;
    Found found = findPacket(answer, ended.part, packet, kEffort);
    if (found == Found::Nothing)
      continue;
    auto [at, isNew] = byKey.try_emplace(keyOf(ended.fate), groups.size());
    if (isNew)
      groups.push_back({ended.fate, {}, std::nullopt});
    Group &group = groups[at->second];
    group.parts.push_back(&ended);
    if (found == Found::Packet && !group.example) {
      group.example = packet;
      std::swap(group.parts.front(), group.parts.back());
    }
  }
  llvm::stable_sort(groups, [](const Group &a, const Group &b) { return rank(a.fate) < rank(b.fate); });
  return groups;
}

std::vector<eval::Trip> tripsOf(const eval::Machine &machine, const Answer &answer, const packet::Packet &packet,
                                bool &complete) {
  constexpr size_t kMostTrips = 512;
  eval::Traveller traveller = travellerOf(answer, packet, *machine.network);
  std::vector<eval::Trip> trips;
  complete = eval::explore([&](eval::Chooser &chooser) { trips.push_back(eval::travel(machine, traveller, chooser)); },
                           [](eval::Course) {}, {}, kMostTrips);
  return trips;
}

static bool sameDecider(const Fate &fate, const eval::Trip &trip) {
  if (!fate.decider || !fate.reason.empty() != (fate.ending == Ending::Reject) || trip.steps.empty())
    return true;
  const eval::TripStep &last = trip.steps.back();
  bool isPolicy = last.kind == eval::StepKind::Policy;
  return isPolicy == fate.decider->policy && last.rule.table == fate.decider->table &&
         last.rule.rule.chain == fate.decider->chain && (isPolicy || last.rule.rule.rule == fate.decider->rule);
}

bool agrees(const Answer &answer, const Fate &fate, const packet::Packet &packet, const eval::Trip &trip) {
  if (fate.ending == Ending::Unknown)
    return true;
  if (name(fate.ending) != eval::name(trip.ending) || !sameDecider(fate, trip) ||
      (fate.ending == Ending::Reject && !trip.reason.empty() && fate.reason != trip.reason))
    return false;
  if (fate.ending == Ending::Drop || fate.ending == Ending::Reject || fate.ending == Ending::None)
    return true;
  bool ports = packet::hasPorts(unsigned(packet[Field::Proto]));
  for (Field field : {Field::Src, Field::Sport, Field::Dst, Field::Dport}) {
    bool isPort = field == Field::Sport || field == Field::Dport;
    if ((isPort && !ports) || (field == Field::Src && !answer.open.test(unsigned(field))))
      continue;
    auto changed = llvm::find_if(fate.rewritten, [&](const auto &each) { return each.first == field; });
    bool isUnknown = changed != fate.rewritten.end() && !changed->second;
    Value value = changed == fate.rewritten.end() ? packet[field] : changed->second.value_or(0);
    if (!isUnknown && (trip.open.isOpen(field) || trip.packet[field] != value))
      return false;
  }
  std::string gateway =
      trip.nextHop && (trip.nextHopFamily != packet.family || *trip.nextHop != trip.packet[Field::Dst])
          ? packet::addressText(*trip.nextHop, trip.nextHopFamily)
          : "";
  std::string expected =
      fate.gateway == packet::addressText(trip.packet[Field::Dst], packet.family) ? "" : fate.gateway;
  return fate.out == trip.out && (fate.ending == Ending::Input || expected == gateway);
}

} // namespace iptlint::query
