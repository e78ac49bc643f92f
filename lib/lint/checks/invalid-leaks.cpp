// Packets that FORWARD lets out with the private address that MASQUERADE or SNAT was to hide.
//
// nat does not translate what conntrack calls INVALID. Asked of FORWARD with such a packet: a SYN/ACK of no known flow,
// from a private address, by the interface that the rule of nat names. Rules of agents are left out, and so
// are those of nat that name no interface: nothing says then where their packets go.
#include "analysis/Before.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <set>

namespace iptlint::lint::checks {

using packet::Family;
using packet::Field;
using packet::Hook;
using packet::Value;

static ir::Test privateSource(Family family) {
  if (family == Family::IPv6)
    return oneOf(Field::Src, prefix("fc00::", 7, family));
  return oneOf(Field::Src, joined({prefix("10.0.0.0", 8, family), prefix("172.16.0.0", 12, family),
                                   prefix("192.168.0.0", 16, family)}));
}

/// Whether the rule gives packets that leave by an interface which it names another source.
static bool hidesSources(const RuleFacts &rule) {
  llvm::StringRef target = rule.rule().target.name;
  const ir::RangeTest *out = rangeOf(rule.rule(), Field::Out);
  return (target == "MASQUERADE" || target == "SNAT") && out && !out->negated && !rule.dead() &&
         !hasOpaqueTest(rule.rule()) && agentOfRule(rule).empty();
}

/// What the rule would hide, if it were asked about INVALID packets.
static analysis::Kind leakingPast(const RuleFacts &hiding, Family family) {
  constexpr Value synAck = 18;
  analysis::Kind kind = plainOf(Hook::Forward, Value(packet::CtState::Invalid));
  kind.insert(kind.end(), {is(Field::Proto, packet::kTcp), is(Field::TcpFlags, synAck), privateSource(family)});
  std::vector<ir::Interval> notInside = {loopback()};
  llvm::append_range(notInside, rangeOf(hiding.rule(), Field::Out)->ranges);
  kind.push_back(unlessIn(Field::In, std::move(notInside)));
  llvm::copy_if(hiding.rule().tests, std::back_inserter(kind), [](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    return !range || range->field != Field::CtState;
  });
  return kind;
}

/// nat aside, which is not asked.
static bool mayBeTakenElsewhere(const Facts &facts, const analysis::Kind &kind) {
  return llvm::any_of(facts.tables, [&](const TableFacts &table) {
    llvm::StringRef name = table.table->name;
    return name != "filter" && name != "nat" &&
           (analysis::mayActOn(*table.table, table.graph, Hook::Forward, kind) ||
            analysis::mayActOn(*table.table, table.graph, Hook::Postrouting, kind));
  });
}

static std::vector<RuleFacts> hidingRules(const TableFacts &nat) {
  std::vector<RuleFacts> rules;
  eachRuleBehind(nat, Hook::Postrouting, [&](const RuleFacts &rule) {
    if (hidesSources(rule))
      rules.push_back(rule);
  });
  return rules;
}

static void reportLeak(const TableFacts &filter, const analysis::Admission &found, const RuleFacts &hiding,
                       Reporter &report) {
  std::string what = "lets out packets that nat does not translate, since they are INVALID: " + wordsFor(found.packet);
  Finding finding = found.by ? report.add(RuleFacts{filter, *found.by}, "this rule " + what)
                             : report.add(filter, *chainOf(filter, Hook::Forward), "the policy of FORWARD " + what);
  finding.note(hiding, "this " + wordsFor(hiding.rule()) + " is not asked about them");
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts), *nat = wholeTable(facts, "nat");
  if (facts.perTable || !filter || !nat)
    return;
  std::vector<RuleFacts> hiding = hidingRules(*nat);
  std::vector<analysis::Kind> kinds;
  for (const RuleFacts &rule : hiding)
    kinds.push_back(leakingPast(rule, facts.ruleset->family));
  if (kinds.empty())
    return;
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = false;
  auto found = analysis::admits(*filter->table, facts.ruleset->family, filter->graph, Hook::Forward,
                                analysis::Ending::Accepted, kinds, options);
  std::set<std::optional<ir::RuleId>> said;
  for (size_t i = 0; i != found.size(); ++i)
    if (found[i].answer == analysis::Answer::Yes && !mayBeTakenElsewhere(facts, kinds[i]) &&
        said.insert(found[i].by).second)
      reportLeak(*filter, found[i], hiding[i], report);
}

extern constinit const Check invalid_leaks = {
    .id = "invalid-leaks",
    .summary = "INVALID packets that leave with a private address, since nat does not translate them",
    .severity = support::Severity::Info,
    .run = run,
    .group = Group::Hygiene,
};

} // namespace iptlint::lint::checks
