#include "parse/SetsContents.h"
#include "llvm/ADT/Hashing.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::SetMember;
using ir::SetPart;
using ir::SetValue;
using packet::Value;

/// Looking for overlapping ranges is given up after so many comparisons.
constexpr uint64_t kMostMemberComparisons = 100'000'000;

size_t SetContents::KeyHash::operator()(const Key &key) const {
  llvm::hash_code hash = llvm::hash_combine(key.name, key.physdev);
  for (const SetValue &part : key.parts)
    hash = llvm::hash_combine(hash, uint64_t(part.lo), uint64_t(part.lo >> 64), uint64_t(part.hi), part.protocol);
  return hash;
}

/// What tells a member from others. A bitmap has one MAC address for each address.
SetContents::Key SetContents::keyOf(const SetMember &member) const {
  Key key{member.parts, member.name, member.physdev};
  if (shape.type->name == "bitmap:ip,mac")
    key.parts[1] = {};
  return key;
}

/// A Net or an Interface is one element however much it covers.
static bool hasElements(SetPart part) {
  return part == SetPart::Address || part == SetPart::Port || part == SetPart::AnyPort;
}

bool SetContents::isRange(const SetMember &member) const { return elements(member.parts) > 1; }

/// How many elements the kernel stores for a member; at most 2^63.
uint64_t SetContents::elements(const SetContents::Parts &parts) const {
  constexpr uint64_t kBound = uint64_t(1) << 63;
  Value product = 1;
  for (unsigned i = 0; i != shape.type->dimension; ++i) {
    if (!hasElements(shape.type->parts[i]))
      continue;
    Value size = parts[i].hi - parts[i].lo + 1;
    if (shape.type->parts[i] == SetPart::Address)
      size >>= packet::bits(packet::Field::Src, shape.family) - shape.netmask;
    if (size == 0 || size > kBound / product)
      return kBound;
    product *= size;
  }
  return uint64_t(product);
}

/// Whether two members have elements in common, apart from being the same: what is no range has none.
bool SetContents::overlaps(const Parts &left, const Parts &right) const {
  if (llvm::none_of(shape.type->parts, hasElements) || shape.type->name == "list:set")
    return false;
  for (unsigned i = 0; i != shape.type->dimension; ++i) {
    bool same = left[i] == right[i];
    bool apart = left[i].protocol != right[i].protocol || left[i].lo > right[i].hi || right[i].lo > left[i].hi;
    if (apart || (!same && !hasElements(shape.type->parts[i])))
      return false;
  }
  return true;
}

bool SetContents::overlapsAny(const SetMember &member) {
  auto collides = [&](size_t i) { return !gone[i] && overlaps(members[i].parts, member.parts); };
  if (!isRange(member)) {
    comparisons += ranges.size();
    return comparisons < kMostMemberComparisons && llvm::any_of(ranges, collides);
  }
  comparisons += members.size();
  for (size_t i = 0; i != members.size() && comparisons < kMostMemberComparisons; ++i)
    if (collides(i))
      return true;
  return false;
}

void SetContents::keep(const SetMember &member) {
  known[keyOf(member)] = members.size();
  if (isRange(member))
    ranges.push_back(members.size());
  members.push_back(member);
  gone.push_back(false);
}

void SetContents::drop(size_t index) {
  known.erase(keyOf(members[index]));
  gone[index] = true;
}

std::string SetContents::add(const SetMember &member, bool exist) {
  auto same = known.find(keyOf(member));
  if (same != known.end()) {
    if (!exist)
      return "is in the set already";
    members[same->second] = member;
    return "";
  }
  bool partly = overlapsAny(member);
  if (comparisons >= kMostMemberComparisons)
    set->unknown = "it has too many ranges to tell which overlap";
  if (partly && !exist) {
    set->unknown = "a part of a range was in it already, where ipset stops to add";
    return "is in the set already, in part";
  }
  overlapping |= partly;
  count += elements(member.parts);
  if (most != 0 && count > most) {
    set->unknown = "more is added to it than it has room for";
    return overlapping ? "" : fmt::format("is too much: the set has room for {} (maxelem)", most);
  }
  keep(member);
  return "";
}

/// Takes a box out of the members that overlap it, which leaves boxes beside it.
/// \returns how many elements there were to take out.
uint64_t SetContents::cutOut(const Parts &parts) {
  uint64_t taken = 0;
  for (size_t i = 0, end = members.size(); i != end; ++i) {
    if (gone[i] || !overlaps(members[i].parts, parts))
      continue;
    drop(i);
    SetMember rest = members[i];
    for (unsigned part = 0; part != shape.type->dimension; ++part) {
      SetValue whole = rest.parts[part];
      for (SetValue beside : {SetValue{whole.lo, parts[part].lo - 1, whole.protocol},
                              SetValue{parts[part].hi + 1, whole.hi, whole.protocol}}) {
        bool below = beside.lo == whole.lo;
        if (below ? whole.lo >= parts[part].lo : whole.hi <= parts[part].hi)
          continue;
        rest.parts[part] = beside;
        keep(rest);
      }
      rest.parts[part] = {std::max(whole.lo, parts[part].lo), std::min(whole.hi, parts[part].hi), whole.protocol};
    }
    taken += elements(rest.parts);
  }
  return taken;
}

std::string SetContents::remove(const SetMember &member, bool exist) {
  auto same = known.find(keyOf(member));
  uint64_t wanted = elements(member.parts), taken = wanted;
  if (same != known.end())
    drop(same->second);
  else
    taken = cutOut(member.parts);
  count -= std::min(taken, count);
  if (taken == wanted || exist)
    return "";
  if (taken != 0)
    set->unknown = "a part of what is deleted was not in it, where ipset stops to delete";
  return "is not in the set";
}

void SetContents::flush() {
  members.clear();
  gone.clear();
  ranges.clear();
  known.clear();
  count = 0;
  overlapping = false;
  set->unknown = alwaysUnknown;
}

bool SetContents::holdsSet(llvm::StringRef name) const {
  return known.count({{}, name, false}) != 0;
}

void SetContents::swap(SetContents &other) {
  std::swap(set->members, other.set->members);
  std::swap(set->unknown, other.set->unknown);
  std::swap(set->markMask, other.set->markMask);
  std::swap(set->hasCounters, other.set->hasCounters);
  std::swap(*this, other);
  std::swap(set, other.set); // these are names still
}

void SetContents::finish() {
  for (size_t i = 0; i != members.size(); ++i)
    if (!gone[i])
      set->members.push_back(members[i]);
}

} // namespace iptlint::parse
