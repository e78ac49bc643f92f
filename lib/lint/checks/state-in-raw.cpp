// A rule of table raw that asks for the state of connections, which conntrack finds out only behind raw.
//
// To a match, a packet that conntrack has not seen is INVALID. Packets on lo have a state, since they had it in OUTPUT;
// UNTRACKED is what NOTRACK makes of a packet, in raw as well.
#include "analysis/State.h"
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "lint/Words.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using ir::Field;
using packet::CtState;

static bool takes(const ir::RangeTest &test, ir::Value value) {
  return test.negated != llvm::any_of(test.ranges, [&](ir::Interval of) { return of.lo <= value && value <= of.hi; });
}

/// Whether a rule asks for nothing but what came back by lo.
static bool isForLoopback(const ir::Rule &rule) {
  const ir::RangeTest *in = rangeOf(rule, Field::In);
  ir::Value lo = packet::interfaceValue("lo");
  return in && !in->negated && llvm::all_of(in->ranges, [&](ir::Interval of) { return of == ir::Interval{lo, lo}; });
}

namespace {

/// What the rules of raw may make of a packet's state.
struct States {
  bool untracked = false;
  bool others = false; ///< a template of CT looks like a new flow; what is not modelled may do anything
};

} // namespace

static States statesMade(const ir::Table &table) {
  States made;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      made.others |= analysis::mayDoAnything(rule);
      for (const ir::Write &write : rule.target.writes) {
        bool untracks = write == ir::Write::constant(Field::CtState, ir::Value(CtState::Untracked));
        made.untracked |= untracks;
        made.others |= write.field == Field::CtState && !untracks;
      }
    }
  return made;
}

static void checkRule(const RuleFacts &rule, States made, Reporter &report) {
  const ir::RangeTest *state = rangeOf(rule.rule(), Field::CtState);
  if (!state || !rule.inUsedChain() || rule.dead() || isForLoopback(rule.rule()) || !agentOfRule(rule).empty())
    return;
  std::string what = "conntrack comes behind table raw: this " + wordsFor(rule.rule());
  bool takesInvalid = takes(*state, ir::Value(CtState::Invalid));
  if (takesInvalid && !made.untracked)
    report.add(rule, what + " takes all packets for INVALID but those that come in by lo");
  else if (!takesInvalid && !takes(*state, ir::Value(CtState::Untracked)))
    report.add(rule, what + " asks for a state that only packets have which come in by lo");
}

static void checkTable(const TableFacts &table, Reporter &report) {
  States made = statesMade(*table.table);
  for (uint32_t c = 0; !made.others && c != table.table->chains.size(); ++c)
    for (uint32_t r = 0; r != table.table->chains[c].rules.size(); ++r)
      checkRule({table, {c, r}}, made, report);
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    if (table.table->name == "raw")
      checkTable(table, report);
}

extern constinit const Check state_in_raw = {
    .id = "state-in-raw",
    .summary = "a rule of table raw that asks for the state of connections, which is not known there",
    .severity = support::Severity::Warning,
    .run = run,
};

} // namespace iptlint::lint::checks
