#include "parse/SetPrefixes.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <map>

namespace iptlint::parse {

using ir::Interval;
using ir::Set;
using ir::SetMember;
using ir::SetPart;
using ir::SetValue;
using packet::Value;

/// More boxes than this, or more comparisons on the way to them, are not worth it.
constexpr size_t kMostBoxes = 1 << 16, kMostComparisons = 20'000'000;

namespace {

struct Bounds {
  Value lo, hi;
  auto operator<=>(const Bounds &) const = default;
};

/// Cuts nested prefixes into what each has for itself, with no longer one inside.
class OwnRegions {
public:
  explicit OwnRegions(std::vector<Bounds> prefixes);
  const std::vector<Bounds> &of(Bounds prefix) const { return regions.at(prefix); }

private:
  struct Open {
    Bounds prefix;
    Value next;        ///< the first value that is not given away
    bool done = false; ///< there is none
  };
  void give(Open &open, Value end);
  void close();

  std::map<Bounds, std::vector<Bounds>> regions;
  std::vector<Open> open;
};

} // namespace

OwnRegions::OwnRegions(std::vector<Bounds> prefixes) {
  llvm::sort(prefixes, [](Bounds left, Bounds right) { return left.lo != right.lo ? left.lo < right.lo : left.hi > right.hi; });
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  for (Bounds prefix : prefixes) {
    while (!open.empty() && open.back().prefix.hi < prefix.lo)
      close();
    if (!open.empty()) {
      give(open.back(), prefix.lo);
      open.back().next = prefix.hi + 1;
      open.back().done = prefix.hi == open.back().prefix.hi;
    }
    open.push_back({prefix, prefix.lo});
    regions[prefix];
  }
  while (!open.empty())
    close();
}

/// All from `next` to before \p end belongs to an open prefix.
void OwnRegions::give(Open &of, Value end) {
  if (!of.done && of.next < end)
    regions[of.prefix].push_back({of.next, end - 1});
}

void OwnRegions::close() {
  Open &last = open.back();
  if (!last.done)
    regions[last.prefix].push_back({last.next, last.prefix.hi});
  open.pop_back();
}

static Bounds boundsOf(const SetValue &value) { return {value.lo, value.hi}; }

static bool overlap(const SetValue &left, const SetValue &right) { return left.lo <= right.hi && right.lo <= left.hi; }

/// Whether an interface is both held and excepted with the same prefix: the one that was added first decides.
static bool hangsOnOrder(const Set &set) {
  std::map<Bounds, std::vector<const SetMember *>> byPrefix;
  for (const SetMember &member : set.members)
    byPrefix[boundsOf(member.parts[0])].push_back(&member);
  size_t comparisons = 0;
  for (const auto &[prefix, members] : byPrefix)
    for (const SetMember *left : members)
      for (const SetMember *right : members)
        if (++comparisons > kMostComparisons || (left->nomatch != right->nomatch && overlap(left->parts[1], right->parts[1])))
          return true;
  return false;
}

/// One net, perhaps with an interface: the longest prefix that holds the address decides whatever the
/// interface, so one with another interface hides all shorter ones.
static std::vector<SetParts> decidedByOneNet(const Set &set, bool wantsNomatch) {
  std::vector<Bounds> prefixes;
  for (const SetMember &member : set.members)
    prefixes.push_back(boundsOf(member.parts[0]));
  OwnRegions regions(std::move(prefixes));
  std::vector<SetParts> decided;
  for (const SetMember &member : set.members) {
    if (member.nomatch != wantsNomatch)
      continue;
    for (Bounds region : regions.of(boundsOf(member.parts[0]))) {
      decided.push_back(member.parts);
      decided.back()[0].lo = region.lo;
      decided.back()[0].hi = region.hi;
    }
  }
  return decided;
}

// --- several parts

/// Whether \p left is looked up before \p right.
static bool isBefore(const Set &set, const SetParts &left, const SetParts &right) {
  for (unsigned i = 0; i != set.parts.size(); ++i)
    if (set.parts[i] == SetPart::Net && left[i].hi - left[i].lo != right[i].hi - right[i].lo)
      return left[i].hi - left[i].lo < right[i].hi - right[i].lo;
  return false;
}

static bool overlap(const Set &set, const SetParts &left, const SetParts &right) {
  for (unsigned i = 0; i != set.parts.size(); ++i)
    if (left[i].protocol != right[i].protocol || !overlap(left[i], right[i]))
      return false;
  return true;
}

/// Appends what is left of \p box without \p hole.
static void subtract(const Set &set, SetParts box, const SetParts &hole, std::vector<SetParts> &left) {
  if (!overlap(set, box, hole))
    return left.push_back(box);
  for (unsigned i = 0; i != set.parts.size(); ++i) {
    if (box[i].lo < hole[i].lo) {
      left.push_back(box);
      left.back()[i].hi = hole[i].lo - 1;
      box[i].lo = hole[i].lo;
    }
    if (box[i].hi > hole[i].hi) {
      left.push_back(box);
      left.back()[i].lo = hole[i].hi + 1;
      box[i].hi = hole[i].hi;
    }
  }
}

static std::optional<std::vector<SetParts>> decidedByParts(const Set &set, bool wantsNomatch) {
  std::vector<SetParts> decided;
  size_t comparisons = 0;
  for (const SetMember &member : set.members) {
    if (member.nomatch != wantsNomatch)
      continue;
    std::vector<SetParts> left{member.parts};
    for (const SetMember &hole : set.members) {
      if (hole.nomatch == wantsNomatch || !isBefore(set, hole.parts, member.parts))
        continue;
      std::vector<SetParts> smaller;
      for (const SetParts &box : left)
        subtract(set, box, hole.parts, smaller);
      left = std::move(smaller);
      comparisons += left.size() + 1;
      if (comparisons > kMostComparisons)
        return std::nullopt;
    }
    decided.insert(decided.end(), left.begin(), left.end());
    if (decided.size() > kMostBoxes)
      return std::nullopt;
  }
  return decided;
}

std::optional<std::vector<SetParts>> decidedMembers(const Set &set, bool wantsNomatch, bool whatever) {
  bool exceptions = llvm::any_of(set.members, [](const SetMember &member) { return member.nomatch; });
  bool hasInterfaces = set.type == "hash:net,iface";
  if (!whatever && hasInterfaces && hangsOnOrder(set))
    return std::nullopt;
  if (!whatever && (hasInterfaces || (exceptions && set.parts.size() == 1)))
    return decidedByOneNet(set, wantsNomatch);
  if (!whatever && exceptions)
    return decidedByParts(set, wantsNomatch);
  std::vector<SetParts> all;
  for (const SetMember &member : set.members)
    if (member.nomatch == wantsNomatch)
      all.push_back(member.parts);
  return all;
}

} // namespace iptlint::parse
