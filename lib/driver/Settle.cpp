#include "driver/Settle.h"
#include "driver/Presumed.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::driver {

using analysis::RuleReach;
using analysis::Status;
using report::Certificate;
using smt::Arrival;
using smt::Arrives;

constexpr llvm::StringLiteral kDisagreement = "internal disagreement: the solver and the search say otherwise; please report this with the file";

/// Solver and eval are two accounts of the same thing: where eval does not see the packet get to the rule, nothing is known.
static bool confirms(const ir::Table &table, ir::RuleId rule, const Arrival &arrival) {
  ir::Table stopping = table;
  ir::Target &target = stopping.chains[rule.chain].rules[rule.rule].target;
  target = {};
  target.kind = ir::TargetKind::Accept;
  Presumed oracle(arrival.way, /*policyAccepts=*/false);
  eval::Outcome outcome = eval::evaluate(stopping, *arrival.packet, oracle);
  return !oracle.failed() && outcome.decidedBy == rule;
}

static bool keepsState(const ir::Rule &rule) {
  return llvm::any_of(rule.tests, [](const ir::Test &test) {
    const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
    return opaque && opaque->opacity == ir::Opacity::Stateful;
  });
}

static void fillLive(const ir::Table &table, ir::RuleId rule, Arrival arrival, RuleReach &reach) {
  if (!confirms(table, rule, arrival)) {
    reach.reason = kDisagreement.str();
    return;
  }
  reach.status = Status::Live;
  reach.witness = std::make_unique<const packet::Packet>(*arrival.packet);
  reach.assumedState = std::move(arrival.way.state);
}

static void fillDead(const ir::Rule &rule, RuleReach &reach) {
  reach.status = Status::Dead;
  reach.because = analysis::DeadBecause::Taken;
  reach.agreement = analysis::Agreement::Undecided;
  reach.takersIncomplete = true;
  // The solver was not asked whether packets get as far as its conditions.
  reach.hasEffectWhenDead = keepsState(rule);
}

static void settleRule(const smt::Arrivals &arrivals, const ir::Table &table, ir::RuleId id, std::chrono::milliseconds budget,
                       RuleReach &reach) {
  Arrival arrival = arrivals.ask(id, budget);
  switch (arrival.answer) {
  case Arrives::Yes:
    return fillLive(table, id, std::move(arrival), reach);
  case Arrives::No:
    return fillDead(table.chains[id.chain].rules[id.rule], reach);
  case Arrives::Unknown:
    reach.reason += "; the solver: " + arrival.reason;
    return;
  }
}

void settle(lint::Facts &facts, std::chrono::milliseconds budget) {
  for (lint::TableFacts &table : facts.tables) {
    if (table.table->fragment)
      continue;
    smt::Arrivals arrivals(*facts.ruleset, *table.table);
    for (uint32_t c = 0; c != table.reach.rules.size(); ++c)
      for (uint32_t r = 0; r != table.reach.rules[c].size(); ++r)
        if (table.reach.rules[c][r].status == Status::Unknown && !table.table->chains[c].rules[r].broken)
          settleRule(arrivals, *table.table, {c, r}, budget, table.reach.rules[c][r]);
  }
}

static void count(const Arrival &arrival, Certificate &certificate) {
  certificate.queries += arrival.queries;
  certificate.seconds += arrival.seconds;
  certificate.reason = arrival.reason;
}

Certificate certify(const smt::Arrivals &arrivals, ir::RuleId rule, const std::set<ir::RuleId> &takers,
                    std::chrono::milliseconds budget) {
  Certificate certificate;
  certificate.solver = smt::solverVersion();
  Arrival arrival = arrivals.askWith(rule, takers, budget);
  count(arrival, certificate);
  if (arrival.answer == Arrives::No) {
    certificate.result = Certificate::Result::Proved;
    return certificate;
  }
  certificate.byAllRules = true;
  arrival = arrivals.ask(rule, budget);
  count(arrival, certificate);
  if (arrival.answer == Arrives::No)
    certificate.result = Certificate::Result::Proved;
  else if (arrival.answer == Arrives::Yes) {
    certificate.result = Certificate::Result::Refuted;
    certificate.reason = kDisagreement.str();
  }
  return certificate;
}

} // namespace iptlint::driver
