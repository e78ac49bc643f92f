#include "emit/NftCondition.h"
#include "packet/Packet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::emit {

using ir::Field;
using ir::Interval;
using ir::Value;
using packet::Family;

using Ranges = llvm::SmallVector<Interval, 1>;

// Of the values of Field::CtState, as bits.
static constexpr unsigned kStatesWithFlow = 0xfff;

/// Whether every value of the field, or none, is in the ranges.
static bool isEvery(const Ranges &ranges, Field field, Family family) {
  return ranges.size() == 1 && ranges[0].lo == 0 && ranges[0].hi >= packet::maxValue(field, family);
}

/// The values of a field with few of them that meet the test, as bits.
static unsigned valuesOf(const ir::RangeTest &test, Family family) {
  unsigned values = 0;
  for (unsigned value = 0; value <= unsigned(packet::maxValue(test.field, family)); ++value) {
    bool inside = llvm::any_of(test.ranges, [&](Interval range) { return range.lo <= value && value <= range.hi; });
    values |= unsigned(inside != test.negated) << value;
  }
  return values;
}

static bool readsFlowMark(const ir::Test &test) {
  const auto *mask = std::get_if<ir::MaskTest>(&test);
  return mask && mask->field == Field::ConnMark;
}

std::string NftCondition::add(llvm::ArrayRef<ir::Test> tests, NftRule &into) {
  rule = &into;
  refused.clear();
  readsConnMark = llvm::any_of(tests, readsFlowMark);
  for (const ir::Test &test : tests)
    std::visit([&](const auto &each) { add(each); }, test);
  if (rule->never && rule->keepsState)
    refuse("a condition that no packet meets behind one that keeps state");
  return refused;
}

// --- ranges

void NftCondition::add(const ir::RangeTest &test) {
  bool every = isEvery(test.ranges, test.field, family), none = test.ranges.empty();
  if (every && !test.negated && test.field == Field::CtState) // it has the kernel track connections all the same
    return addStates(test);
  if (every || none) {
    rule->never |= every == test.negated;
    return;
  }
  switch (test.field) {
  case Field::In:
  case Field::Out:
    return addInterfaces(test);
  case Field::Src:
  case Field::Dst:
  case Field::Proto:
  case Field::Sport:
  case Field::Dport:
  case Field::Mark:
    return addKeys(test);
  case Field::Fragment:
    return addFragment(test);
  case Field::Icmp:
    return addIcmp(test);
  case Field::CtState:
    return addStates(test);
  case Field::SrcType:
  case Field::DstType:
    return addAddressTypes(test);
  case Field::Mac:
    return addMac(test);
  case Field::Ttl:
    return addNumbers(test, family == Family::IPv4 ? "ip ttl" : "ip6 hoplimit");
  case Field::Length:
    return addNumbers(test, "meta length");
  case Field::PktType: {
    static constexpr llvm::StringLiteral names[] = {"host", "broadcast", "multicast", "other"};
    return addNames(test, "meta pkttype", names);
  }
  case Field::Uid:
    return addOwner(test, "meta skuid");
  case Field::Gid:
    return addOwner(test, "meta skgid");
  case Field::CtReply:
    return addText(valuesOf(test, family) == 1 ? "ct direction original" : "ct direction reply");
  default:
    refuse(fmt::format("a test of the field {}", packet::name(test.field).str()));
  }
}

/// `SELECTOR VALUE`, `SELECTOR != { VALUE, VALUE }`.
void NftCondition::addSet(const ir::RangeTest &test, llvm::StringRef selector, std::vector<std::string> values) {
  std::string right = values.size() == 1 ? values[0] : "{ " + llvm::join(values, ", ") + " }";
  addText((selector + (test.negated ? " != " : " ") + right).str());
}

/// The protocol stands in front of what reads its header: it was noted when it was met.
void NftCondition::addKeys(const ir::RangeTest &test) {
  bool single = test.ranges.size() == 1 && !test.negated;
  if (single && test.field == Field::Proto && test.ranges[0].lo == test.ranges[0].hi)
    rule->protocol = unsigned(test.ranges[0].lo);
  if (single && nftCanBeKey({test.field, test.ranges[0]})) {
    rule->parts.push_back({"", NftKey{test.field, test.ranges[0]}, false});
    return;
  }
  std::vector<std::string> values;
  for (Interval range : test.ranges)
    values.push_back(nftValue({test.field, range}, family));
  addSet(test, nftSelector(test.field, rule->protocol, family), std::move(values));
}

/// The name with its quotes, with a star behind it where all that begin so are meant; empty where nft cannot say it.
static std::string interfacePattern(Interval range) {
  std::string name = packet::interfaceName(range.lo);
  bool exact = range.lo == range.hi;
  bool prefix = packet::interfacesStartingWith(name) == std::pair(range.lo, range.hi);
  if (name.empty() || name.find_first_of("\"\\*") != std::string::npos || (!exact && !prefix))
    return "";
  return '"' + name + (exact ? "\"" : "*\"");
}

void NftCondition::addInterfaces(const ir::RangeTest &test) {
  std::vector<std::string> patterns;
  for (Interval range : test.ranges)
    patterns.push_back(interfacePattern(range));
  if (llvm::is_contained(patterns, ""))
    return refuse("the name of an interface that nft cannot write");
  if (!test.negated && test.ranges.size() == 1 && nftCanBeKey({test.field, test.ranges[0]})) {
    rule->parts.push_back({"", NftKey{test.field, test.ranges[0]}, false});
    return;
  }
  addSet(test, nftSelector(test.field, std::nullopt, family), std::move(patterns));
}

/// Where connections are tracked there are no fragments. In IPv6 nft has no test that holds of all packets but later
/// fragments, since what asks a fragment header fails where there is none.
void NftCondition::addFragment(const ir::RangeTest &test) {
  unsigned values = valuesOf(test, family), later = 0;
  for (auto fragment : {packet::Fragment::Later, packet::Fragment::Last})
    later |= 1u << unsigned(fragment);
  bool isLater = values == later, isNot = values == (~later & 0x1f);
  if (isNot && tracked)
    return;
  if (family == Family::IPv6)
    return refuse(isNot ? "ports or types in a table of IPv6 that does not track connections" : "-m frag");
  if (!isLater && !isNot)
    return refuse("a test for some fragments");
  addText(isLater ? "ip frag-off & 0x1fff != 0" : "ip frag-off & 0x1fff == 0", /*steady=*/true);
}

/// All codes of one type, or the two bytes of type and code as a number.
void NftCondition::addIcmp(const ir::RangeTest &test) {
  constexpr unsigned kCodes = 256;
  bool whole = llvm::all_of(test.ranges,
                            [](Interval range) { return range.lo % kCodes == 0 && range.hi % kCodes == kCodes - 1; });
  std::vector<std::string> values;
  for (Interval range : test.ranges)
    values.push_back(nftValue({Field::Icmp, whole ? Interval{range.lo / kCodes, range.hi / kCodes} : range}, family));
  llvm::StringRef header = family == Family::IPv4 ? "icmp type" : "icmpv6 type";
  addSet(test, whole ? header : "@th,0,16", std::move(values));
}

/// States of conntrack, or whether the flow is translated.
void NftCondition::addStates(const ir::RangeTest &test) {
  static constexpr std::pair<llvm::StringLiteral, unsigned> states[] = {
      {"new", 0xf}, {"established", 0xf0}, {"related", 0xf00}, {"invalid", 0x1000}, {"untracked", 0x2000}};
  constexpr unsigned kDnat = 0xccc, kSnat = 0xaaa;
  unsigned values = valuesOf(test, family), named = 0;
  if (values == kStatesWithFlow && readsConnMark)
    return;
  if (values == kDnat || values == kSnat)
    return addText(values == kDnat ? "ct status dnat" : "ct status snat");
  if (values == (kStatesWithFlow & ~kDnat) || values == (kStatesWithFlow & ~kSnat)) // IPS_DST_NAT, IPS_SRC_NAT
    return addText(values == (kStatesWithFlow & ~kDnat) ? "ct status & 0x20 == 0" : "ct status & 0x10 == 0");
  std::vector<std::string> names;
  for (auto [name, bits] : states)
    if ((values & bits) == bits) {
      names.push_back(name.str());
      named |= bits;
    }
  if (named != values)
    return refuse("--ctstate with SNAT or DNAT beside other states");
  addText("ct state " + llvm::join(names, ","));
}

/// In IPv6 nft and iptables ask routing in different ways, but for addresses of the machine.
void NftCondition::addAddressTypes(const ir::RangeTest &test) {
  static constexpr llvm::StringLiteral names[] = {"unspec",    "unicast",   "local",       "broadcast", "anycast",
                                                  "multicast", "blackhole", "unreachable", "prohibit"};
  constexpr unsigned kLocal = 1u << unsigned(packet::AddrType::Local);
  if (family == Family::IPv6 && (valuesOf(test, family) != kLocal || test.negated))
    return refuse("-m addrtype with other types than LOCAL");
  addNames(test, test.field == Field::SrcType ? "fib saddr type" : "fib daddr type", names);
}

/// Values by their names, the first one's first.
void NftCondition::addNames(const ir::RangeTest &test, llvm::StringRef selector,
                            llvm::ArrayRef<llvm::StringLiteral> names) {
  std::vector<std::string> values;
  for (Interval range : test.ranges)
    for (Value value = range.lo; value <= range.hi; ++value) {
      if (value >= names.size())
        return refuse(fmt::format("a value of {} that nft has no name for", selector.str()));
      values.push_back(names[size_t(value)].str());
    }
  addSet(test, selector, std::move(values));
}

/// One address; or all but one, which a packet without any does not meet.
void NftCondition::addMac(const ir::RangeTest &test) {
  constexpr Value last = packet::kNoMac - 1;
  const Ranges &ranges = test.ranges;
  bool one = ranges.size() == 1 && ranges[0].lo == ranges[0].hi && ranges[0].lo <= last;
  bool allButOne = ranges.size() == 2 && ranges[0].lo == 0 && ranges[0].hi + 2 == ranges[1].lo && ranges[1].hi == last;
  if (test.negated || (!one && !allButOne))
    return refuse("-m mac in this form");
  Value address = one ? ranges[0].lo : ranges[0].hi + 1;
  addText((one ? "ether saddr " : "ether saddr != ") + packet::macText(address));
}

void NftCondition::addNumbers(const ir::RangeTest &test, llvm::StringRef selector) {
  std::vector<std::string> values;
  for (Interval range : test.ranges)
    values.push_back(nftValue({test.field, range}, family));
  addSet(test, selector, std::move(values));
}

/// nft's test fails where there is no socket or file, negated or not; iptables' does not.
void NftCondition::addOwner(const ir::RangeTest &test, llvm::StringRef selector) {
  bool withFile = llvm::all_of(test.ranges, [](Interval range) { return range.hi < packet::kNoFile; });
  if (test.negated || !withFile)
    return refuse("-m owner with ! or for sockets without a file");
  addNumbers(test, selector);
}

// --- masks

void NftCondition::add(const ir::MaskTest &test) {
  if ((test.value & ~test.mask) != 0) { // no packet has such bits
    rule->never |= !test.negated;
    return;
  }
  llvm::StringRef relation = test.negated ? "!=" : "==";
  auto masked = [&](llvm::StringRef selector, const std::string &mask, const std::string &value) {
    addText(fmt::format("{} & {} {} {}", selector.str(), mask, relation.str(), value));
  };
  auto hex = [](Value value) { return fmt::format("{:#x}", uint32_t(value)); };
  switch (test.field) {
  case Field::Src:
  case Field::Dst:
    return masked(nftSelector(test.field, std::nullopt, family), packet::addressText(test.mask, family),
                  packet::addressText(test.value, family));
  case Field::TcpFlags:
    return masked("tcp flags", hex(test.mask), hex(test.value));
  case Field::Mark:
    if (test.mask == packet::maxValue(Field::Mark, family))
      return addKeys({Field::Mark, std::nullopt, test.negated, {{test.value, test.value}}});
    return masked("meta mark", hex(test.mask), hex(test.value));
  case Field::ConnMark:
    return masked("ct mark", hex(test.mask), hex(test.value));
  case Field::CtStatus:
    return masked("ct status", hex(test.mask), hex(test.value));
  case Field::Tos:
    return addTos(test);
  default:
    refuse(fmt::format("a test of the field {}", packet::name(test.field).str()));
  }
}

void NftCondition::addTos(const ir::MaskTest &test) {
  constexpr unsigned kDscp = 0xfc;
  llvm::StringRef relation = test.negated ? "!=" : "==";
  if (test.mask == kDscp)
    return addText(fmt::format("{} dscp {} {:#x}", family == Family::IPv4 ? "ip" : "ip6", relation.str(),
                               unsigned(test.value) >> 2));
  if (family == Family::IPv6)
    return refuse("-m tos with another mask than that of DSCP");
  addText(fmt::format("@nh,8,8 & {:#x} {} {:#x}", unsigned(test.mask), relation.str(), unsigned(test.value)));
}

// --- what is no field

/// "3/minute burst 5": nothing for units that nft does not have. iptables counts the burst as packets.
static std::string limitText(llvm::StringRef options) {
  llvm::SmallVector<llvm::StringRef, 6> words;
  options.split(words, ' ', -1, /*KeepEmpty=*/false);
  std::string rate = "3/hour", burst = "5";
  for (size_t i = 0; i + 1 < words.size(); i += 2)
    (words[i] == "--limit" ? rate : burst) = words[i + 1].str();
  auto [number, unit] = llvm::StringRef(rate).split('/');
  for (llvm::StringRef known : {"second", "minute", "hour", "day"})
    if (!unit.empty() && known.startswith(unit))
      return fmt::format("limit rate {}/{} burst {} packets", number.str(), known.str(), burst);
  return "";
}

void NftCondition::add(const ir::OpaqueTest &test) {
  constexpr uint32_t kOfChance = 0x80000000;
  llvm::StringRef text = test.text;
  std::string written;
  if (test.negated)
    return refuse(test.option.str());
  if (test.option == "-m limit" && text.consume_front("-m limit"))
    written = limitText(text);
  else if (test.sampling.of == kOfChance && !test.sampling.counted && test.sampling.taken != 0 && !text.contains(" ! "))
    written = fmt::format("numgen random mod {} < {}", kOfChance, test.sampling.taken);
  if (written.empty())
    return refuse(test.option.str());
  rule->keepsState = true;
  addText(std::move(written));
}

/// None of the alternatives, each of which is one test: all of their opposites.
void NftCondition::add(const ir::UnionTest &test) {
  bool simple =
      test.negated && llvm::all_of(*test.alternatives, [](const ir::Alternative &each) { return each.size() == 1; });
  if (!simple)
    return refuse("a condition that is one of several");
  for (const ir::Alternative &alternative : *test.alternatives)
    std::visit(
        [&](auto opposite) {
          opposite.negated = !opposite.negated;
          add(opposite);
        },
        alternative[0]);
}

} // namespace iptlint::emit
