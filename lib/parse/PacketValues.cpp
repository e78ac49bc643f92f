#include "parse/PacketValues.h"
#include "parse/TrafficClass.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using llvm::StringRef;
using packet::Family;
using packet::Field;
using packet::Value;
using ReadValue = std::optional<Value>;

template <uint64_t Most> static ReadValue readNumber(StringRef text, Family) {
  auto number = parseNumber(text, Most);
  return number ? ReadValue(*number) : std::nullopt;
}

static ReadValue readPort(StringRef text, Family) {
  auto port = parsePort(text);
  return port ? ReadValue(*port) : std::nullopt;
}

ReadValue readInterface(StringRef text, Family) {
  constexpr size_t kLongest = 15; // IFNAMSIZ without the final zero
  if (text.empty() || text.size() > kLongest || text.endswith("+"))
    return std::nullopt;
  Value name = packet::interfaceValue(text);
  return packet::isInterface(name) ? ReadValue(name) : std::nullopt;
}

static ReadValue readAddress(StringRef text, Family family) {
  Value address = 0;
  return packet::parseAddress(text, family, address) ? ReadValue(address) : std::nullopt;
}

/// "all" is read as 0, which is a protocol's number as well.
static ReadValue readFlowProtocol(StringRef text, Family) {
  auto number = parseProtocol(text);
  return number && (*number != 0 || text == "0") ? ReadValue(*number) : std::nullopt;
}

static ReadValue readProtocol(StringRef text, Family family) {
  ReadValue number = readFlowProtocol(text, family);
  return number && packet::canBeProtocol(unsigned(*number), family) ? number : std::nullopt;
}

/// A type that leaves the code open has the first one.
ReadValue readIcmp(StringRef text, Family family) {
  auto type = parseIcmpType(text, family);
  return type && type->name != "any" ? ReadValue(type->type * 256 + type->firstCode) : std::nullopt;
}

ReadValue readTcpFlags(StringRef text) {
  llvm::SmallVector<StringRef, 8> names;
  text.split(names, ',', -1, /*KeepEmpty=*/false);
  constexpr unsigned kAll = 0x3f; // those that iptables has names for
  unsigned flags = 0;
  for (StringRef name : names) {
    unsigned bit = 0;
    while (bit != packet::kTcpFlagCount && !name.equals_insensitive(packet::tcpFlagName(bit)))
      ++bit;
    if (bit != packet::kTcpFlagCount)
      flags |= 1u << bit;
    else if (name.equals_insensitive("ALL"))
      flags |= kAll;
    else if (!name.equals_insensitive("NONE"))
      return std::nullopt;
  }
  return names.empty() ? std::nullopt : ReadValue(flags);
}

static ReadValue readState(StringRef text, Family) {
  StringRef state = text.split(',').first, translated = text.split(',').second;
  static constexpr StringRef names[] = {"NEW", "ESTABLISHED", "RELATED"};
  if (text.equals_insensitive("INVALID"))
    return Value(packet::CtState::Invalid);
  if (text.equals_insensitive("UNTRACKED"))
    return Value(packet::CtState::Untracked);
  auto named = llvm::find_if(names, [&](StringRef name) { return name.equals_insensitive(state); });
  if (named == std::end(names))
    return std::nullopt;
  Value value = 4 * Value(named - std::begin(names));
  for (; !translated.empty(); translated = translated.split(',').second) {
    StringRef way = translated.split(',').first;
    if (!way.equals_insensitive("DNAT") && !way.equals_insensitive("SNAT"))
      return std::nullopt;
    value |= way.equals_insensitive("DNAT") ? packet::kCtDnat : packet::kCtSnat;
  }
  return value;
}

static ReadValue readMark(StringRef text, Family) {
  auto number = parseNumber(text, 0xffffffff);
  return number ? ReadValue(*number) : std::nullopt;
}

static ReadValue readAddressType(StringRef text, Family) {
  for (unsigned type = 0; type != packet::kAddrTypeCount; ++type)
    if (packet::name(packet::AddrType(type)).equals_insensitive(text))
      return Value(type);
  return std::nullopt;
}

static ReadValue readMac(StringRef text, Family) {
  return parseMac(text);
}

static ReadValue readTos(StringRef text, Family) {
  auto tos = parseTos(text);
  bool isWhole = tos && (tos->mask == ~uint32_t(0) || tos->mask == 0xff || !text.contains('/'));
  return isWhole ? ReadValue(tos->value) : std::nullopt;
}

static ReadValue readDscp(StringRef text, Family) {
  auto dscp = parseNumber(text, 63);
  return dscp ? ReadValue(*dscp << 2) : std::nullopt;
}

static ReadValue readDscpClass(StringRef text, Family) {
  auto dscp = parseDscpClass(text);
  return dscp ? ReadValue(*dscp << 2) : std::nullopt;
}

static ReadValue readPktType(StringRef text, Family) {
  static constexpr StringRef names[] = {"unicast", "broadcast", "multicast", "otherhost", "outgoing"};
  auto named = llvm::find_if(names, [&](StringRef name) { return name.equals_insensitive(text); });
  return named == std::end(names) ? std::nullopt : ReadValue(named - std::begin(names));
}

static ReadValue readOwner(StringRef text, Family) {
  if (text == "no-file")
    return packet::kNoFile;
  auto number = parseNumber(text, 0xffffffff);
  return number ? ReadValue(*number) : std::nullopt;
}

/// The bits of the names in a list; "none" is none of them.
static ReadValue readBits(StringRef text, llvm::ArrayRef<StringRef> names) {
  Value bits = 0;
  llvm::SmallVector<StringRef, 4> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto named = llvm::find(names, part);
    if (part.empty() || (named == names.end() && part != "none"))
      return std::nullopt;
    bits |= named == names.end() ? 0 : Value(1) << (named - names.begin());
  }
  return bits;
}

static ReadValue readStatus(StringRef text, Family) {
  return readBits(text, {"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"});
}

static ReadValue readHeaders(StringRef text, Family) {
  return readBits(text, {"proto", "none", "esp", "auth", "", "route", "dst", "hop"});
}

static ReadValue readDirection(StringRef text, Family) {
  return text == "ORIGINAL" ? ReadValue(0) : text == "REPLY" ? ReadValue(1) : std::nullopt;
}

static constexpr llvm::StringLiteral kNumber = "number", kPort = "port, a number or the name of a service",
                                     kAddress = "address", kInterface = "interface, of at most 15 characters",
                                     kType = "address type: UNICAST, LOCAL, BROADCAST, MULTICAST ...",
                                     kIcmpType = "type of ICMP: a name, a number or type/code", kMark = "mark";

static constexpr PacketOption kPacketOptions[] = {
    {"-i", Field::In, readInterface, kInterface},
    {"--in-interface", Field::In, readInterface, kInterface},
    {"-o", Field::Out, readInterface, kInterface},
    {"--out-interface", Field::Out, readInterface, kInterface},
    {"-p", Field::Proto, readProtocol, "protocol"},
    {"--protocol", Field::Proto, readProtocol, "protocol"},
    {"-s", Field::Src, readAddress, kAddress},
    {"--source", Field::Src, readAddress, kAddress},
    {"--src", Field::Src, readAddress, kAddress},
    {"-d", Field::Dst, readAddress, kAddress},
    {"--destination", Field::Dst, readAddress, kAddress},
    {"--dst", Field::Dst, readAddress, kAddress},
    {"--sport", Field::Sport, readPort, kPort},
    {"--source-port", Field::Sport, readPort, kPort},
    {"--dport", Field::Dport, readPort, kPort},
    {"--destination-port", Field::Dport, readPort, kPort},
    {"--icmp-type", Field::Icmp, readIcmp, kIcmpType},
    {"--icmpv6-type", Field::Icmp, readIcmp, kIcmpType},
    {"--ctstate", Field::CtState, readState, "state: NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED"},
    {"--state", Field::CtState, readState, "state: NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED"},
    {"--mark", Field::Mark, readMark, kMark},
    {"--connmark", Field::ConnMark, readMark, kMark},
    {"--src-type", Field::SrcType, readAddressType, kType},
    {"--dst-type", Field::DstType, readAddressType, kType},
    {"--mac-source", Field::Mac, readMac, "MAC address"},
    {"--tos", Field::Tos, readTos, "type of service, a number up to 255 or a name"},
    {"--dscp", Field::Tos, readDscp, "DSCP, a number up to 63"},
    {"--dscp-class", Field::Tos, readDscpClass, "class of DSCP: EF, AF11, CS1 ..."},
    {"--ttl", Field::Ttl, readNumber<0xff>, "time to live, a number up to 255"},
    {"--ttl-eq", Field::Ttl, readNumber<0xff>, "time to live, a number up to 255"},
    {"--hl", Field::Ttl, readNumber<0xff>, "hop limit, a number up to 255"},
    {"--hl-eq", Field::Ttl, readNumber<0xff>, "hop limit, a number up to 255"},
    {"--length", Field::Length, readNumber<0x1ffff>, kNumber},
    {"--pkt-type", Field::PktType, readPktType, "packet type: unicast, broadcast, multicast, otherhost or outgoing"},
    {"--physdev-in", Field::PhysIn, readInterface, kInterface},
    {"--physdev-out", Field::PhysOut, readInterface, kInterface},
    {"--src-group", Field::InGroup, readMark, kNumber},
    {"--dst-group", Field::OutGroup, readMark, kNumber},
    {"--uid-owner", Field::Uid, readOwner, "number of a user, or no-file"},
    {"--gid-owner", Field::Gid, readOwner, "number of a group, or no-file"},
    {"--realm", Field::Realm, readMark, kNumber},
    {"--espspi", Field::EspSpi, readMark, kNumber},
    {"--ahspi", Field::AhSpi, readMark, kNumber},
    {"--ahlen", Field::AhLen, readNumber<0xff>, kNumber},
    {"--dccp-types", Field::DccpType, readNumber<0xf>, "number up to 15"},
    {"--chunk-types", Field::SctpChunks, readMark, "number, a bit for each chunk"},
    {"--ctstatus", Field::CtStatus, readStatus, "list of EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED"},
    {"--ctdir", Field::CtReply, readDirection, "direction: ORIGINAL or REPLY"},
    {"--ctproto", Field::CtProto, readFlowProtocol, "protocol"},
    {"--ctorigsrc", Field::CtOrigSrc, readAddress, kAddress},
    {"--ctorigdst", Field::CtOrigDst, readAddress, kAddress},
    {"--ctreplsrc", Field::CtReplSrc, readAddress, kAddress},
    {"--ctrepldst", Field::CtReplDst, readAddress, kAddress},
    {"--ctorigsrcport", Field::CtOrigSport, readPort, kPort},
    {"--ctorigdstport", Field::CtOrigDport, readPort, kPort},
    {"--ctreplsrcport", Field::CtReplSport, readPort, kPort},
    {"--ctrepldstport", Field::CtReplDport, readPort, kPort},
    {"--fragid", Field::FragId, readMark, kNumber},
    {"--header", Field::ExtHeaders, readHeaders, "list of hop, dst, route, auth, esp, none, proto"},
    {"--hbh-len", Field::HbhLen, readNumber<0xff>, kNumber},
    {"--dst-len", Field::DstOptLen, readNumber<0xff>, kNumber},
    {"--rt-type", Field::RtType, readNumber<0xff>, kNumber},
    {"--rt-segsleft", Field::RtSegsLeft, readNumber<0xff>, kNumber},
    {"--rt-len", Field::RtLen, readNumber<0xff>, kNumber},
    {"--mh-type", Field::MhType, readNumber<0xff>, kNumber},
};

const PacketOption *findPacketOption(StringRef name) {
  auto found = llvm::find_if(kPacketOptions, [&](const PacketOption &option) { return option.name == name; });
  return found == std::end(kPacketOptions) ? nullptr : &*found;
}

} // namespace iptlint::parse
