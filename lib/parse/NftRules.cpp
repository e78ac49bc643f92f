// Rules of nft text: from clauses to rules of iptables', one for each element of a map.
#include "parse/NftActions.h"
#include "parse/NftReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::Interval;
using packet::Field;

void NftReader::add(NftRule made) {
  ir::Chain &chain = table->chains.back();
  if (made.readsTransport)
    transportRules.push_back({uint32_t(table->chains.size() - 1), uint32_t(chain.rules.size())});
  chain.rules.push_back(std::move(made.rule));
}

void NftReader::readRule(const NftLine &line) {
  NftRule made;
  llvm::StringRef first = line.clauses.front().at, last = line.clauses.back().at;
  made.rule.at = source->rangeOf({first.begin(), size_t(last.end() - first.begin())});
  for (const NftClause &clause : line.clauses) {
    if (map) {
      findings.error(clause.at, "nothing may stand behind a map of verdicts");
      break;
    }
    readClause(clause, made);
  }
  if (!map)
    return add(std::move(made));
  addElements(line.clauses.back().elements);
  if (line.clauses.back().open)
    place = NftPlace::Map;
  else
    map.reset();
}

static bool asks(NftClauseKind kind) {
  return kind == NftClauseKind::Match || kind == NftClauseKind::Map || kind == NftClauseKind::Chance ||
         kind == NftClauseKind::Limit;
}

void NftReader::readClause(const NftClause &clause, NftRule &into) {
  bool acted = into.rule.target.kind != ir::TargetKind::None || into.rule.counters;
  if (asks(clause.kind) && acted)
    findings.error(clause.at, "a condition behind what the rule does");
  switch (clause.kind) {
  case NftClauseKind::Match:
    return tests->add(clause, into);
  case NftClauseKind::Map:
    return beginMap(clause, into);
  case NftClauseKind::Chance:
  case NftClauseKind::Limit:
    return addState(clause, into);
  case NftClauseKind::Counter:
    return addCounters(clause, into);
  case NftClauseKind::Verdict:
    return setAction(clause.at, targetOf(clause.verdict), into);
  case NftClauseKind::Comment:
    into.rule.comment = clause.words[1].drop_front().drop_back();
    return;
  default:
    return act(clause, into);
  }
}

/// A condition that keeps state, as iptables calls it.
void NftReader::addState(const NftClause &clause, NftRule &into) {
  const ir::Rule *known = words->read(nftWords(clause, family), table->name);
  if (!known || known->tests.size() != 1) {
    findings.error(clause.at, "a condition that iptables does not have");
    return;
  }
  into.rule.tests.push_back(known->tests[0]);
  into.keepsState = true;
}

/// The protocol is said to iptables, which asks for it where ports or resets are.
void NftReader::act(const NftClause &clause, NftRule &into) {
  std::string action = nftWords(clause, family), protocol;
  for (const ir::Test &test : into.rule.tests)
    if (const auto *range = std::get_if<ir::RangeTest>(&test);
        range && range->field == Field::Proto && !range->negated && range->ranges[0].lo == range->ranges[0].hi)
      protocol = fmt::format("-p {} ", unsigned(range->ranges[0].lo));
  const ir::Rule *known = action.empty() ? nullptr : words->read(protocol + "-j " + action, table->name);
  if (!known) {
    findings.error(clause.at, "iptables has no target that does this");
    return;
  }
  setAction(clause.at, known->target, into);
}

void NftReader::setAction(llvm::StringRef at, const ir::Target &target, NftRule &into) {
  if (into.rule.target.kind != ir::TargetKind::None)
    findings.error(at, "a second action in one rule");
  into.rule.target = target;
}

ir::Target NftReader::targetOf(const NftVerdict &verdict) {
  ir::Target target;
  if (verdict.chain.empty())
    return words->read("-j " + verdict.verb.upper(), table->name)->target;
  target.kind = verdict.verb == "jump" ? ir::TargetKind::Jump : ir::TargetKind::Goto;
  target.name = verdict.chain;
  return target;
}

/// `counter packets 5 bytes 300`
void NftReader::addCounters(const NftClause &clause, NftRule &into) {
  ir::Counters counters;
  if (clause.words.size() > 4 &&
      (clause.words[2].getAsInteger(10, counters.packets) || clause.words[4].getAsInteger(10, counters.bytes)))
    findings.error(clause.at, "counters that are no numbers");
  into.rule.counters = counters;
}

// --- maps

/// What no target of iptables' changes before the packet has left the table.
static bool isSteady(const NftField &field) {
  static constexpr Field steady[] = {Field::In,    Field::Out,   Field::Src,   Field::Dst,
                                     Field::Proto, Field::Sport, Field::Dport, Field::Icmp};
  return llvm::is_contained(steady, field.field);
}

void NftReader::beginMap(const NftClause &clause, NftRule &into) {
  if (into.keepsState)
    findings.error(clause.at, "a condition that keeps state in front of a map");
  std::vector<NftField> fields = tests->fieldsOf(clause, into);
  map.emplace(OpenMap{into, std::move(fields), {}, {}});
}

/// No two elements hold the same packet: nft would take one of them, rules one after the other.
bool NftReader::isDisjoint(const std::vector<Interval> &keys) {
  auto overlaps = [&](const std::vector<Interval> &other) {
    for (size_t i = 0; i != keys.size(); ++i)
      if (keys[i].hi < other[i].lo || other[i].hi < keys[i].lo)
        return false;
    return true;
  };
  if (llvm::any_of(map->ranges, overlaps))
    return false;
  bool point = llvm::all_of(keys, [](Interval range) { return range.lo == range.hi; });
  if (!point) {
    map->ranges.push_back(keys);
    return llvm::none_of(map->points, overlaps);
  }
  return map->points.insert(keys).second;
}

void NftReader::addElements(llvm::ArrayRef<NftElement> elements) {
  if (map->fields.empty())
    return;
  for (const NftElement &element : elements) {
    std::optional<NftKeys> keys = tests->keysOf(element, map->fields);
    if (!keys)
      continue;
    if (!isDisjoint(keys->ranges))
      findings.error(element.at, "this element overlaps with one before it");
    if (element.verdict.verb == "jump" && !llvm::all_of(map->fields, isSteady))
      findings.error(element.at, "a jump out of a map that asks what the chain may change");
    NftRule made = map->rule;
    made.rule.at = source->rangeOf(element.at);
    for (size_t i = 0; i != keys->ranges.size(); ++i)
      made.rule.tests.push_back(ir::RangeTest{map->fields[i].field, std::nullopt, false, {keys->ranges[i]}});
    made.rule.target = targetOf(element.verdict);
    add(std::move(made));
  }
}

void NftReader::continueMap(const NftLine &line) {
  addElements(line.elements);
  if (line.kind != NftLineKind::MapEnd)
    return;
  for (const NftClause &clause : line.clauses)
    findings.error(clause.at, "nothing may stand behind a map of verdicts");
  map.reset();
  place = NftPlace::Chain;
}

} // namespace iptlint::parse
