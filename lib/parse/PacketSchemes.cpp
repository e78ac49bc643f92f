// Schemes of URLs, and the protocols and ports that they stand for.
//
// Those that an administrator meets; others are looked up as services, as /etc/services has them.
#include "parse/PacketValues.h"
#include "parse/SystemNames.h"

namespace iptlint::parse {

using llvm::StringRef;

namespace {
struct Scheme {
  llvm::StringLiteral name;
  bool udp;
  uint16_t port;
};
} // namespace

static constexpr Scheme kSchemes[] = {
    {"amqp", false, 5672},     {"amqps", false, 5671},    {"coap", true, 5683},        {"dns", true, 53},
    {"etcd", false, 2379},     {"ftp", false, 21},        {"ftps", false, 990},        {"git", false, 9418},
    {"gopher", false, 70},     {"http", false, 80},       {"https", false, 443},       {"imap", false, 143},
    {"imaps", false, 993},     {"ipp", false, 631},       {"irc", false, 6667},        {"ircs", false, 6697},
    {"kafka", false, 9092},    {"ldap", false, 389},      {"ldaps", false, 636},       {"memcached", false, 11211},
    {"mongodb", false, 27017}, {"mqtt", false, 1883},     {"mqtts", false, 8883},      {"mysql", false, 3306},
    {"nats", false, 4222},     {"nfs", false, 2049},      {"ntp", true, 123},          {"pop3", false, 110},
    {"pop3s", false, 995},     {"postgres", false, 5432}, {"postgresql", false, 5432}, {"rdp", false, 3389},
    {"redis", false, 6379},    {"rediss", false, 6379},   {"rsync", false, 873},       {"rtsp", false, 554},
    {"sftp", false, 22},       {"sip", true, 5060},       {"sips", false, 5061},       {"smb", false, 445},
    {"smtp", false, 25},       {"smtps", false, 465},     {"snmp", true, 161},         {"ssh", false, 22},
    {"svn", false, 3690},      {"syslog", true, 514},     {"telnet", false, 23},       {"tftp", true, 69},
    {"vnc", false, 5900},      {"ws", false, 80},         {"wss", false, 443},         {"xmpp", false, 5222},
};

std::optional<SchemeDefault> findScheme(StringRef scheme) {
  std::string lower = scheme.lower();
  if (lower == "tcp" || lower == "udp")
    return SchemeDefault{lower == "tcp" ? packet::kTcp : packet::kUdp, std::nullopt};
  for (const Scheme &known : kSchemes)
    if (known.name == lower)
      return SchemeDefault{known.udp ? packet::kUdp : packet::kTcp, known.port};
  if (auto port = findService(lower))
    return SchemeDefault{packet::kTcp, *port};
  return std::nullopt;
}

} // namespace iptlint::parse
