// Addresses and names of hosts in a packet's words, and its URL.
#include "parse/Hosts.h"
#include "parse/PacketReader.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// An address, or a name that --hosts has.
std::optional<Value> PacketReader::addressOf(StringRef at, StringRef text) {
  Family family = parsed.packet.family, other = family == Family::IPv4 ? Family::IPv6 : Family::IPv4;
  Value address = 0;
  if (packet::parseAddress(text, family, address))
    return address;
  if (packet::parseAddress(text, other, address)) {
    error(at, fmt::format("'{}' is no IPv{} address, and the packet is one of IPv{}", text.str(), unsigned(family),
                          unsigned(family)));
    return std::nullopt;
  }
  auto known = options.hosts ? options.hosts->find(text, family) : llvm::ArrayRef<Value>();
  if (known.size() == 1)
    return known.front();
  if (known.size() > 1)
    error(at, fmt::format("'{}' has {} addresses in the hosts; name one of them", text.str(), known.size()));
  else if (isHostName(text))
    error(at, fmt::format("'{}' is not in the hosts that --hosts names, and nobody else is asked", text.str()));
  return std::nullopt;
}

void PacketReader::readUrlHost(StringRef word, const Url &url) {
  if (url.host.empty())
    return error(word, "the URL names no host");
  size_t before = parsed.findings.size();
  Value address = 0;
  if (!packet::parseAddress(url.host, Family::IPv4, address) && !packet::parseAddress(url.host, Family::IPv6, address))
    parsed.host = url.host.str();
  if (auto host = addressOf(url.host, url.host))
    set(url.host, Field::Dst, *host);
  else if (parsed.findings.size() == before)
    error(url.host, fmt::format("'{}' is no address, nor the name of a host", url.host.str()));
}

void PacketReader::noteUnseen(const Url &url) {
  auto note = [&](llvm::StringLiteral what, StringRef text) {
    if (!text.empty())
      parsed.unseen.push_back({what, text.str()});
  };
  note("user", url.user);
  note("host name", parsed.host);
  note("path", url.path == "/" ? "" : url.path);
  note("query", url.query);
  note("fragment", url.fragment);
}

void PacketReader::readUrl(StringRef word) {
  Url url = splitUrl(word);
  auto scheme = findScheme(url.scheme);
  if (!scheme)
    return error(url.scheme.empty() ? word : url.scheme,
                 fmt::format("the scheme '{}' stands for no protocol and port", url.scheme.str()));
  readUrlHost(word, url);
  set(url.scheme, Field::Proto, scheme->protocol);
  std::optional<uint64_t> port =
      url.port.empty() ? std::optional<uint64_t>(scheme->port) : parseNumber(url.port, 0xffff);
  if (port)
    set(url.port.empty() ? url.scheme : url.port, Field::Dport, *port);
  else if (url.port.empty())
    error(word, fmt::format("'{}' has no port of its own; write host:port", url.scheme.str()));
  else
    error(url.port, fmt::format("'{}' is no port", url.port.str()));
  noteUnseen(url);
}

} // namespace iptlint::parse
