#include "pass/GatheredSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <map>
#include <set>

namespace iptlint::pass {

using analysis::Gather;
using ir::Interval;
using ir::RangeTest;
using ir::Set;
using ir::SetMember;
using ir::SetPart;
using ir::SetValue;
using packet::Field;
using packet::Value;

/// Nanoseconds, for sets of about 100 members; 10,000 take two or three times as long. Source: measured rates of one
/// rule with a set, against rules in a chain (docs/sets.md).
constexpr double kPerLookUp = 120, kPerLength = 30, kPerPort = 40;

static const RangeTest &testOf(const ir::Rule &rule, Field field) {
  for (const ir::Test &test : rule.tests)
    if (auto *range = std::get_if<RangeTest>(&test); range && range->field == field)
      return *range;
  llvm_unreachable("rules that are gathered ask for the field");
}

unsigned protocolOf(const ir::Rule &rule) {
  for (const ir::Test &test : rule.tests) {
    auto *range = std::get_if<RangeTest>(&test);
    if (range && range->field == Field::Proto && !range->negated && range->ranges.size() == 1 &&
        range->ranges.front().lo == range->ranges.front().hi)
      return unsigned(range->ranges.front().lo);
  }
  return 0;
}

// --- members

/// The fewest prefixes that make up a range, none of length 0.
static std::vector<Interval> prefixesOf(Interval range, Value most) {
  std::vector<Interval> prefixes;
  for (Value next = range.lo;;) {
    Value host = most >> 1;
    while ((next & host) != 0 || (next | host) > range.hi)
      host >>= 1;
    prefixes.push_back({next, next | host});
    if (prefixes.back().hi == range.hi)
      return prefixes;
    next = prefixes.back().hi + 1;
  }
}

static auto orderOf(const SetMember &member) {
  auto part = [&](size_t i) { return std::tuple(member.parts[i].lo, member.parts[i].hi); };
  return std::tuple(part(0), part(1), member.comment);
}

static void addMembers(const ir::Rule &rule, const Gather &gather, unsigned protocol, packet::Family family,
                       llvm::StringRef comment, std::vector<SetMember> &members) {
  Value most = packet::maxValue(gather.address, family);
  for (Interval prefix : prefixesOf(testOf(rule, gather.address).ranges.front(), most)) {
    SetMember member;
    member.parts[0] = {prefix.lo, prefix.hi};
    if (gather.port) {
      Interval port = testOf(rule, *gather.port).ranges.front();
      member.parts[1] = {port.lo, port.hi, uint8_t(protocol)};
    }
    member.comment = comment;
    members.push_back(member);
  }
}

/// A hash cannot hold the address of all zeros, unless as a prefix.
static bool isAddress(const SetMember &member) {
  return member.parts[0].lo == member.parts[0].hi && member.parts[0].lo != 0;
}

static void giveType(Set &set, bool withPort) {
  bool addresses = withPort || llvm::all_of(set.members, isAddress);
  set.type = withPort ? "hash:ip,port" : addresses ? "hash:ip" : "hash:net";
  set.parts = {addresses ? SetPart::Address : SetPart::Net};
  if (withPort)
    set.parts.push_back(SetPart::Port);
}

Set gatheredSet(const Rules &rules, const Gather &gather, unsigned protocol, packet::Family family) {
  Set set;
  set.family = family;
  bool differ = llvm::any_of(rules, [&](const ir::Rule *rule) { return rule->comment != rules.front()->comment; });
  for (const ir::Rule *rule : rules)
    addMembers(*rule, gather, protocol, family, differ ? rule->comment : llvm::StringRef(), set.members);
  llvm::sort(set.members, [](const SetMember &a, const SetMember &b) { return orderOf(a) < orderOf(b); });
  auto isSame = [](const SetMember &a, const SetMember &b) { return a.parts == b.parts; };
  set.members.erase(std::unique(set.members.begin(), set.members.end(), isSame), set.members.end());
  giveType(set, gather.port.has_value());
  return set;
}

// --- the test

static RangeTest rangeTest(Field field, Value lo, Value hi) {
  return {field, std::nullopt, false, {{lo, hi}}};
}

/// Sorted and put together where they touch.
static void addRange(RangeTest &test, SetValue value) {
  if (!test.ranges.empty() && value.lo <= test.ranges.back().hi + 1)
    test.ranges.back().hi = std::max(test.ranges.back().hi, value.hi);
  else
    test.ranges.push_back({value.lo, value.hi});
}

/// Later fragments have no port.
static ir::Alternative withPort(RangeTest addresses, Field port, SetValue value) {
  return {rangeTest(Field::Proto, value.protocol, value.protocol),
          rangeTest(Field::Fragment, 0, Value(packet::Fragment::Later) - 1), std::move(addresses),
          rangeTest(port, value.lo, value.hi)};
}

ir::Test isIn(const Set &set, const Gather &gather) {
  std::map<Value, RangeTest> byPort; // members are sorted by their addresses
  for (const SetMember &member : set.members) {
    RangeTest &test = byPort[member.parts[1].lo];
    test.field = gather.address;
    addRange(test, member.parts[0]);
  }
  std::vector<ir::Alternative> alternatives;
  for (auto &[port, addresses] : byPort) {
    if (gather.port)
      alternatives.push_back(
          withPort(std::move(addresses), *gather.port, {port, port, set.members.front().parts[1].protocol}));
    else
      alternatives.push_back({std::move(addresses)});
  }
  return ir::UnionTest{false, std::make_shared<const std::vector<ir::Alternative>>(std::move(alternatives))};
}

// --- what it is worth

double lookUpCost(const Set &set) {
  std::set<Value> lengths;
  for (const SetMember &member : set.members)
    lengths.insert(member.parts[0].hi - member.parts[0].lo);
  return kPerLookUp + kPerLength * double(lengths.size()) + (set.parts.size() > 1 ? kPerPort : 0);
}

/// Rules that ask for the same port may become prefixes, those for the same address a multiport.
size_t fewestRules(const Set &set, packet::Family family) {
  std::map<Value, RangeTest> byPort;
  std::set<Value> addresses;
  for (const SetMember &member : set.members) {
    addRange(byPort[member.parts[1].lo], member.parts[0]);
    addresses.insert(member.parts[0].lo);
  }
  size_t prefixes = 0;
  for (const auto &[port, all] : byPort)
    for (Interval range : all.ranges)
      prefixes += prefixesOf(range, packet::maxValue(Field::Src, family)).size();
  return set.parts.size() > 1 ? std::min(prefixes, addresses.size()) : prefixes;
}

} // namespace iptlint::pass
