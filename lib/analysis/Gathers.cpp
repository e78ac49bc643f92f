#include "analysis/Gathers.h"
#include "analysis/Alike.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace iptlint::analysis {

using ir::Interval;
using ir::RangeTest;
using ir::RuleId;

/// How many places are tried for a rule: those of the first rules that it is alike with and could not join.
constexpr size_t kMostPlaces = 8;

namespace {

/// The values that rules have in their slots, for rules no two of which may have packets in common.
class Taken {
public:
  /// \returns false, with nothing taken, where some value is taken already. \param others  of the second slot, if any.
  bool take(const RangeTest &values, const RangeTest *others) {
    if (overlaps(values, others))
      return false;
    Interval all = others ? others->ranges.front() : Interval{};
    taken[all.lo].emplace(values.ranges.front().hi, values.ranges.front().lo);
    return true;
  }

private:
  bool overlaps(const RangeTest &values, const RangeTest *others) const {
    auto same = taken.find(others ? others->ranges.front().lo : 0);
    if (same == taken.end())
      return false;
    auto next = same->second.lower_bound(values.ranges.front().lo);
    return next != same->second.end() && next->second <= values.ranges.front().hi;
  }

  std::map<Value, std::map<Value, Value>> taken; ///< by port, or 0: the last value of each range, and its first
};

/// Rules that one rule in the place of the first may replace.
struct Place {
  std::vector<uint32_t> rules; ///< ascending
  Taken taken;                 ///< of rules that let packets go on
};

class Gathering {
public:
  Gathering(const ir::Table &table, Moves &moves, uint32_t chain, const std::vector<RuleReach> &reach,
            const GatherOptions &options)
      : rules(table.chains[chain].rules), moves(moves), chain(chain),
        all(table, chain, reach, /*anyComments=*/true, options.mayMerge), worthASet(options.worthASet),
        used(rules.size()) {}

  void run(std::vector<Gather> &gathers);

private:
  std::vector<Candidate> candidates() const;
  void addCandidates(uint32_t rule, std::vector<Candidate> &found) const;
  std::vector<Place> placesOf(llvm::ArrayRef<Candidate> group);
  bool join(Place &place, const Candidate &one);
  Gather gatherOf(const Place &place, const Candidate &one);
  const RangeTest &testOf(uint32_t rule, Slot slot) const { return std::get<RangeTest>(rules[rule].tests[slot.test]); }

  const std::vector<ir::Rule> &rules;
  Moves &moves;
  uint32_t chain;
  AlikeRules all;
  const std::function<bool(const Gather &)> &worthASet;
  std::vector<bool> used; ///< by rule: some gather has it
};

} // namespace

static bool isAddress(Field field) {
  return field == Field::Src || field == Field::Dst;
}
static bool isPort(Field field) {
  return field == Field::Sport || field == Field::Dport;
}

/// A positive test of one range of addresses, or of one port.
static const RangeTest *slotIn(const ir::Test &test) {
  auto *range = std::get_if<RangeTest>(&test);
  if (!range || range->negated || range->orField || range->ranges.size() != 1)
    return nullptr;
  bool onePort = isPort(range->field) && range->ranges.front().lo == range->ranges.front().hi;
  return isAddress(range->field) || onePort ? range : nullptr;
}

/// With each of its addresses, and with each of these that is one alone together with each of its ports.
void Gathering::addCandidates(uint32_t r, std::vector<Candidate> &found) const {
  std::vector<Slot> addresses, ports;
  for (uint32_t t = 0; t != rules[r].tests.size(); ++t)
    if (const RangeTest *slot = slotIn(rules[r].tests[t]); slot && all.isOnly(r, *slot))
      (isPort(slot->field) ? ports : addresses).push_back({slot->field, t});
  for (Slot address : addresses) {
    found.push_back(all.candidate(r, address));
    Interval values = testOf(r, address).ranges.front();
    for (Slot port : values.lo == values.hi ? ports : std::vector<Slot>())
      found.push_back(all.candidate(r, {address, port}));
  }
}

std::vector<Candidate> Gathering::candidates() const {
  std::vector<Candidate> found;
  for (uint32_t r = 0; r != rules.size(); ++r)
    if (all.isOpen(r))
      addCandidates(r, found);
  return found;
}

/// \returns false where the rule may not stand where the first of the place's rules does, and be one with them.
bool Gathering::join(Place &place, const Candidate &one) {
  if (!place.rules.empty() && !moves.mayMoveUp({chain, one.rule}, place.rules.front() + 1))
    return false;
  const RangeTest *port = one.slots.size() > 1 ? &testOf(one.rule, one.slots[1]) : nullptr;
  if (letsGoOn(rules[one.rule]) && !place.taken.take(testOf(one.rule, one.slots[0]), port))
    return false;
  place.rules.push_back(one.rule);
  return true;
}

std::vector<Place> Gathering::placesOf(llvm::ArrayRef<Candidate> group) {
  std::vector<Place> places;
  auto writesSlot = [&](Slot slot) { return moves.mayWrite(rules[group.front().rule], slot.field); };
  if (letsGoOn(rules[group.front().rule]) && llvm::any_of(group.front().slots, writesSlot))
    return places;
  for (const Candidate &one : group) {
    if (used[one.rule] || llvm::any_of(places, [&](Place &place) { return join(place, one); }))
      continue;
    if (places.size() < kMostPlaces)
      join(places.emplace_back(), one);
  }
  return places;
}

Gather Gathering::gatherOf(const Place &place, const Candidate &one) {
  Gather gather;
  for (uint32_t rule : place.rules)
    gather.rules.push_back({chain, rule});
  gather.address = one.slots[0].field;
  if (one.slots.size() > 1)
    gather.port = one.slots[1].field;
  return gather;
}

void Gathering::run(std::vector<Gather> &gathers) {
  std::vector<std::vector<Candidate>> groups = all.groups(candidates());
  // Addresses alone are looked up faster than with ports: those are worth more than twice the rules.
  auto worth = [](const auto &group) { return group.size() * (group.front().slots.size() == 1 ? 2 : 1); };
  llvm::stable_sort(groups, [&](const auto &a, const auto &b) { return worth(a) > worth(b); });
  for (const std::vector<Candidate> &group : groups)
    for (const Place &place : placesOf(group)) {
      Gather gather = gatherOf(place, group.front());
      if (gather.rules.size() < 2 || !worthASet(gather))
        continue;
      gather.countersAdd = countersAdd(moves, chain, place.rules);
      for (uint32_t rule : place.rules)
        used[rule] = true;
      gathers.push_back(std::move(gather));
    }
}

std::vector<Gather> findGathers(const ir::Table &table, Moves &moves, const std::vector<std::vector<RuleReach>> &reach,
                                const GatherOptions &options) {
  std::vector<Gather> gathers;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    Gathering(table, moves, chain, reach[chain], options).run(gathers);
  llvm::sort(gathers, [](const Gather &a, const Gather &b) { return a.rules.front() < b.rules.front(); });
  return gathers;
}

} // namespace iptlint::analysis
