#include "packet/Usual.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::packet {

static Value tupleValue(const Packet &packet, Field way, Field back) {
  return packet[packet[Field::CtReply] ? back : way];
}

static Value portValue(const Packet &packet, Field way, Field back) {
  return hasPorts(unsigned(packet[Field::Proto])) ? tupleValue(packet, way, back) : 0;
}

/// What `-m ipv6header` says of a packet's protocol: ESP and "no next header" have bits of their own.
/// Source: net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6().
static unsigned lastHeader(unsigned protocol) {
  constexpr unsigned kEsp = 50, kNoNextHeader = 59;
  return protocol == kEsp ? kExtEsp : protocol == kNoNextHeader ? kExtNone : kExtProto;
}

Value usualValue(Field field, const Packet &packet) {
  switch (field) {
  case Field::Ttl:
    return 64;
  case Field::Length:
    return 60;
  case Field::Uid:
  case Field::Gid:
    return kNoSocket;
  case Field::SctpChunks:
    return 1;
  case Field::ExtHeaders:
    return packet.family == Family::IPv6 ? lastHeader(unsigned(packet[Field::Proto])) : 0;
  case Field::CtProto:
    return packet[Field::Proto];
  case Field::CtOrigSrc:
  case Field::CtReplDst:
    return tupleValue(packet, Field::Src, Field::Dst);
  case Field::CtOrigDst:
  case Field::CtReplSrc:
    return tupleValue(packet, Field::Dst, Field::Src);
  case Field::CtOrigSport:
  case Field::CtReplDport:
    return portValue(packet, Field::Sport, Field::Dport);
  case Field::CtOrigDport:
  case Field::CtReplSport:
    return portValue(packet, Field::Dport, Field::Sport);
  default:
    return 0;
  }
}

/// Whether a packet has the header, or the flow, that a field is read from.
static bool has(const Packet &packet, Field field) {
  unsigned protocol = unsigned(packet[Field::Proto]);
  bool six = packet.family == Family::IPv6;
  auto extension = [&](unsigned header) { return six && (packet[Field::ExtHeaders] & header); };
  if (isOfFlow(field))
    return packet[Field::CtState] < Value(CtState::Invalid);
  switch (field) {
  case Field::EspSpi:
    return protocol == 50 || extension(kExtEsp);
  case Field::AhSpi:
    return protocol == 51 || extension(kExtAuth);
  case Field::AhLen:
    return extension(kExtAuth);
  case Field::DccpType:
    return protocol == kDccp;
  case Field::SctpChunks:
    return protocol == kSctp;
  case Field::FragId:
    return six && packet[Field::Fragment] != Value(Fragment::Whole);
  case Field::ExtHeaders:
    return six;
  case Field::HbhLen:
    return extension(kExtHop);
  case Field::DstOptLen:
    return extension(kExtDst);
  case Field::RtType:
  case Field::RtSegsLeft:
  case Field::RtLen:
    return extension(kExtRoute);
  case Field::MhType:
    return protocol == 135;
  default:
    return true;
  }
}

std::vector<Field> unusualFields(const Packet &packet) {
  std::vector<Field> fields;
  for (unsigned i = unsigned(Field::Tos); i != kFieldCount; ++i)
    if (has(packet, Field(i)) && packet[Field(i)] != usualValue(Field(i), packet))
      fields.push_back(Field(i));
  return fields;
}

bool isNumber(Field field) {
  switch (field) {
  case Field::PktType:
  case Field::PhysIn:
  case Field::PhysOut:
  case Field::Uid:
  case Field::Gid:
  case Field::PolicyIn:
  case Field::PolicyOut:
  case Field::CtStatus:
  case Field::CtReply:
  case Field::CtOrigSrc:
  case Field::CtOrigDst:
  case Field::CtReplSrc:
  case Field::CtReplDst:
  case Field::ExtHeaders:
    return false;
  default:
    return true;
  }
}

/// The names of the bits that are set.
static std::string bitNames(Value value, llvm::ArrayRef<llvm::StringLiteral> names) {
  std::string text;
  for (size_t bit = 0; bit != names.size(); ++bit)
    if ((value >> bit & 1) && !names[bit].empty())
      (text += text.empty() ? "" : ",") += names[bit];
  return text.empty() ? "none" : text;
}

static std::string ownerText(Value value) {
  return value == kNoSocket ? "no-socket"
         : value == kNoFile ? "no-file"
                            : llvm::utostr(uint64_t(value));
}

std::string valueText(Field field, const Packet &packet) {
  static constexpr llvm::StringLiteral kinds[] = {"unicast", "broadcast", "multicast", "otherhost", "outgoing"};
  static constexpr llvm::StringLiteral status[] = {"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"};
  static constexpr llvm::StringLiteral headers[] = {"proto", "none", "esp", "auth", "", "route", "dst", "hop"};
  Value value = packet[field];
  switch (field) {
  case Field::PktType:
    return kinds[unsigned(value)].str();
  case Field::PhysIn:
  case Field::PhysOut:
    return interfaceName(value);
  case Field::Uid:
  case Field::Gid:
    return ownerText(value);
  case Field::PolicyIn:
  case Field::PolicyOut:
    return value ? "ipsec" : "none";
  case Field::CtStatus:
    return bitNames(value, status);
  case Field::CtReply:
    return value ? "REPLY" : "ORIGINAL";
  case Field::CtOrigSrc:
  case Field::CtOrigDst:
  case Field::CtReplSrc:
  case Field::CtReplDst:
    return addressText(value, packet.family);
  case Field::ExtHeaders:
    return bitNames(value, headers);
  default:
    return llvm::utostr(uint64_t(value));
  }
}

llvm::StringRef optionOf(Field field, Family family) {
  switch (field) {
  case Field::Tos:
    return "--tos";
  case Field::Ttl:
    return family == Family::IPv4 ? "--ttl-eq" : "--hl-eq";
  case Field::Length:
    return "--length";
  case Field::PktType:
    return "--pkt-type";
  case Field::PhysIn:
    return "--physdev-in";
  case Field::PhysOut:
    return "--physdev-out";
  case Field::InGroup:
    return "--src-group";
  case Field::OutGroup:
    return "--dst-group";
  case Field::Uid:
    return "--uid-owner";
  case Field::Gid:
    return "--gid-owner";
  case Field::Realm:
    return "--realm";
  case Field::PolicyIn:
    return "--dir in --pol";
  case Field::PolicyOut:
    return "--dir out --pol";
  case Field::EspSpi:
    return "--espspi";
  case Field::AhSpi:
    return "--ahspi";
  case Field::AhLen:
    return "--ahlen";
  case Field::DccpType:
    return "--dccp-types";
  case Field::SctpChunks:
    return "--chunk-types";
  case Field::ConnMark:
    return "-m connmark --mark";
  case Field::CtStatus:
    return "--ctstatus";
  case Field::CtReply:
    return "--ctdir";
  case Field::CtProto:
    return "--ctproto";
  case Field::CtOrigSrc:
    return "--ctorigsrc";
  case Field::CtOrigDst:
    return "--ctorigdst";
  case Field::CtReplSrc:
    return "--ctreplsrc";
  case Field::CtReplDst:
    return "--ctrepldst";
  case Field::CtOrigSport:
    return "--ctorigsrcport";
  case Field::CtOrigDport:
    return "--ctorigdstport";
  case Field::CtReplSport:
    return "--ctreplsrcport";
  case Field::CtReplDport:
    return "--ctrepldstport";
  case Field::FragId:
    return "--fragid";
  case Field::ExtHeaders:
    return "--header";
  case Field::HbhLen:
    return "--hbh-len";
  case Field::DstOptLen:
    return "--dst-len";
  case Field::RtType:
    return "--rt-type";
  case Field::RtSegsLeft:
    return "--rt-segsleft";
  case Field::RtLen:
    return "--rt-len";
  case Field::MhType:
    return "--mh-type";
  default:
    return "";
  }
}

} // namespace iptlint::packet
