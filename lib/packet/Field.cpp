#include "packet/Field.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <algorithm>
#include <arpa/inet.h>
#include <cassert>

namespace iptlint::packet {

llvm::StringRef name(Field field) {
  switch (field) {
#define FIELD(Id, Name, Bits4, Bits6)                                                                                  \
  case Field::Id:                                                                                                      \
    return Name;
#include "packet/Field.def"
  }
  llvm_unreachable("every field is in Field.def");
}

unsigned bits(Field field, Family family) {
  switch (field) {
#define FIELD(Id, Name, Bits4, Bits6)                                                                                  \
  case Field::Id:                                                                                                      \
    return family == Family::IPv4 ? Bits4 : Bits6;
#include "packet/Field.def"
  }
  llvm_unreachable("every field is in Field.def");
}

Value maxValue(Field field, Family family) {
  switch (field) {
  case Field::Hook:
    return kHookCount - 1;
  case Field::CtState:
    return unsigned(CtState::Untracked);
  case Field::SrcType:
  case Field::DstType:
    return kAddrTypeCount - 1;
  case Field::Mac:
    return kNoMac;
  case Field::Fragment:
    return unsigned(Fragment::Last);
  case Field::PktType:
    return unsigned(PktType::Outgoing);
  case Field::Uid:
  case Field::Gid:
    return kNoSocket;
  default:
    return ~Value(0) >> (128 - bits(field, family));
  }
}

llvm::StringRef name(Hook hook) {
  static constexpr llvm::StringLiteral names[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
  return names[unsigned(hook)];
}

Presence presence(Hook hook, Field interface) {
  assert((interface == Field::In || interface == Field::Out) && "hooks tell of interfaces only");
  bool incoming = interface == Field::In;
  switch (hook) {
  case Hook::Prerouting:
  case Hook::Input:
    return incoming ? Presence::Present : Presence::Absent;
  case Hook::Forward:
    return Presence::Present;
  case Hook::Output:
    return incoming ? Presence::Absent : Presence::Present;
  case Hook::Postrouting:
    return incoming ? Presence::Either : Presence::Present;
  }
  llvm_unreachable("five hooks");
}

bool seesFragments(Hook hook, Family family) { return family == Family::IPv6 || hook != Hook::Input; }

bool isOfFlow(Field field) {
  return field == Field::CtState || (field >= Field::ConnMark && field <= Field::CtReplDport);
}

bool canBeProtocol(unsigned number, Family family) {
  bool isExtension = number == 0 || number == 43 || number == 44 || number == 51 || number == 60;
  return family == Family::IPv4 || !isExtension;
}

llvm::StringRef name(AddrType type) {
  static constexpr llvm::StringLiteral names[kAddrTypeCount] = {"UNSPEC",    "UNICAST",     "LOCAL",    "BROADCAST",
                                                                "ANYCAST",   "MULTICAST",   "BLACKHOLE", "UNREACHABLE",
                                                                "PROHIBIT",  "THROW",       "NAT",      "XRESOLVE"};
  return names[unsigned(type)];
}

llvm::StringRef tcpFlagName(unsigned bit) {
  static constexpr llvm::StringLiteral names[kTcpFlagCount] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  return names[bit];
}

constexpr unsigned kNameBytes = 16; // IFNAMSIZ, the final zero included

/// `name` in the leading bytes, `filler` in all others.
static Value leadingBytes(llvm::StringRef name, uint8_t filler) {
  Value value = 0;
  for (unsigned i = 0; i != kNameBytes; ++i)
    value = value << 8 | (i < name.size() ? uint8_t(name[i]) : filler);
  return value;
}

Value interfaceValue(llvm::StringRef name) {
  assert(name.size() < kNameBytes && "the parser refuses longer names");
  return leadingBytes(name, 0);
}

std::string interfaceName(Value value) {
  std::string name;
  for (unsigned i = 0; i != kNameBytes; ++i)
    if (char byte = char(value >> (8 * (kNameBytes - 1 - i))))
      name += byte;
    else
      break;
  return name;
}

std::pair<Value, Value> interfacesStartingWith(llvm::StringRef prefix) {
  return {leadingBytes(prefix, 0), leadingBytes(prefix, 0xff)};
}

bool isInterface(Value value) {
  std::string name = interfaceName(value);
  if (name.size() >= kNameBytes || interfaceValue(name) != value || name == "." || name == "..")
    return false;
  return llvm::none_of(name, [](unsigned char c) {
    return c == '/' || c == ':' || c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
  });
}

std::string addressText(Value address, Family family) {
  char text[INET6_ADDRSTRLEN];
  if (family == Family::IPv4) {
    in_addr raw{htonl(uint32_t(address))};
    return inet_ntop(AF_INET, &raw, text, sizeof text);
  }
  in6_addr raw;
  for (unsigned i = 0; i != 16; ++i)
    raw.s6_addr[i] = uint8_t(address >> (8 * (15 - i)));
  return inet_ntop(AF_INET6, &raw, text, sizeof text);
}

bool parseAddress(llvm::StringRef text, Family family, Value &address) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated)
    return false;
  std::copy(text.begin(), text.end(), terminated);
  if (family == Family::IPv4) {
    in_addr raw;
    if (inet_pton(AF_INET, terminated, &raw) != 1)
      return false;
    address = ntohl(raw.s_addr);
    return true;
  }
  in6_addr raw;
  if (inet_pton(AF_INET6, terminated, &raw) != 1)
    return false;
  address = 0;
  for (uint8_t byte : raw.s6_addr)
    address = address << 8 | byte;
  return true;
}

std::string protocolText(unsigned number) {
  switch (number) {
  case kIcmp:
    return "icmp";
  case kTcp:
    return "tcp";
  case kUdp:
    return "udp";
  case kDccp:
    return "dccp";
  case 47:
    return "gre";
  case 50:
    return "esp";
  case 51:
    return "ah";
  case kIcmpv6:
    return "ipv6-icmp";
  case kSctp:
    return "sctp";
  case kUdplite:
    return "udplite";
  default:
    return llvm::utostr(number);
  }
}

bool hasPorts(unsigned protocol) {
  return protocol == kTcp || protocol == kUdp || protocol == kSctp || protocol == kDccp || protocol == kUdplite;
}

} // namespace iptlint::packet
