#include "lint/KernelSettings.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::lint {

using llvm::StringRef;

static std::optional<int> numberOf(const ir::Setting *setting) {
  int value = 0;
  bool isNumber = setting && !StringRef(setting->value).trim().getAsInteger(0, value);
  return isNumber ? std::optional(value) : std::nullopt;
}

const ir::Setting *settingNamed(const ir::Network &network, StringRef name) {
  auto last = std::find_if(network.settings.rbegin(), network.settings.rend(),
                           [&](const ir::Setting &setting) { return setting.name == name; });
  return last != network.settings.rend() && numberOf(&*last) ? &*last : nullptr;
}

std::optional<int> valueOf(const ir::Network &network, StringRef name) {
  return numberOf(settingNamed(network, name));
}

/// sysctl(8) writes the dot in the name of an interface as a slash.
const ir::Setting *settingOf(const ir::Network &network, StringRef device, StringRef name) {
  std::string place = device.str();
  std::replace(place.begin(), place.end(), '.', '/');
  return settingNamed(network, (llvm::Twine("net.ipv4.conf.") + place + "." + name).str());
}

bool isOn(const ir::Network &network, StringRef device, StringRef name) {
  return numberOf(settingOf(network, "all", name)).value_or(0) ||
         numberOf(settingOf(network, device, name)).value_or(0);
}

/// The greater of both settings counts; where one is missing, it may be.
ReversePath reversePathOf(const ir::Network &network, StringRef device) {
  constexpr llvm::StringLiteral kName = "rp_filter";
  const ir::Setting *ofAll = settingOf(network, "all", kName);
  const ir::Setting *own = device.empty() ? nullptr : settingOf(network, device, kName);
  int all = numberOf(ofAll).value_or(0), one = numberOf(own).value_or(0);
  const ir::Setting *greater = all >= one ? ofAll : own;
  switch (std::max(all, one)) {
  case 2:
    return {ReversePathFilter::Loose, greater};
  case 1:
    return {ofAll && own ? ReversePathFilter::Strict : ReversePathFilter::On, greater};
  default:
    return {};
  }
}

} // namespace iptlint::lint
