#include "parse/SetBoxes.h"
#include "parse/SetPrefixes.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::RangeTest;
using ir::Set;
using ir::SetMember;
using ir::SetPart;
using ir::SetValue;
using packet::Family;
using packet::Field;

namespace {

/// A set as one question sees it.
struct Asked {
  const Set &set;
  const SetQuestion &question;
  Family family;
};

} // namespace

static RangeTest ranges(Field field, std::initializer_list<ir::Interval> values) {
  RangeTest test;
  test.field = field;
  test.ranges.assign(values);
  return test;
}

static RangeTest firstFragment() {
  return ranges(Field::Fragment, {{0, packet::Value(packet::Fragment::Later) - 1}});
}

static Field addressField(bool source) { return source ? Field::Src : Field::Dst; }
static Field portField(bool source) { return source ? Field::Sport : Field::Dport; }

/// Later fragments have no port; of the protocols without ports IPv4 looks at no fragment at all, IPv6 at every one.
/// Source: net/netfilter/ipset/ip_set_getport.c.
static void addPort(const Asked &asked, SetValue value, bool source, ir::Alternative &box) {
  bool icmp = value.protocol == packet::kIcmp || value.protocol == packet::kIcmpv6;
  bool ports = value.protocol == packet::kTcp || value.protocol == packet::kUdp || value.protocol == packet::kSctp ||
               value.protocol == packet::kUdplite;
  box.push_back(ranges(Field::Proto, {{value.protocol, value.protocol}}));
  if (icmp || ports || asked.family == Family::IPv6)
    box.push_back(firstFragment());
  if (icmp || ports)
    box.push_back(ranges(icmp ? Field::Icmp : portField(source), {{value.lo, value.hi}}));
}

static void addPart(const Asked &asked, unsigned part, SetValue value, ir::Alternative &box) {
  bool source = asked.question.isSource(part);
  switch (asked.set.parts[part]) {
  case SetPart::Address:
  case SetPart::Net:
    return box.push_back(ranges(addressField(source), {{value.lo, value.hi}}));
  case SetPart::Port:
    return addPort(asked, value, source, box);
  case SetPart::AnyPort:
    box.push_back(ranges(Field::Proto, {{packet::kTcp, packet::kTcp}, {packet::kUdp, packet::kUdp}}));
    box.push_back(firstFragment());
    return box.push_back(ranges(portField(source), {{value.lo, value.hi}}));
  case SetPart::Mac:
    return box.push_back(ranges(Field::Mac, {{value.lo, value.hi}}));
  case SetPart::Mark:
    return box.push_back(ir::MaskTest{Field::Mark, false, asked.set.markMask, value.lo});
  case SetPart::Interface:
    return box.push_back(ranges(source ? Field::In : Field::Out, {{value.lo, value.hi}}));
  case SetPart::Set:
    llvm_unreachable("a list of sets has no boxes of its own");
  }
}

static std::vector<ir::Alternative> toBoxes(const Asked &asked, llvm::ArrayRef<SetParts> all) {
  std::vector<ir::Alternative> boxes;
  boxes.reserve(all.size());
  constexpr unsigned kNoNextHeader = 59; // the search for a port gives up there
  for (const SetParts &parts : all) {
    ir::Alternative box;
    for (unsigned part = 0; part != asked.set.parts.size(); ++part)
      addPart(asked, part, parts[part], box);
    bool nothing = asked.family == Family::IPv6 && llvm::any_of(parts, [](const SetValue &value) { return value.protocol == kNoNextHeader; });
    if (!nothing)
      boxes.push_back(std::move(box));
  }
  return boxes;
}

/// Why a set's members say too little; empty if they do not.
static std::string whyUnknown(const Asked &asked) {
  const Set &set = asked.set;
  if (!set.unknown.empty())
    return set.unknown;
  if (llvm::any_of(set.members, [](const SetMember &member) { return member.physdev; }))
    return "ports of bridges in it are not modelled";
  for (unsigned part = 0; part != set.parts.size(); ++part)
    if (set.parts[part] == SetPart::Mac && !asked.question.isSource(part))
      return "destination MAC addresses are not modelled";
  return "";
}

/// A bitmap:ip,mac learns the address of a member without one from the first packet.
static bool learns(const Set &set) {
  return set.type == "bitmap:ip,mac" && llvm::any_of(set.members, [](const SetMember &member) {
           return member.parts[1].lo != member.parts[1].hi;
         });
}

static SetBoxes boxesOfMembers(const Asked &asked) {
  const Set &set = asked.set;
  SetBoxes made;
  if (std::string why = whyUnknown(asked); !why.empty())
    return {SetAnswer::Unknown, {}, why};
  bool hasNets = llvm::is_contained(set.parts, SetPart::Net);
  bool wantsNomatch = asked.question.returnNomatch && hasNets;
  if (learns(set))
    made.answer = SetAnswer::AtMost, made.why = "it learns MAC addresses from packets";
  else if (llvm::any_of(set.members, [](const SetMember &member) { return member.expires; }))
    made.answer = SetAnswer::AtMost, made.why = "members of it expire";
  auto decided = decidedMembers(set, wantsNomatch, /*whatever=*/made.answer == SetAnswer::AtMost);
  if (!decided)
    return {SetAnswer::Unknown, {}, "too many of its members are exceptions from others"};
  made.boxes = toBoxes(asked, *decided);
  return made;
}

/// Each member of a list is asked in turn, and one that holds the packet is enough.
static SetBoxes boxesOfList(const Set &list, const ir::Sets &all, const SetQuestion &question, Family family) {
  SetBoxes made;
  made.why = list.unknown;
  made.answer = list.unknown.empty() ? SetAnswer::Exact : SetAnswer::Unknown;
  for (const SetMember &member : list.members) {
    const Set *set = all.find(member.name);
    SetBoxes part = set ? boxesOf(*set, all, question, family) : SetBoxes{SetAnswer::Unknown, {}, "a set in it is not known"};
    if (member.expires && part.answer == SetAnswer::Exact)
      part.answer = SetAnswer::AtMost, part.why = "members of it expire";
    if (part.answer > made.answer)
      made.answer = part.answer, made.why = part.why;
    made.boxes.insert(made.boxes.end(), part.boxes.begin(), part.boxes.end());
  }
  return made;
}

/// Source: net/netfilter/ipset/ip_set_core.c, ip_set_test().
SetBoxes boxesOf(const Set &set, const ir::Sets &all, const SetQuestion &question, Family family) {
  if (question.directions < set.parts.size() || set.family.value_or(family) != family)
    return {};
  SetBoxes made = set.parts[0] == SetPart::Set ? boxesOfList(set, all, question, family)
                                               : boxesOfMembers({set, question, family});
  return made;
}

size_t countPieces(llvm::ArrayRef<ir::Alternative> boxes) {
  size_t pieces = 0;
  for (const ir::Alternative &box : boxes) {
    size_t most = 1;
    for (const auto &test : box)
      if (auto *range = std::get_if<RangeTest>(&test))
        most = std::max(most, range->ranges.size());
    pieces += most;
  }
  return pieces;
}

} // namespace iptlint::parse
