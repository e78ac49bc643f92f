// A port that is not for everybody, open to everybody.
//
// Asked of INPUT with a packet that starts a flow, from an address that nobody could have meant by name. Where it hangs
// on a condition that is not modelled, or on another table, nothing is said. What the port is for is not known here, so
// that this is an opinion until somebody names the ports.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Strangers.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using packet::Hook;

/// Remote shells, Docker's and databases' doors: few mean to have them open.
static constexpr Port kUsual[] = {{packet::kTcp, 22},    {packet::kTcp, 23},   {packet::kTcp, 2375},
                                  {packet::kTcp, 2376},  {packet::kTcp, 3306}, {packet::kTcp, 5432},
                                  {packet::kTcp, 6379},  {packet::kTcp, 9200}, {packet::kTcp, 11211},
                                  {packet::kTcp, 27017}, {packet::kUdp, 11211}};

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts);
  const ir::Chain *input = filter ? chainOf(*filter, Hook::Input) : nullptr;
  if (!input)
    return;
  llvm::ArrayRef<Port> ports = kUsual;
  if (facts.settings.exposedPorts)
    ports = *facts.settings.exposedPorts;
  for (const auto &[by, opened] : openedToStrangers(facts, *filter, ports)) {
    std::string what = fmt::format("{} to everybody: {}", wordsFor(opened.ports), wordsFor(opened.packet));
    if (!by) {
      report.add(*filter, *input, "the policy of INPUT opens " + what);
      continue;
    }
    RuleFacts rule{*filter, *by};
    Finding finding = report.add(rule, "this rule opens " + what);
    if (llvm::StringRef agent = agentOfRule(rule); !agent.empty())
      finding.append("; " + agent + " writes this rule by itself").severity(support::Severity::Info);
  }
}

static bool wantedBy(const Settings &settings) {
  return settings.exposedPorts.has_value();
}

extern constinit const Check exposed_port = {
    .id = "exposed-port",
    .summary = "a port that is not for everybody, open to everybody",
    .severity = support::Severity::Warning,
    .run = run,
    .group = Group::Hygiene,
    .wantedBy = wantedBy,
};

} // namespace iptlint::lint::checks
