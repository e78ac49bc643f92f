// Sources that no packet from outside can have, let in from outside.
//
// Which interfaces lead outside only a configuration says; without one nothing is asked. Asked of INPUT and FORWARD
// with a packet that starts a flow of TCP or UDP. DHCP is left out: its answers come from private addresses of the
// provider's.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::lint::checks {

using packet::Family;
using packet::Field;
using packet::Hook;

namespace {

/// Addresses that are no stranger's.
struct Forged {
  llvm::StringLiteral words; ///< what a source is: "a private address"
  std::vector<ir::Interval> addresses;
};

/// What one rule, or the policy, lets in.
struct LetIn {
  std::string words;
  packet::Packet packet; ///< of the first class
};

} // namespace

static std::vector<Forged> forgedSources(Family family, const Settings &settings) {
  auto of = [&](const char *address, unsigned length) { return prefix(address, length, family); };
  bool four = family == Family::IPv4;
  std::vector<Forged> classes;
  if (four)
    classes = {{"a private address", {of("10.0.0.0", 8), of("172.16.0.0", 12), of("192.168.0.0", 16)}},
               {"a loopback address", {of("127.0.0.0", 8)}},
               {"a multicast address", {of("224.0.0.0", 4)}}};
  else
    classes = {{"a private address", {of("fc00::", 7)}},
               {"the loopback address", {of("::1", 128)}},
               {"a multicast address", {of("ff00::", 8)}}};
  const std::vector<ir::Interval> &own = four ? settings.ownAddresses4 : settings.ownAddresses6;
  if (!own.empty())
    classes.push_back({"an address of the machine's own", joined(own)});
  return classes;
}

static analysis::Kind packetFrom(const Forged &forged, Hook hook, const Settings &settings) {
  analysis::Kind kind = plainNew(hook);
  kind.push_back(byOneOf(settings.outsideInterfaces));
  kind.push_back(oneOf(Field::Proto, {{packet::kTcp, packet::kTcp}, {packet::kUdp, packet::kUdp}}));
  kind.push_back(ir::RangeTest{Field::Dport, std::nullopt, true, {{67, 68}, {546, 547}}});
  kind.push_back(oneOf(Field::Src, forged.addresses));
  return kind;
}

static std::map<std::optional<ir::RuleId>, LetIn> letIn(const Facts &facts, const TableFacts &filter, Hook hook) {
  std::vector<Forged> classes = forgedSources(facts.ruleset->family, facts.settings);
  std::vector<analysis::Kind> kinds;
  for (const Forged &forged : classes)
    kinds.push_back(packetFrom(forged, hook, facts.settings));
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = false;
  auto found = analysis::admits(*filter.table, facts.ruleset->family, filter.graph, hook, analysis::Ending::Accepted,
                                kinds, options);
  std::map<std::optional<ir::RuleId>, LetIn> result;
  for (size_t i = 0; i != found.size(); ++i) {
    if (found[i].answer != analysis::Answer::Yes || mayBeTakenElsewhere(facts, hook, kinds[i]))
      continue;
    auto [entry, isNew] = result.try_emplace(found[i].by);
    if (isNew)
      entry->second.packet = found[i].packet;
    entry->second.words += (isNew ? "" : ", ") + classes[i].words.str();
  }
  return result;
}

static void lookAt(Hook hook, const Facts &facts, const TableFacts &filter, Reporter &report) {
  const ir::Chain *chain = chainOf(filter, hook);
  if (!chain)
    return;
  for (const auto &[by, accepted] : letIn(facts, filter, hook)) {
    std::string what =
        fmt::format("lets in from outside what comes from {}: {}", accepted.words, wordsFor(accepted.packet));
    if (!by) {
      report.add(filter, *chain, "the policy of " + packet::name(hook) + " " + what);
      continue;
    }
    RuleFacts rule{filter, *by};
    Finding finding = report.add(rule, "this rule " + what);
    if (llvm::StringRef agent = agentOfRule(rule); !agent.empty())
      finding.append("; " + agent + " writes this rule by itself").severity(support::Severity::Info);
  }
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = facts.settings.outsideInterfaces.empty() ? nullptr : wholeFilter(facts);
  if (!filter)
    return;
  for (Hook hook : {Hook::Input, Hook::Forward})
    lookAt(hook, facts, *filter, report);
}

extern constinit const Check spoofed_source = {
    .id = "spoofed-source",
    .summary = "private, loopback, multicast or own addresses let in from outside as a source",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
