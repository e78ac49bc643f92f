// esp, ah, policy: what there is to see of IPsec.
#include "parse/Tests.h"
#include "parse/Values.h"

namespace iptlint::parse {

using packet::Family;
using packet::Field;

static constexpr uint64_t kMostSpi = 0xffffffff;

/// Source: net/netfilter/xt_esp.c, esp_mt().
void addEspTests(RuleBuilder &builder, unsigned module) {
  builder.addFirstFragment();
  if (const Use *spi = builder.command.find(module, "espspi"))
    builder.addNumbers(*spi, Field::EspSpi, kMostSpi, "SPI, nor a range of them");
}

/// In IPv6 AH is an extension header, and need not be the last. A length of 0 tests nothing.
/// Source: net/ipv4/netfilter/ipt_ah.c, ah_mt(); net/ipv6/netfilter/ip6t_ah.c, ah_mt6().
void addAhTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  if (builder.family == Family::IPv6) 
    builder.addMask(Field::ExtHeaders, packet::kExtAuth, packet::kExtAuth, /*negated=*/false);
  else
    builder.addFirstFragment();
  if (const Use *spi = command.find(module, "ahspi"))
    builder.addNumbers(*spi, Field::AhSpi, kMostSpi, "SPI, nor a range of them");
  if (builder.family == Family::IPv4)
    return;
  if (const Use *length = command.find(module, "ahlen"))
    builder.addHeaderLength(*length, Field::AhLen, {.unit = 4, .least = 8, .zeroIsNone = true});
  if (const Use *reserved = command.find(module, "ahres"))
    addOpaqueOption(builder, *reserved);
}

/// Elements describe states of IPsec that are no field: they are a function of a packet that has been, or will be,
/// transformed. Source: net/netfilter/xt_policy.c, policy_mt().
void addPolicyTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  const Use *direction = command.find(module, "dir"), *policy = command.find(module, "pol");
  if (!direction)
    return builder.error(command.modules[module].at, "'policy' needs '--dir in' or '--dir out'");
  llvm::StringRef dir = builder.value(*direction), pol = policy ? builder.value(*policy) : "ipsec";
  if (dir != "in" && dir != "out")
    return builder.refuse(*direction, "direction: in or out");
  if (pol != "none" && pol != "ipsec")
    return builder.refuse(*policy, "policy: none or ipsec");
  bool transformed = pol == "ipsec";
  builder.addRange(dir == "in" ? Field::PolicyIn : Field::PolicyOut, transformed, transformed, /*negated=*/false);
  if (!transformed)
    return;
  for (const Use &use : command.uses)
    if (use.module == module && &use != direction && &use != policy)
      return addOpaqueTest(builder, module);
}

} // namespace iptlint::parse
