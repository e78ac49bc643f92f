#include "parse/HostNames.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

namespace {
struct NamedAddress {
  llvm::StringLiteral name;
  llvm::StringLiteral address;
};
} // namespace

static constexpr NamedAddress kNames4[] = {
    {"default", "0.0.0.0"}, {"loopback", "127.0.0.0"}, {"link-local", "169.254.0.0"}, {"localhost", "127.0.0.1"}};
static constexpr NamedAddress kNames6[] = {{"default", "::"},           {"localhost", "::1"},
                                           {"ip6-localhost", "::1"},    {"ip6-loopback", "::1"},
                                           {"ip6-localnet", "fe00::"},  {"ip6-mcastprefix", "ff00::"},
                                           {"ip6-allnodes", "ff02::1"}, {"ip6-allrouters", "ff02::2"}};

llvm::SmallVector<Value, 1> addressesOf(llvm::StringRef name, Family family, const Hosts *hosts) {
  llvm::ArrayRef<Value> given = hosts ? hosts->find(name, family) : llvm::ArrayRef<Value>();
  if (!given.empty())
    return {given.begin(), given.end()};
  llvm::ArrayRef<NamedAddress> names =
      family == Family::IPv4 ? llvm::makeArrayRef(kNames4) : llvm::makeArrayRef(kNames6);
  for (const NamedAddress &entry : names) {
    Value address = 0;
    if (entry.name.equals_insensitive(name) && packet::parseAddress(entry.address, family, address))
      return {address};
  }
  return {};
}

} // namespace iptlint::parse
