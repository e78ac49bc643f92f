#include "lint/NetworkWords.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::lint {

using ir::Interval;
using packet::Family;

/// How many leading bits the addresses have in common, where they are all that do.
static std::optional<unsigned> prefixLength(Interval addresses, unsigned width) {
  packet::Value host = addresses.lo ^ addresses.hi;
  bool isPrefix = (host & (host + 1)) == 0 && (addresses.lo & host) == 0;
  if (!isPrefix)
    return std::nullopt;
  unsigned length = width;
  for (; host; host >>= 1)
    --length;
  return length;
}

std::string addressesText(Interval addresses, Family family) {
  unsigned width = packet::bits(packet::Field::Dst, family);
  std::string first = packet::addressText(addresses.lo, family);
  if (addresses.lo == addresses.hi)
    return first;
  if (std::optional<unsigned> length = prefixLength(addresses, width))
    return fmt::format("{}/{}", first, *length);
  return fmt::format("{}-{}", first, packet::addressText(addresses.hi, family));
}

std::string addressesText(llvm::ArrayRef<Interval> ranges, Family family) {
  std::vector<std::string> texts;
  for (Interval range : ranges)
    texts.push_back(addressesText(range, family));
  return llvm::join(texts, ", ");
}

std::string placeOf(const ir::Network &network, const ir::Place &place) {
  const support::Source &source = *network.sources[place.source];
  return fmt::format("{}:{}", source.path().str(), source.lineColumn(place.at.begin).line);
}

std::string placeOf(const ir::Network &network, const ir::NetworkRoute &route) {
  return placeOf(network, ir::Place{route.source, route.at});
}

std::string wordsFor(const ir::Network &network, const ir::NetworkRoute &route) {
  return fmt::format("the route '{}' ({})", llvm::join(route.words, " "), placeOf(network, route));
}

std::string devicesOf(const ir::Network &network, const analysis::Ways &ways) {
  std::vector<llvm::StringRef> devices;
  std::vector<std::string> texts;
  for (const analysis::Way &way : ways.out) {
    if (llvm::is_contained(devices, way.device))
      continue;
    devices.push_back(way.device);
    auto said = llvm::find_if(ways.out, [&](auto &of) { return of.route && of.device == way.device; });
    texts.push_back(way.device.str() +
                    (said == ways.out.end() ? "" : fmt::format(" ({})", placeOf(network, *said->route))));
  }
  return llvm::join(texts, ", ");
}

} // namespace iptlint::lint
