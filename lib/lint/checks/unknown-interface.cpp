// A rule that names an interface which the machine does not have.
//
// Interfaces come and go, so that this is information: a tunnel may be down. Names that programs make up for containers
// and the like are left out, and so are texts of addresses that do not show all interfaces.
#include "analysis/Routable.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using llvm::StringRef;
using packet::Family;

/// `ip -4 addr` leaves out interfaces without an address of its family; the ports of bridges are interfaces, too.
static bool showsAllInterfaces(const ir::Network &network) {
  auto isListed = [&](StringRef name) {
    return llvm::any_of(network.interfaces, [&](const ir::Interface &each) { return each.name == name; });
  };
  bool bridgesListed = llvm::all_of(network.bridges, [&](const ir::Bridge &bridge) {
    return isListed(bridge.name) && llvm::all_of(bridge.ports, isListed);
  });
  bool mastersListed = llvm::all_of(
      network.interfaces, [&](const ir::Interface &each) { return each.master.empty() || isListed(each.master); });
  return analysis::showsAllAddresses(network, Family::IPv4) && analysis::showsAllAddresses(network, Family::IPv6) &&
         bridgesListed && mastersListed;
}

/// With a + at its end a name stands for all that begin so.
static bool isKnown(const ir::Network &network, StringRef name) {
  bool isStart = name.consume_back("+");
  return llvm::any_of(network.interfaces, [&](const ir::Interface &each) {
    return isStart ? each.name.startswith(name) : each.name == name;
  });
}

static void run(const Facts &facts, Reporter &report) {
  if (!facts.network || !showsAllInterfaces(*facts.network))
    return;
  llvm::StringSet<> said;
  eachRule(facts, [&](const RuleFacts &rule) {
    for (const ir::InterfaceName &interface : rule.rule().interfaces)
      if (!isKnown(*facts.network, interface.name) && agentOfInterface(interface.name).empty() &&
          said.insert(interface.name).second)
        report.add(rule, interface.at,
                   fmt::format("the addresses show no interface {}'{}'", interface.name.endswith("+") ? "like " : "",
                               interface.name.str()));
  });
}

extern constinit const Check unknown_interface = {
    .id = "unknown-interface",
    .summary = "a rule that names an interface which the machine does not have",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
