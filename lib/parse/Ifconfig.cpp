#include "parse/Ifconfig.h"
#include "parse/Blanks.h"
#include "parse/RoutesValues.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::InterfaceAddress;
using llvm::StringRef;
using packet::Family;

bool IfconfigReader::startsInterface(StringRef line) {
  BlankSeparated words = splitAtBlanks(line);
  bool isNew = words.size() >= 2 && words[0].endswith(":") && words[1].startswith("flags=");
  bool isOld = words.size() >= 3 && words[1] == "Link" && words[2].startswith("encap:");
  return !line.startswith(" ") && (isNew || isOld);
}

void IfconfigReader::fail(StringRef at, std::string message) {
  failed = true;
  findings.error(at, std::move(message));
}

void IfconfigReader::readLine(StringRef line) {
  static constexpr llvm::StringLiteral counts[] = {"RX", "TX", "device", "Memory"};
  BlankSeparated words = splitAtBlanks(line);
  StringRef first = words[0];
  if (startsInterface(line))
    return start(line, words);
  if (name.empty())
    return fail(line.trim(" \t"), "no interface stands above this line");
  if (first == "inet" || first == "inet6")
    return readAddress(words);
  bool isOldFlags = llvm::any_of(words, [](StringRef word) { return word.startswith("MTU:"); });
  if (isOldFlags)
    return readOldFlags(words);
  if (words.size() > 1 && (words[1] == "txqueuelen" || (words.size() > 2 && words[2] == "txqueuelen")))
    return readHardware(words);
  bool isCount = llvm::is_contained(counts, first) || first.startswith("collisions:") ||
                 first.startswith("Interrupt:") || first.startswith("Base") || first.startswith("Memory:") ||
                 first.startswith("Media:");
  if (!isCount)
    fail(first, fmt::format("unexpected \"{}\"", first));
}

/// `em1:0` is a label of some address of em1.
void IfconfigReader::start(StringRef line, llvm::ArrayRef<StringRef> words) {
  StringRef written = words[0];
  written.consume_back(":");
  name = written.split(':').first;
  if (!isDeviceName(name)) {
    findings.error(words[0], fmt::format("no device can be called \"{}\"", name));
    name = {};
    return;
  }
  interfaces.named(name, {source, findings.source.rangeOf(line.trim(" \t"))});
  if (words[1] == "Link") {
    auto address = llvm::find(words, StringRef("HWaddr"));
    bool isEthernet = words[2] == "encap:Ethernet" && address != words.end() && address + 1 != words.end();
    return isEthernet ? readMac(address[1]) : void();
  }
  StringRef list = words[1].split('<').second;
  BlankSeparated flags;
  list.rtrim('>').split(flags, ',');
  Interfaces::setFlags(current(), flags, "RUNNING");
  for (size_t i = 2; i + 1 < words.size(); ++i)
    if (words[i] == "mtu")
      readMtu(words[i + 1]);
}

/// `UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1`
void IfconfigReader::readOldFlags(llvm::ArrayRef<StringRef> words) {
  Interfaces::setFlags(current(), words, "RUNNING");
  for (StringRef word : words)
    if (word.consume_front("MTU:"))
      readMtu(word);
}

/// `ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)`, `loop  txqueuelen 1000  (Local Loopback)`
void IfconfigReader::readHardware(llvm::ArrayRef<StringRef> words) {
  if (words[0] == "ether")
    readMac(words[1]);
}

void IfconfigReader::readMac(StringRef text) {
  current().mac = parseMac(text);
  if (!current().mac)
    findings.add(support::Severity::Info, text,
                 fmt::format("\"{}\" is no MAC address: the interface's is not known", text));
}

void IfconfigReader::readMtu(StringRef text) {
  std::optional<uint64_t> mtu = readNumber(text, ~0u);
  if (!mtu)
    return fail(text, fmt::format("\"{}\" is no number from 0 to {}", text, ~0u));
  current().mtu = *mtu;
}

std::optional<packet::Value> IfconfigReader::valueOf(StringRef text, Family family) {
  std::optional<Address> address = parse::readAddress(text, family);
  if (!address)
    return fail(text, fmt::format("\"{}\" is no {} address", text, familyName(family))), std::nullopt;
  return address->value;
}

/// As `ip` writes it.
static StringRef scopeOf(StringRef text) {
  return llvm::StringSwitch<StringRef>(text)
      .Case("Global", "global")
      .Case("Link", "link")
      .Case("Host", "host")
      .Default(text);
}

/// A word and its value in either form: `netmask 255.0.0.0`, `Mask:255.0.0.0`.
void IfconfigReader::readAddressWord(InterfaceAddress &address, StringRef key, StringRef value) {
  if (key == "netmask" || key == "Mask") {
    std::optional<packet::Value> mask = valueOf(value, Family::IPv4);
    std::optional<unsigned> length = mask ? maskLength(uint32_t(*mask)) : std::nullopt;
    if (mask && !length)
      return fail(value, fmt::format("the ones of netmask {} are not contiguous", value));
    address.length = length.value_or(0);
  } else if (key == "prefixlen") {
    std::optional<unsigned> length = readLength(value, Family::IPv6);
    if (!length)
      return fail(value, fmt::format("\"{}\" is no prefix length of IPv6", value));
    address.length = *length;
  } else if (key == "broadcast" || key == "Bcast") {
    std::optional<packet::Value> broadcast = valueOf(value, Family::IPv4);
    if (broadcast && *broadcast != 0)
      address.broadcast = broadcast;
  } else if (key == "destination" || key == "P-t-P") {
    address.peer = valueOf(value, address.family);
  } else if (key == "scopeid" || key == "Scope") {
    address.scope = scopeOf(key == "Scope" ? value : value.split('<').second.rtrim('>'));
  } else {
    fail(key, fmt::format("unexpected \"{}\"", key));
  }
}

/// `inet 10.0.0.1  netmask 255.255.255.0`, `inet addr:10.0.0.1  Mask:255.255.255.0`, `inet6 addr: fe80::1/64
/// Scope:Link`
void IfconfigReader::readAddress(llvm::ArrayRef<StringRef> words) {
  InterfaceAddress address;
  address.place = {
      source, findings.source.rangeOf(StringRef(words.front().begin(), words.back().end() - words.front().begin()))};
  address.family = words[0] == "inet" ? Family::IPv4 : Family::IPv6;
  address.length = packet::bits(packet::Field::Dst, address.family);
  failed = false;
  llvm::ArrayRef<StringRef> rest = words.drop_front();
  bool isOld = !rest.empty() && rest[0].startswith("addr:");
  if (isOld && rest[0] == "addr:")
    rest = rest.drop_front();
  if (rest.empty())
    return fail(words.back(), fmt::format("nothing follows \"{}\"", words.back()));
  auto [text, length] = rest[0].split('/');
  text.consume_front("addr:");
  address.address = valueOf(text, address.family).value_or(0);
  if (!length.empty())
    readAddressWord(address, "prefixlen", length);
  rest = rest.drop_front();
  while (!rest.empty()) {
    auto [key, value] = rest[0].split(':');
    bool hasValue = isOld ? !value.empty() : rest.size() > 1;
    if (!hasValue)
      return fail(rest[0], fmt::format("unexpected \"{}\"", rest[0]));
    readAddressWord(address, isOld ? key : rest[0], isOld ? value : rest[1]);
    rest = rest.drop_front(isOld ? 1 : 2);
  }
  if (failed)
    return;
  sawAddress = true;
  if (address.peer == address.address)
    address.peer.reset();
  Interfaces::add(current(), address);
}

} // namespace iptlint::parse
