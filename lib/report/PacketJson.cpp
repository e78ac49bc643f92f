#include "report/PacketJson.h"
#include "packet/Usual.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::report {

using packet::Field;
using packet::Packet;

static void writeInterface(JsonWriter &json, llvm::StringRef key, packet::Value value) {
  if (value == 0)
    json.attribute(key, nullptr);
  else
    json.attribute(key, packet::interfaceName(value));
}

/// By its name where it has a common one, else by number.
static void writeProtocol(JsonWriter &json, unsigned number) {
  std::string text = packet::protocolText(number);
  if (!text.empty() && llvm::isDigit(text[0]))
    json.attribute("proto", number);
  else
    json.attribute("proto", text);
}

static void writeTcpFlags(JsonWriter &json, unsigned flags) {
  json.attributeArray("tcp_flags", [&] {
    for (unsigned bit = 0; bit != packet::kTcpFlagCount; ++bit)
      if (flags >> bit & 1)
        json.value(packet::tcpFlagName(bit));
  });
}

/// A later fragment carries none of these.
static void writeTransport(JsonWriter &json, const Packet &packet) {
  unsigned protocol = unsigned(packet[Field::Proto]);
  if (packet::isLaterFragment(packet[Field::Fragment]))
    return;
  if (packet::hasPorts(protocol)) {
    json.attribute("sport", uint64_t(packet[Field::Sport]));
    json.attribute("dport", uint64_t(packet[Field::Dport]));
  }
  bool isIcmp = protocol == (packet.family == packet::Family::IPv4 ? packet::kIcmp : packet::kIcmpv6);
  if (isIcmp) {
    json.attribute("icmp_type", uint64_t(packet[Field::Icmp] >> 8));
    json.attribute("icmp_code", uint64_t(packet[Field::Icmp] & 0xff));
  }
  if (protocol == packet::kTcp)
    writeTcpFlags(json, unsigned(packet[Field::TcpFlags]));
}

static void writeAssumption(JsonWriter &json, llvm::StringRef option, bool matches) {
  json.object([&] {
    json.attribute("option", option);
    json.attribute("matches", matches);
  });
}

static void writeAssumptions(JsonWriter &json, const Packet &packet, Assumptions state) {
  json.attributeArray("assume", [&] {
    for (const auto &[option, matches] : packet.assume)
      writeAssumption(json, option, matches);
    for (const auto &[option, matches] : state)
      writeAssumption(json, option, matches);
  });
}

/// What routing has to say of the addresses, where it is not the usual.
static void writeTypes(JsonWriter &json, const Packet &packet) {
  for (Field field : {Field::SrcType, Field::DstType})
    if (packet::AddrType type = packet::AddrType(uint8_t(packet[field])); type != packet::AddrType::Unicast)
      json.attribute(packet::name(field), packet::name(type));
}

static void writeUnusual(JsonWriter &json, const Packet &packet) {
  for (Field field : packet::unusualFields(packet))
    if (packet::isNumber(field))
      json.attribute(packet::name(field), uint64_t(packet[field]));
    else
      json.attribute(packet::name(field), packet::valueText(field, packet));
}

void writePacket(JsonWriter &json, const Packet &packet, Assumptions state) {
  json.object([&] {
    json.attribute("family", packet.family == packet::Family::IPv4 ? 4 : 6);
    writeInterface(json, "in", packet[Field::In]);
    writeInterface(json, "out", packet[Field::Out]);
    json.attribute("src", packet::addressText(packet[Field::Src], packet.family));
    json.attribute("dst", packet::addressText(packet[Field::Dst], packet.family));
    writeProtocol(json, unsigned(packet[Field::Proto]));
    writeTransport(json, packet);
    json.attribute("ctstate", packet::ctstateText(unsigned(packet[Field::CtState])));
    json.attribute("mark", uint64_t(packet[Field::Mark]));
    json.attribute("fragment", packet::isLaterFragment(packet[Field::Fragment]));
    writeTypes(json, packet);
    if (packet::carriesMac(packet))
      json.attribute("mac", packet::macText(packet[Field::Mac]));
    writeUnusual(json, packet);
    writeAssumptions(json, packet, state);
  });
}

} // namespace iptlint::report
