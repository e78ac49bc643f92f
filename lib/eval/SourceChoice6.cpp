// IPv6: candidates are compared rule by rule, the first difference decides.
#include "eval/SourceChoice.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::Interface;
using ir::InterfaceAddress;
using packet::Family;
using packet::Value;

/// Scopes of RFC 4291, 2.7. Source: net/ipv6/addrconf_core.c, __ipv6_addr_type().
constexpr unsigned kLinkLocal = 2, kSiteLocal = 5, kGlobal = 14;

static bool isMulticast(Value address) {
  return address >> 120 == 0xff;
}

static unsigned scopeOfAddress(Value address) {
  if (address == 0)
    return 0;
  if (isMulticast(address))
    return unsigned(address >> 112) & 15;
  if (address == 1 || address >> 118 == 0x3fa)
    return kLinkLocal;
  return address >> 118 == 0x3fb ? kSiteLocal : kGlobal;
}

static bool startsWith(Value address, Value bits, unsigned length) {
  return address >> (128 - length) == bits >> (128 - length);
}

static constexpr Value leading16(unsigned bits) {
  return Value(bits) << 112;
}

/// Source: net/ipv6/addrlabel.c, ip6addrlbl_init_table.
static unsigned labelOf(Value address) {
  struct Label {
    Value bits;
    unsigned length, label;
  };
  static constexpr Label kLabels[] = {{1, 128, 0},
                                      {Value(0xffff) << 32, 96, 4},
                                      {0, 96, 3},
                                      {leading16(0x2001), 32, 6},
                                      {leading16(0x2001) | Value(0x10) << 96, 28, 7},
                                      {leading16(0x2002), 16, 2},
                                      {leading16(0xfc00), 7, 5}};
  for (const Label &each : kLabels)
    if (startsWith(address, each.bits, each.length))
      return each.label;
  return 1;
}

static bool isOrchid(Value address) {
  return startsWith(address, leading16(0x2001) | Value(0x10) << 96, 28);
}

static unsigned commonBits(Value a, Value b) {
  unsigned length = 0;
  while (length != 128 && (a ^ b) >> (127 - length) == 0)
    ++length;
  return length;
}

/// Addresses that hold one of IPv4 never count as deprecated. Source: net/ipv6/addrconf.c, ipv6_saddr_preferred().
static bool isPreferred(const InterfaceAddress &address) {
  Value upper = address.address >> 32;
  return !address.deprecated || upper == 0 || upper == 0xffff;
}

/// A smaller scope than the destination's is worst; of the others, the smallest is best.
static int scopeScore(Value source, Value destination) {
  int scope = scopeOfAddress(source);
  return scope >= int(scopeOfAddress(destination)) ? -scope : scope - 128;
}

namespace {
struct Candidate {
  const Interface *interface;
  const InterfaceAddress *address;
};
} // namespace

/// What the candidate gets by each rule, in their order; the greatest list wins.
static std::vector<int> scores(const RoutingState &state, Candidate candidate, llvm::StringRef device,
                               Value destination) {
  Value source = candidate.address->address;
  bool temporary = candidate.address->secondary;
  return {source == destination,
          scopeScore(source, destination),
          isPreferred(*candidate.address),
          device.empty() || device == candidate.interface->name,
          labelOf(source) == labelOf(destination),
          temporary == state.settings.prefersTemporary(candidate.interface->name),
          isOrchid(source) == isOrchid(destination),
          int(std::min(commonBits(source, destination), candidate.address->length))};
}

Choice chooseSource6(const RoutingState &state, llvm::StringRef device, Value destination) {
  if (!state.network.knowsAddresses.has(Family::IPv6))
    return {std::nullopt, "the addresses of this machine are not known"};
  bool onlyOwn = !device.empty() && (isMulticast(destination) || scopeOfAddress(destination) <= kLinkLocal ||
                                     state.settings.onlyItsOwnSources(device));
  std::optional<Candidate> best;
  std::vector<int> highest;
  for (const Interface &interface : state.network.interfaces)
    for (const InterfaceAddress &address : interface.addresses) {
      if (address.family != Family::IPv6 || address.unusable || (onlyOwn && interface.name != device))
        continue;
      std::vector<int> each = scores(state, {&interface, &address}, device, destination);
      if (!best || each > highest) {
        best = {&interface, &address};
        highest = std::move(each);
      }
    }
  return {best ? std::optional(best->address->address) : std::nullopt, ""};
}

} // namespace iptlint::eval
