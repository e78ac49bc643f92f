// Addresses are cut into blocks around where the tests are, all other fields at the values at which tests begin or end.
//
// In both cases values for which the same rules may be met as for those beyond all tests go to the rest.
#include "tree/Askable.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <set>

namespace iptlint::tree {

/// A chain of more rules is none that a packet passes in few visits.
constexpr size_t kMostAsked = 64;

// --- what can be asked

static bool isBlock(Interval values) {
  Value differing = values.lo ^ values.hi;
  return (differing & (differing + 1)) == 0 && (values.lo & differing) == 0;
}

/// A name, or all names that begin alike; the empty name, which is "no interface", cannot be written.
static bool isAskableInterface(Interval values) {
  std::string name = packet::interfaceName(values.lo);
  if (name.empty())
    return false;
  if (values.lo == values.hi)
    return packet::isInterface(values.lo) && !llvm::StringRef(name).endswith("+");
  auto [lo, hi] = packet::interfacesStartingWith(name);
  return values == Interval{lo, hi} && packet::isInterface(lo) && name.size() < 15;
}

/// -p 0 asks for nothing.
static bool isAskableProtocol(Interval values, packet::Family family) {
  return values.lo == values.hi && values.lo != 0 && packet::canBeProtocol(unsigned(values.lo), family);
}

/// The states as CtState numbers them.
static bool isAskableState(Interval values) {
  static constexpr unsigned firsts[] = {0, 4, 8, 12, 13}, lasts[] = {3, 7, 11, 12, 13};
  return llvm::is_contained(firsts, unsigned(values.lo)) && llvm::is_contained(lasts, unsigned(values.hi));
}

/// Type 255 is written for any type.
static bool isAskableIcmp(Interval values) {
  bool wholeType = values.lo % 256 == 0 && values.hi == values.lo + 255;
  return (wholeType || values.lo == values.hi) && values.hi < 255 * 256;
}

bool isAskable(Field field, Interval values, packet::Family family) {
  switch (field) {
  case Field::Src:
  case Field::Dst:
    return isBlock(values) && values != Interval{0, packet::maxValue(field, family)};
  case Field::In:
  case Field::Out:
    return isAskableInterface(values);
  case Field::Proto:
    return isAskableProtocol(values, family);
  case Field::Sport:
  case Field::Dport:
    return true;
  case Field::Icmp:
    return isAskableIcmp(values);
  case Field::CtState:
    return isAskableState(values);
  case Field::Mark:
    return values.lo == values.hi;
  default:
    return false;
  }
}

bool isOfHeader(Field field) {
  return field == Field::Sport || field == Field::Dport || field == Field::Icmp;
}

std::optional<unsigned> protocolFor(Field field, const Region &region) {
  Interval protocol = region.of(Field::Proto);
  if (protocol.lo != protocol.hi)
    return std::nullopt;
  unsigned number = unsigned(protocol.lo);
  bool isIcmp = number == (region.familyOf() == packet::Family::IPv4 ? packet::kIcmp : packet::kIcmpv6);
  bool fits = field == Field::Icmp ? isIcmp : number == packet::kTcp || number == packet::kUdp;
  return fits ? std::optional(number) : std::nullopt;
}

// --- which values are alike

namespace {

/// Tells values of a field apart by which spans they lie in.
class Likeness {
public:
  explicit Likeness(llvm::ArrayRef<Span> spans);
  uint64_t of(Value value) const;

private:
  std::vector<std::pair<Value, uint64_t>> changes; ///< from a value on
};

} // namespace

/// Source: splitmix64, public domain.
static uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

Likeness::Likeness(llvm::ArrayRef<Span> spans) {
  for (size_t i = 0; i != spans.size(); ++i) {
    changes.push_back({spans[i].values.lo, mixed(i)});
    if (spans[i].values.hi != ~Value(0))
      changes.push_back({spans[i].values.hi + 1, mixed(i)});
  }
  llvm::sort(changes);
  for (size_t i = 1; i < changes.size(); ++i)
    changes[i].second ^= changes[i - 1].second;
}

uint64_t Likeness::of(Value value) const {
  auto next = llvm::partition_point(changes, [&](auto &change) { return change.first <= value; });
  return next == changes.begin() ? 0 : std::prev(next)->second;
}

// --- blocks of addresses

namespace {

/// Splits the block with the most values at which tests begin or end, until there are as many blocks as there may be.
class Blocks {
public:
  Blocks(const Column &column, unsigned most) : starts(column.starts), likeness(column.spans), most(most) {}
  std::vector<Interval> run(Interval whole);

private:
  size_t startsIn(Interval block) const;
  Interval shrunk(Interval block);
  void add(Interval half, std::vector<Interval> &halves);

  llvm::ArrayRef<Value> starts;
  Likeness likeness;
  unsigned most;
  std::set<uint64_t> restLike; ///< what lies between the blocks
};

} // namespace

/// How many tests begin or end inside of a block, not at its first value.
size_t Blocks::startsIn(Interval block) const {
  return size_t(llvm::upper_bound(starts, block.hi) - llvm::upper_bound(starts, block.lo));
}

/// The least block that holds all that changes inside of \p block; what lies around that goes to the rest.
Interval Blocks::shrunk(Interval block) {
  Value first = *llvm::upper_bound(starts, block.lo) - 1, last = *std::prev(llvm::upper_bound(starts, block.hi));
  Value differing = first ^ last;
  for (unsigned shift = 1; shift != 128; shift *= 2)
    differing |= differing >> shift;
  Interval inner{first & ~differing, first | differing};
  if (inner.lo != block.lo)
    restLike.insert(likeness.of(inner.lo - 1));
  if (inner.hi != block.hi)
    restLike.insert(likeness.of(inner.hi + 1));
  return inner;
}

void Blocks::add(Interval half, std::vector<Interval> &halves) {
  if (startsIn(half) != 0)
    halves.push_back(shrunk(half));
  else if (!restLike.count(likeness.of(half.lo)))
    halves.push_back(half);
}

std::vector<Interval> Blocks::run(Interval whole) {
  std::vector<Interval> done;
  std::multimap<size_t, Interval> open; // by how much changes inside
  Interval all = shrunk(whole);
  open.insert({startsIn(all), all});
  while (!open.empty()) {
    auto heaviest = std::prev(open.end());
    Interval block = heaviest->second;
    open.erase(heaviest);
    Value middle = block.lo + (block.hi - block.lo) / 2;
    std::vector<Interval> halves;
    if (startsIn(block) != 0) {
      add({block.lo, middle}, halves);
      add({middle + 1, block.hi}, halves);
    }
    if (startsIn(block) == 0 || open.size() + done.size() + halves.size() > most)
      done.push_back(block);
    else
      for (Interval half : halves)
        open.insert({startsIn(half), half});
  }
  llvm::sort(done, [](Interval one, Interval other) { return one.lo < other.lo; });
  return done;
}

// --- parts

/// Lays the rest into the gaps between what is asked for.
static std::vector<Part> withRest(llvm::ArrayRef<Interval> asked, Value last) {
  std::vector<Part> parts;
  Value next = 0;
  for (Interval values : asked) {
    if (values.lo != next)
      parts.push_back({{next, values.lo - 1}, true});
    parts.push_back({values, false});
    next = values.hi + 1;
    if (values.hi == last)
      return parts;
  }
  parts.push_back({{next, last}, true});
  return parts;
}

/// Between the values at which tests begin or end; where these are too many, as many of them in each interval.
static std::vector<Interval> intervalsOf(llvm::ArrayRef<Value> starts, Value last, unsigned fanOut) {
  std::vector<Interval> intervals;
  size_t count = starts.size() < 2 * fanOut ? starts.size() + 1 : fanOut;
  Value from = 0;
  for (size_t i = 1; i != count; ++i) {
    Value start = count == starts.size() + 1 ? starts[i - 1] : starts[i * starts.size() / count];
    intervals.push_back({from, start - 1});
    from = start;
  }
  intervals.push_back({from, last});
  return intervals;
}

/// What most intervals are like; of new connections where it is about states, which come to few rules in front.
static uint64_t restOf(Field field, llvm::ArrayRef<Interval> intervals, const Likeness &likeness) {
  if (field == Field::CtState)
    return likeness.of(0);
  std::map<uint64_t, size_t> counts;
  for (Interval values : intervals)
    ++counts[likeness.of(values.lo)];
  auto most = std::max_element(counts.begin(), counts.end(), [&](auto &one, auto &other) {
    bool otherIsLast = likeness.of(intervals.back().lo) == other.first;
    return one.second < other.second || (one.second == other.second && otherIsLast);
  });
  return most->first;
}

/// Ports are asked for in ranges; all else one by one, however many there are.
static bool isPort(Field field) {
  return field == Field::Sport || field == Field::Dport;
}

static std::vector<Interval> askedFor(Field field, const Column &column, const Region &region, unsigned fanOut) {
  Interval whole = region.whole(field);
  if (field == Field::Src || field == Field::Dst)
    return Blocks(column, fanOut).run(whole);
  Likeness likeness(column.spans);
  std::vector<Interval> intervals =
      intervalsOf(column.starts, whole.hi, isPort(field) ? fanOut : unsigned(column.starts.size() + 1));
  uint64_t rest = restOf(field, intervals, likeness);
  std::vector<Interval> asked;
  for (Interval values : intervals)
    if (isAskable(field, values, region.familyOf()) && likeness.of(values.lo) != rest)
      asked.push_back(values);
  return asked;
}

/// What no packet of the region has is not asked for, and some packets of it are to have the rest.
static void giveRest(std::vector<Part> &parts, Field field, const Region &region) {
  Part *last = nullptr;
  bool any = false;
  for (Part &part : parts) {
    bool meets = Region(region).narrow(field, part.values);
    any |= meets && part.rest;
    part.rest |= !meets;
    last = meets ? &part : last;
  }
  last->rest |= !any;
}

static bool isAskableField(Field field) {
  switch (field) {
  case Field::Src:
  case Field::Dst:
  case Field::In:
  case Field::Out:
  case Field::Proto:
  case Field::Sport:
  case Field::Dport:
  case Field::Icmp:
  case Field::CtState:
  case Field::Mark:
    return true;
  default:
    return false;
  }
}

std::vector<Part> askableParts(Field field, const Column &column, const Region &region, unsigned fanOut) {
  bool isPostrouting =
      region.of(Field::Hook) == Interval{Value(packet::Hook::Postrouting), Value(packet::Hook::Postrouting)};
  if (column.starts.empty() || !isAskableField(field) || (field == Field::In && isPostrouting))
    return {};
  std::vector<Interval> asked = askedFor(field, column, region, fanOut);
  if (asked.empty() || asked.size() > kMostAsked)
    return {};
  std::vector<Part> parts = withRest(asked, region.whole(field).hi);
  giveRest(parts, field, region);
  bool divides = llvm::any_of(parts, [](const Part &part) { return !part.rest; });
  return divides ? parts : std::vector<Part>();
}

} // namespace iptlint::tree
