#include "parse/ValueKinds.h"
#include <fmt/format.h>

namespace iptlint::parse {

namespace {
struct KindRow {
  llvm::StringLiteral right;
  bool (*fits)(llvm::StringRef, const Option &, packet::Family);
};
} // namespace

static constexpr KindRow kKinds[] = {
#define VALUE_KIND(Name, Right) {Right, is##Name},
#include "parse/ValueKinds.def"
};

bool fits(llvm::StringRef text, const Option &option, packet::Family family) {
  return kKinds[size_t(option.value)].fits(text, option, family);
}

static std::string lengthText(const Option &option) {
  if (option.max)
    return fmt::format("{} to {} bytes", option.min, option.max);
  return option.min ? "some text" : "";
}

static std::string numberText(const Option &option) {
  static constexpr uint64_t largest[] = {0xff, 0xffff, 0xffffffff, ~uint64_t(0)};
  uint64_t most = option.max ? option.max : largest[size_t(option.value) - size_t(ValueKind::U8)];
  return fmt::format("a number from {} to {}", option.min, most);
}

std::string whatFits(const Option &option, packet::Family family) {
  switch (option.value) {
  case ValueKind::Text:
    return lengthText(option);
  case ValueKind::U8:
  case ValueKind::U16:
  case ValueKind::U32:
  case ValueKind::U64:
    return numberText(option);
  case ValueKind::Network:
    return fmt::format("an IPv{0} address, or one with a length or mask as in {1},", unsigned(family),
                       family == packet::Family::IPv4 ? "10.0.0.0/8" : "fd00::/8");
  case ValueKind::Host:
    return fmt::format("an IPv{} address or the name of a host", unsigned(family));
  case ValueKind::RejectType:
    return family == packet::Family::IPv4 ? "a name such as 'icmp-port-unreachable' or 'tcp-reset'"
                                          : "a name such as 'icmp6-port-unreachable' or 'tcp-reset'";
  default:
    return kKinds[size_t(option.value)].right.str();
  }
}

} // namespace iptlint::parse
