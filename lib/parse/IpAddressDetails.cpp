// IpAddressReader: what stands below an interface, addresses apart.
#include "parse/IpAddresses.h"
#include "parse/RoutesValues.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using llvm::StringRef;

void IpAddressReader::readDetail(StringRef text) {
  NetworkLine line = lines.plain(text);
  if (line.error)
    return fail(line.error->at, line.error->message);
  StringRef first = line.words.front();
  bool isCount =
      countsFollow && llvm::all_of(line.words, [](StringRef word) { return readNumber(word, ~0ull).has_value(); });
  countsFollow = first == "RX:" || first == "TX:" || first == "RX" || first == "TX";
  static constexpr llvm::StringLiteral others[] = {"valid_lft", "altname", "alias", "vf", "prog/xdp", "link-netns"};
  if (name.empty())
    return fail(text, "no interface stands above this line");
  if (first.startswith("link/"))
    return readHardware(line.words);
  if (isCount || countsFollow || llvm::is_contained(others, first))
    return;
  if (!hasDetails || llvm::isDigit(first.front()))
    return fail(text, fmt::format("unexpected \"{}\"", first));
  if (!first.endswith("_slave"))
    readKind(line.words);
}

/// `link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0`: only Ethernet frames have MAC addresses.
void IpAddressReader::readHardware(llvm::ArrayRef<StringRef> words) {
  sawHardware = true;
  hasDetails = llvm::is_contained(words, "promiscuity");
  bool isEthernet = words[0] == "link/ether" || words[0] == "link/loopback";
  if (!isEthernet || words.size() < 2)
    return;
  current().mac = parseMac(words[1]);
  if (!current().mac)
    note(words[1], fmt::format("\"{}\" is no MAC address: the interface's is not known", words[1]));
}

void IpAddressReader::readKind(llvm::ArrayRef<StringRef> words) {
  current().kind = words[0];
  if (words[0] == "vxlan")
    readVxlan(words);
  for (size_t i = 1; words[0] == "vrf" && i + 1 < words.size(); ++i)
    if (words[i] == "table")
      current().vrfTable = tableName(words[i + 1]);
}

/// Source: iproute2, ip/iplink_vxlan.c, vxlan_print_opt(). A device with `external` has no number of its own.
void IpAddressReader::readVxlan(llvm::ArrayRef<StringRef> words) {
  ir::Vxlan &vxlan = current().vxlan.emplace();
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    StringRef value = words[i + 1];
    if (words[i] == "id")
      vxlan.id = numberOfVxlan(value, 0xffffff);
    else if (words[i] == "dstport")
      vxlan.port = numberOfVxlan(value, 0xffff);
    else if (words[i] == "dev")
      vxlan.device = bareName(value);
    else if (words[i] == "local")
      readLocal(vxlan, value);
  }
}

uint32_t IpAddressReader::numberOfVxlan(StringRef text, uint64_t max) {
  std::optional<uint64_t> number = readNumber(text, max);
  if (!number)
    fail(text, fmt::format("\"{}\" is no number from 0 to {}", text, max));
  return number.value_or(0);
}

void IpAddressReader::readLocal(ir::Vxlan &vxlan, StringRef text) {
  std::optional<Address> local = parse::readAddress(text, std::nullopt);
  if (!local)
    return fail(text, fmt::format("\"{}\" is no address", text));
  vxlan.local = local->value;
  vxlan.family = local->family;
}

} // namespace iptlint::parse
