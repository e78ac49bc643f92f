#include "emit/NftNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::emit {

using packet::Hook;

std::string nftTableName(llvm::StringRef table) {
  return ("iptlint-" + table).str();
}

std::string nftChainName(llvm::StringRef chain) {
  constexpr llvm::StringLiteral kPrefix = "chain-";
  std::string name;
  for (char c : chain) {
    if (llvm::isAlnum(c) || c == '-' || c == '_' || c == '/')
      name += c;
    else
      name += fmt::format(".{:02x}", static_cast<unsigned char>(c));
  }
  bool capital = llvm::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!capital || !llvm::isAlpha(name[0]) || chain.startswith(kPrefix))
    name = kPrefix.str() + name;
  return name;
}

/// Source: linux/netfilter_ipv4.h, NF_IP_PRI_...; net/ipv4/netfilter/iptable_nat.c for nat, whose chains come before
/// routing with one priority and behind it with the other.
static std::optional<int> priorityOf(llvm::StringRef table, Hook hook) {
  if (table == "raw")
    return -300;
  if (table == "mangle")
    return -150;
  if (table == "nat")
    return hook == Hook::Prerouting || hook == Hook::Output ? -100 : 100;
  if (table == "filter")
    return 0;
  if (table == "security")
    return 50;
  return std::nullopt;
}

/// A chain of type route has a packet routed again whose mark, address or TOS it changed, as the table mangle has.
static llvm::StringRef typeOf(llvm::StringRef table, Hook hook) {
  if (table == "nat")
    return "nat";
  return table == "mangle" && hook == Hook::Output ? "route" : "filter";
}

std::string nftHook(llvm::StringRef table, Hook hook) {
  auto priority = priorityOf(table, hook);
  if (!priority)
    return "";
  return fmt::format("type {} hook {} priority {}", typeOf(table, hook).str(), packet::name(hook).lower(), *priority);
}

} // namespace iptlint::emit
