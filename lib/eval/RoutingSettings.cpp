// Settings by their names: "net.ipv4.conf.em1.rp_filter".
#include "eval/RoutingSettings.h"
#include <algorithm>

namespace iptlint::eval {

using packet::Family;

RoutingSettings::RoutingSettings(const ir::Network &network) {
  for (const ir::Setting &setting : network.settings) {
    int value = 0;
    if (!llvm::StringRef(setting.value).trim().getAsInteger(0, value))
      values[setting.name] = value;
  }
}

/// sysctl(8) writes the dot in the name of an interface as a slash.
static std::string settingName(Family family, llvm::StringRef place, llvm::StringRef name) {
  std::string middle = place.str();
  std::replace(middle.begin(), middle.end(), '.', '/');
  return (llvm::Twine("net.") + (family == Family::IPv4 ? "ipv4" : "ipv6") + ".conf." + middle + "." + name).str();
}

std::optional<int> RoutingSettings::read(Family family, llvm::StringRef place, llvm::StringRef name) const {
  auto found = values.find(settingName(family, place, name));
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

int RoutingSettings::of(Family family, llvm::StringRef device, llvm::StringRef name, int otherwise) const {
  if (std::optional<int> own = read(family, device, name))
    return *own;
  return read(family, "default", name).value_or(otherwise);
}

bool RoutingSettings::either(llvm::StringRef device, llvm::StringRef name, int otherwise) const {
  return read(Family::IPv4, "all", name).value_or(otherwise) || of(Family::IPv4, device, name, otherwise);
}

/// ip_forward is another name for the setting of "all", and writing that writes those of all interfaces. In IPv6
/// forwarding is a matter of the machine, not of an interface. Source: net/ipv4/devinet.c, inet_forward_change();
/// net/ipv6/ip6_output.c, ip6_forward().
bool RoutingSettings::forwards(Family family, llvm::StringRef device) const {
  if (family == Family::IPv6)
    return read(family, "all", "forwarding").value_or(1);
  if (std::optional<int> own = read(family, device, "forwarding"))
    return *own;
  if (auto machine = values.find("net.ipv4.ip_forward"); machine != values.end())
    return machine->second;
  return read(family, "all", "forwarding").value_or(1);
}

int RoutingSettings::reversePathFilter(llvm::StringRef device) const {
  return std::max(read(Family::IPv4, "all", "rp_filter").value_or(0), of(Family::IPv4, device, "rp_filter", 0));
}

bool RoutingSettings::acceptsLocal(llvm::StringRef device) const {
  return either(device, "accept_local", 0);
}

bool RoutingSettings::routesLocalnet(llvm::StringRef device) const {
  return either(device, "route_localnet", 0);
}

bool RoutingSettings::marksReversePath(llvm::StringRef device) const {
  return either(device, "src_valid_mark", 0);
}

bool RoutingSettings::sendsRedirects(llvm::StringRef device) const {
  return either(device, "send_redirects", 1);
}

bool RoutingSettings::forwardsBroadcasts(llvm::StringRef device) const {
  return read(Family::IPv4, "all", "bc_forwarding").value_or(0) && of(Family::IPv4, device, "bc_forwarding", 0);
}

bool RoutingSettings::forwardsMulticast(Family family, llvm::StringRef device) const {
  return read(family, "all", "mc_forwarding").value_or(0) && of(family, device, "mc_forwarding", 0);
}

bool RoutingSettings::ignoresLinkDown(Family family, llvm::StringRef device) const {
  constexpr llvm::StringLiteral kName = "ignore_routes_with_linkdown";
  return family == Family::IPv4 ? either(device, kName, 0) : of(family, device, kName, 0);
}

bool RoutingSettings::prefersTemporary(llvm::StringRef device) const {
  return of(Family::IPv6, device, "use_tempaddr", 0) >= 2;
}

bool RoutingSettings::onlyItsOwnSources(llvm::StringRef device) const {
  return of(Family::IPv6, device, "use_oif_addrs_only", 0);
}

} // namespace iptlint::eval
