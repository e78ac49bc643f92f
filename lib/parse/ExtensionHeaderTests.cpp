// The extension headers of IPv6: hbh, dst, rt, frag, ipv6header, and the mobility header.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Field;
using packet::Fragment;
using packet::Value;

static void addHeader(RuleBuilder &builder, unsigned header) {
  builder.addMask(Field::ExtHeaders, header, header, /*negated=*/false);
}

/// Lengths in bytes, of headers that count them in units of 8 without the first.
static constexpr HeaderLength kEights{.unit = 8, .least = 8, .zeroIsNone = false};

/// Source: net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6().
void addOptionsHeaderTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  bool hop = command.modules[module].module->id == ModuleId::Hbh;
  addHeader(builder, hop ? packet::kExtHop : packet::kExtDst);
  if (const Use *length = command.find(module, hop ? "hbh-len" : "dst-len"))
    builder.addHeaderLength(*length, hop ? Field::HbhLen : Field::DstOptLen, kEights);
  if (const Use *options = command.find(module, hop ? "hbh-opts" : "dst-opts"))
    addOpaqueOption(builder, *options);
}

/// Source: net/ipv6/netfilter/ip6t_rt.c, rt_mt6().
void addRoutingHeaderTests(RuleBuilder &builder, unsigned module) {
  constexpr uint64_t kMost = 0xffffffff; // iptables takes what no header can hold
  const Command &command = builder.command;
  addHeader(builder, packet::kExtRoute);
  if (const Use *type = command.find(module, "rt-type"))
    builder.addNumbers(*type, Field::RtType, kMost, "type of a routing header");
  if (const Use *left = command.find(module, "rt-segsleft"))
    builder.addNumbers(*left, Field::RtSegsLeft, kMost, "number of segments, nor a range of them");
  if (const Use *length = command.find(module, "rt-len"))
    builder.addHeaderLength(*length, Field::RtLen, kEights);
  for (llvm::StringRef addresses : {"rt-0-res", "rt-0-addrs", "rt-0-not-strict"})
    if (command.find(module, addresses))
      return addOpaqueTest(builder, module);
}

/// A fragment header may be one of a packet that is whole. `--fraglen` is read and then forgotten.
/// Source: net/ipv6/netfilter/ip6t_frag.c, frag_mt6().
void addFragTests(RuleBuilder &builder, unsigned module) {
  constexpr uint64_t kMostId = 0xffffffff;
  const Command &command = builder.command;
  bool first = command.find(module, "fragfirst"), more = command.find(module, "fragmore");
  bool last = command.find(module, "fraglast");
  llvm::SmallVector<ir::Interval, 1> parts;
  for (Fragment part : {Fragment::First, Fragment::Atomic, Fragment::Later, Fragment::Last}) {
    bool hasMore = part == Fragment::First || part == Fragment::Later;
    bool isFirst = part == Fragment::First || part == Fragment::Atomic;
    if ((!first || isFirst) && (!more || hasMore) && (!last || !hasMore))
      parts.push_back({Value(part), Value(part)});
  }
  normalise(parts);
  builder.addRanges(Field::Fragment, std::move(parts), /*negated=*/false);
  if (const Use *id = command.find(module, "fragid"))
    builder.addNumbers(*id, Field::FragId, kMostId, "identification of fragments, nor a range of them");
  if (const Use *reserved = command.find(module, "fragres"))
    addOpaqueOption(builder, *reserved);
}

static constexpr unsigned kExtFragment = 16;

/// A name or a number; empty members are skipped. Source: iptables 1.8.9, libip6t_ipv6header.c, parse_header().
static std::optional<unsigned> parseHeaders(llvm::StringRef text) {
  struct {
    llvm::StringLiteral name;
    unsigned bit;
  } static constexpr names[] = {
      {"hop", packet::kExtHop},     {"hop-by-hop", packet::kExtHop},   {"0", packet::kExtHop},
      {"dst", packet::kExtDst},     {"ipv6-opts", packet::kExtDst},    {"60", packet::kExtDst},
      {"route", packet::kExtRoute}, {"ipv6-route", packet::kExtRoute}, {"43", packet::kExtRoute},
      {"frag", kExtFragment},       {"ipv6-frag", kExtFragment},       {"44", kExtFragment},
      {"auth", packet::kExtAuth},   {"ah", packet::kExtAuth},          {"51", packet::kExtAuth},
      {"esp", packet::kExtEsp},     {"ipv6-crypt", packet::kExtEsp},   {"50", packet::kExtEsp},
      {"none", packet::kExtNone},   {"ipv6-nonxt", packet::kExtNone},  {"59", packet::kExtNone},
      {"prot", packet::kExtProto},  {"protocol", packet::kExtProto}};
  unsigned headers = 0;
  llvm::SmallVector<llvm::StringRef, 8> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef member : members) {
    auto *found = llvm::find_if(names, [&](const auto &entry) { return entry.name == member; });
    if (found == std::end(names))
      return std::nullopt;
    headers |= found->bit;
  }
  return headers;
}

/// (the packet's headers & mask) == value.
static ir::Alternative headerTests(unsigned mask, unsigned value) {
  ir::Alternative tests;
  if (unsigned others = mask & ~kExtFragment)
    tests.push_back(ir::MaskTest{Field::ExtHeaders, false, others, value & others});
  if (mask & kExtFragment)
    tests.push_back(ir::RangeTest{
        Field::Fragment, std::nullopt, !(value & kExtFragment), {{Value(Fragment::First), Value(Fragment::Last)}}});
  return tests;
}

/// With `--soft` the packet has all of the headers, or with `!` none of them; without it these and no others.
/// Source: net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6().
void addIpv6headerTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kAll = 0xff;
  const Use *use = builder.command.find(module, "header");
  if (!use)
    return;
  auto headers = parseHeaders(builder.value(*use));
  if (!headers)
    return builder.refuse(*use, "list of IPv6 headers");
  if (builder.command.find(module, "soft"))
    builder.addAll(headerTests(*headers, use->negated ? 0 : *headers), /*negated=*/false);
  else
    builder.addAll(headerTests(kAll, *headers), use->negated);
}

/// Source: net/ipv6/netfilter/ip6t_mh.c, mh_mt6().
void addMhTests(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kMost = 255;
  builder.addFirstFragment();
  const Use *use = builder.command.find(module, "mh-type");
  if (!use)
    return;
  llvm::StringRef text = builder.value(*use);
  auto [first, last] = text.split(':');
  bool range = first != text;
  auto lo = range && first.empty() ? 0 : parseMhType(first), hi = !range         ? lo
                                                                  : last.empty() ? kMost
                                                                                 : parseMhType(last);
  if (!lo || !hi)
    return builder.refuse(*use, "type of a mobility header, nor a range of types");
  if (*lo > *hi)
    return builder.error(use->values[0], "the range of types is the wrong way round");
  builder.addRange(Field::MhType, *lo, *hi, use->negated);
}

} // namespace iptlint::parse
