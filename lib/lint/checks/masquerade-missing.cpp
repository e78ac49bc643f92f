// A DNAT of IPv4 whose answers do not come back, since no rule of POSTROUTING translates the packets' source as well.
//
// One machine's texts tell it in two cases. Where a client is on the link of the server that its packets are sent on
// to, the server answers it directly, with an address that the client has not asked. And no other machine answers what
// this one sends to 127.0.0.1 and translates, since it keeps 127.0.0.1 as its source. Each is asked with a packet that
// the rule surely translates, that FORWARD surely lets through and POSTROUTING surely leaves as it is.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/NetworkWords.h"
#include "lint/Unanswered.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using packet::Field;

static std::string why(const Facts &facts, const Unanswered &lost) {
  constexpr packet::Family family = packet::Family::IPv4;
  std::string server = packet::addressText(lost.server, family);
  std::string client = packet::addressText(lost.packet[Field::Src], family);
  if (!lost.link)
    return fmt::format("{} does not answer {}: ", server, client);
  return fmt::format("{} answers {} past this machine, since both are on the link of {} ({}): ", server, client,
                     lost.device.str(), placeOf(*facts.network, lost.link->place));
}

/// That an own address is one goes without saying.
static std::string packetWords(packet::Packet packet) {
  for (Field type : {Field::SrcType, Field::DstType})
    packet[type] = packet::Value(packet::AddrType::Unicast);
  return wordsFor(packet);
}

static void run(const Facts &facts, Reporter &report) {
  for (const Unanswered &lost : unansweredOnes(facts)) {
    Finding finding =
        report.add(lost.rule, why(facts, lost) + "no rule translates the source of " + packetWords(lost.packet));
    tellAgent(finding, lost.rule);
  }
}

extern constinit const Check masquerade_missing = {
    .id = "masquerade-missing",
    .summary = "a DNAT whose answers do not come back, since nothing translates the source, too",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
