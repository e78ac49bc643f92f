#include "driver/WhyNot.h"
#include "driver/TraceSteps.h"
#include "ir/Reads.h"
#include "report/Line.h"
#include "report/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using eval::TableRule;
using eval::Visit;
using packet::Field;

// --- which rule is meant

static std::optional<TableRule> byLine(const ir::Ruleset &rules, unsigned line) {
  for (uint32_t t = 0; t != rules.tables.size(); ++t)
    for (uint32_t c = 0; c != rules.tables[t].chains.size(); ++c)
      for (uint32_t r = 0; r != rules.tables[t].chains[c].rules.size(); ++r)
        if (!rules.tables[t].replaced && rules.lineColumn(rules.tables[t].chains[c].rules[r].at).line == line)
          return TableRule{t, {c, r}};
  return std::nullopt;
}

static std::optional<TableRule> byName(const ir::Ruleset &rules, llvm::StringRef table, llvm::StringRef chain,
                                       uint32_t number) {
  for (uint32_t t = 0; t != rules.tables.size(); ++t)
    for (uint32_t c = 0; c != rules.tables[t].chains.size(); ++c)
      if (!rules.tables[t].replaced && rules.tables[t].name == table && rules.tables[t].chains[c].name == chain &&
          number - 1 < rules.tables[t].chains[c].rules.size())
        return TableRule{t, {c, number - 1}};
  return std::nullopt;
}

std::optional<WhyNot> WhyNot::read(const std::string &text, const eval::Machine &machine, llvm::raw_ostream &err) {
  if (text.empty())
    return std::nullopt;
  auto [front, last] = llvm::StringRef(text).rsplit('/');
  auto [table, chain] = front.split('/');
  uint32_t number = 0;
  std::optional<TableRule> rule;
  if (machine.rules && !llvm::StringRef(text).getAsInteger(10, number))
    rule = byLine(*machine.rules, number);
  else if (machine.rules && !last.getAsInteger(10, number) && number != 0)
    rule = byName(*machine.rules, table, chain, number);
  if (!rule) {
    err << "iptlint: "
        << report::printable("there is no rule '" + text + "'; name it as nat/PREROUTING/1, or by its line") << "\n";
    return std::nullopt;
  }
  return WhyNot(*rule, machine);
}

std::vector<ir::RuleId> WhyNot::callersOf(uint32_t chain) const {
  std::vector<ir::RuleId> callers;
  for (uint32_t c = 0; c != table().chains.size(); ++c)
    for (uint32_t r = 0; r != table().chains[c].rules.size(); ++r) {
      const ir::Target &target = table().chains[c].rules[r].target;
      bool leads = target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
      if (leads && target.chain == chain)
        callers.push_back({c, r});
    }
  return callers;
}

std::set<TableRule> WhyNot::watched() const {
  std::set<TableRule> all{asked};
  std::set<uint32_t> chains;
  std::vector<uint32_t> left{asked.rule.chain};
  while (!left.empty()) {
    uint32_t chain = left.back();
    left.pop_back();
    if (!chains.insert(chain).second)
      continue;
    for (ir::RuleId caller : callersOf(chain)) {
      all.insert({asked.table, caller});
      left.push_back(caller.chain);
    }
  }
  return all;
}

// --- what is said

std::string WhyNot::nameOf(TableRule rule) const {
  const ir::Table &of = machine.rules->tables[rule.table];
  const ir::Chain &chain = of.chains[rule.rule.chain];
  return fmt::format("{} {} rule {} (line {})", of.name.str(), chain.name.str(), rule.rule.rule + 1,
                     machine.rules->lineColumn(chain.rules[rule.rule.rule].at).line);
}

static std::string asks(const ir::RangeTest &test, packet::Family family) {
  std::string values;
  for (const ir::Interval &range : test.ranges)
    values += (values.empty() ? "" : " or ") + report::valuesText(test.field, range.lo, range.hi, family);
  if (values.empty())
    values = "no value at all";
  return fmt::format("{}{} {}", test.negated ? "not " : "", packet::name(test.field).str(), values);
}

/// What a test asks for, and what the packet has.
static std::string failing(const ir::Test &test, const packet::Packet &packet) {
  if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
    return fmt::format("{}{}, taken not to be so", opaque->negated ? "not " : "", opaque->text.str());
  std::string has;
  std::set<Field> fields;
  ir::forEachRead(test, [&](Field field, packet::Value) { fields.insert(field); });
  for (Field field : fields)
    has += fmt::format("{}{} {}", has.empty() ? "" : ", ", packet::name(field).str(),
                       eval::valueWords(field, packet[field], packet.family));
  std::string wanted = "another value";
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    wanted = asks(*range, packet.family);
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    wanted = fmt::format("{}{} & {:#x} = {:#x}", mask->negated ? "not " : "", packet::name(mask->field).str(),
                         uint64_t(mask->mask), uint64_t(mask->value));
  return fmt::format("it asks for {}, and the packet has {}", wanted, has);
}

std::string WhyNot::explainVisit(const Visit &visit) const {
  std::string where = fmt::format("{} at {}", nameOf(visit.rule), packet::name(visit.hook).str());
  if (!visit.failed)
    return where + " matches the packet";
  return where + " does not match: " + failing(at(visit.rule.rule).tests[*visit.failed], visit.packet);
}

/// The last rule of the table that matched at a hook.
std::string WhyNot::whoTook(const eval::Trip &trip, packet::Hook hook) const {
  const eval::TripStep *last = nullptr;
  for (const eval::TripStep &step : trip.steps)
    if (step.kind == eval::StepKind::Rule && step.rule.table == asked.table && step.hook == hook)
      last = &step;
  return last ? fmt::format("{} took it before: {}", nameOf(last->rule), wordsOf(at(last->rule.rule))) : "";
}

/// The hooks at which the packet was in a chain.
std::set<packet::Hook> WhyNot::hooksOf(const eval::Trip &trip, uint32_t chain) const {
  std::set<packet::Hook> hooks;
  for (const Visit &visit : trip.visits) {
    const ir::Target &target = at(visit.rule.rule).target;
    bool leads = target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto;
    if (!visit.failed && leads && target.chain == chain)
      hooks.insert(visit.hook);
  }
  std::optional<packet::Hook> own = table().chains[chain].hook;
  for (const eval::TripStep &step : trip.steps)
    if (own && step.hook == *own && step.rule.table == asked.table &&
        (step.kind == eval::StepKind::Rule || step.kind == eval::StepKind::Policy))
      hooks.insert(*own);
  return hooks;
}

/// Why the packet did not come to a rule: another one took it in its chain, or nothing led there.
std::vector<std::string> WhyNot::explainMissed(const eval::Trip &trip, ir::RuleId rule,
                                               std::set<ir::RuleId> &told) const {
  const ir::Chain &chain = table().chains[rule.chain];
  if (!told.insert(rule).second)
    return {};
  std::vector<std::string> lines;
  for (const Visit &visit : trip.visits)
    if (visit.rule.rule == rule)
      lines.push_back(explainVisit(visit));
  if (!lines.empty())
    return lines;
  for (packet::Hook hook : hooksOf(trip, rule.chain)) {
    lines.push_back(fmt::format("at {} the packet does not come as far as {}", packet::name(hook).str(),
                                nameOf({asked.table, rule})));
    lines.push_back(whoTook(trip, hook));
  }
  if (!lines.empty())
    return lines;
  lines.push_back(fmt::format("{} {} {}", chain.hook ? "the packet does not come to" : "nothing leads the packet to",
                              table().name.str(), chain.name.str()));
  for (ir::RuleId caller : callersOf(rule.chain))
    for (std::string &line : explainMissed(trip, caller, told))
      lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> WhyNot::explainWay(const eval::Trip &trip) const {
  std::set<ir::RuleId> told;
  return explainMissed(trip, asked.rule, told);
}

std::vector<std::string> WhyNot::explain(const eval::Story &story) const {
  std::vector<std::string> lines{fmt::format("why not {}: {}", nameOf(asked), wordsOf(at(asked.rule)))};
  std::vector<std::vector<std::string>> said;
  for (const eval::Path &path : story.paths) {
    std::vector<std::string> way = explainWay(path.asked().trip);
    if (llvm::is_contained(said, way))
      continue;
    said.push_back(way);
    for (const std::string &line : way)
      lines.push_back("  " + line);
  }
  return lines;
}

} // namespace iptlint::driver
