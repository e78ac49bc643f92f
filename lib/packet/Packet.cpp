#include "packet/Packet.h"
#include "packet/Usual.h"
#include <fmt/format.h>

namespace iptlint::packet {

static std::string flagNames(unsigned flags) {
  std::string names;
  for (unsigned bit = 0; bit != kTcpFlagCount; ++bit)
    if (flags >> bit & 1)
      names += (names.empty() ? "" : ",") + tcpFlagName(bit).str();
  return names.empty() ? "NONE" : names;
}

std::string macText(Value mac) {
  std::string text;
  for (int shift = 40; shift >= 0; shift -= 8)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", unsigned(mac >> shift & 0xff));
  return text;
}

static std::string transportWords(const Packet &packet) {
  auto number = [&](Field field) { return unsigned(packet[field]); };
  unsigned protocol = number(Field::Proto);
  if (isLaterFragment(packet[Field::Fragment]))
    return " -f";
  std::string words;
  if (hasPorts(protocol))
    words += fmt::format(" --sport {} --dport {}", number(Field::Sport), number(Field::Dport));
  if (protocol == kTcp)
    words += " --tcp-flags ALL " + flagNames(number(Field::TcpFlags));
  if (protocol == kIcmp && packet.family == Family::IPv4)
    words += fmt::format(" --icmp-type {}/{}", number(Field::Icmp) >> 8, number(Field::Icmp) & 0xff);
  if (protocol == kIcmpv6 && packet.family == Family::IPv6)
    words += fmt::format(" --icmpv6-type {}/{}", number(Field::Icmp) >> 8, number(Field::Icmp) & 0xff);
  return words;
}

std::string ctstateText(unsigned state) {
  if (state == unsigned(CtState::Invalid))
    return "INVALID";
  if (state == unsigned(CtState::Untracked))
    return "UNTRACKED";
  static constexpr const char *names[] = {"NEW", "ESTABLISHED", "RELATED"};
  std::string text = names[state / 4];
  if (state & kCtDnat)
    text += ",DNAT";
  if (state & kCtSnat)
    text += ",SNAT";
  return text;
}

bool carriesMac(const Packet &packet) {
  bool fromWire = packet.hook() != Hook::Output && packet.hook() != Hook::Postrouting;
  return fromWire && packet[Field::Mac] != kNoMac;
}

std::string inIptablesWords(const Packet &packet) {
  std::string words;
  if (packet[Field::In])
    words += "-i " + interfaceName(packet[Field::In]) + " ";
  if (packet[Field::Out])
    words += "-o " + interfaceName(packet[Field::Out]) + " ";
  words += fmt::format("-p {} -s {} -d {}", protocolText(unsigned(packet[Field::Proto])),
                       addressText(packet[Field::Src], packet.family), addressText(packet[Field::Dst], packet.family));
  words += transportWords(packet);
  words += " --ctstate " + ctstateText(unsigned(packet[Field::CtState]));
  if (packet[Field::Mark])
    words += fmt::format(" --mark {:#x}", uint32_t(packet[Field::Mark]));
  for (Field field : {Field::SrcType, Field::DstType})
    if (AddrType type = AddrType(uint8_t(packet[field])); type != AddrType::Unicast)
      words += fmt::format(" --{}-type {}", field == Field::SrcType ? "src" : "dst", name(type).str());
  if (carriesMac(packet) && packet[Field::Mac] != 0)
    words += " --mac-source " + macText(packet[Field::Mac]);
  for (Field field : unusualFields(packet))
    words += fmt::format(" {} {}", optionOf(field, packet.family).str(), valueText(field, packet));
  return words;
}

} // namespace iptlint::packet
