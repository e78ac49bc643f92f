#include "smt/Weakened.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

using ir::Field;
using ir::RuleId;
using ir::TargetKind;

static const ir::Rule &ruleOf(const ir::Table &table, RuleId id) {
  return table.chains[id.chain].rules[id.rule];
}

static bool namesChain(const ir::Rule &rule) {
  return rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
}

static bool calls(const ir::Rule &rule) {
  return namesChain(rule) && rule.target.chain != ir::kNoChain;
}

static bool sendsAway(const ir::Rule &rule) {
  return rule.broken || rule.target.kind == TargetKind::Return || rule.target.kind == TargetKind::Goto;
}

/// What could not be read, and what the name of no chain stands for, may.
static bool mayDoAnything(const ir::Rule &rule) {
  return rule.broken || rule.target.kind == TargetKind::Opaque || (namesChain(rule) && !calls(rule));
}

static void reportInstead(ir::Rule &rule) {
  rule.target = {};
  rule.target.kind = TargetKind::Verdict;
  rule.target.name = kReachedVerdict;
}

static void makeUncertain(ir::Rule &rule) {
  rule.tests.push_back(ir::OpaqueTest{ir::Opacity::Stateful, false, "either way", "either way"});
}

ir::Table asking(const ir::Table &table, RuleId rule) {
  ir::Table asking = table;
  reportInstead(asking.chains[rule.chain].rules[rule.rule]);
  return asking;
}

Weakener::Weakener(const ir::Table &table) : table(table), callers(table.chains.size()) {
  for (uint32_t c = 0; c != table.chains.size(); ++c)
    for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r) {
      const ir::Rule &rule = table.chains[c].rules[r];
      if (calls(rule))
        callers[rule.target.chain].push_back({c, r});
      if (!rule.target.writes.empty() || rule.target.rewritesUnmodelled || mayDoAnything(rule))
        writers.push_back({c, r});
    }
}

/// The rules that are left, and what they ask for.
class Weakener::Selection {
public:
  Selection(const Weakener &of, RuleId rule, const std::set<RuleId> &takers) : of(of), rule(rule), takers(takers) {
    goUp(rule.chain);
    keep(rule);
    llvm::for_each(takers, [this](RuleId taker) { keep(taker); });
    do
      keepWhatBelongsTo();
    while (keepWriters());
  }

  ir::Table table() const;

private:
  void goUp(uint32_t chain);
  /// \returns whether it was not kept before.
  bool keep(RuleId id);
  void keepWhatBelongsTo();
  void enter(uint32_t chain);
  void ask(const ir::Rule &rule);
  bool keepWriters();
  bool writesWhatIsAsked(const ir::Rule &rule) const;
  std::map<uint32_t, uint32_t> numbers() const;
  ir::Rule weakened(RuleId id, const std::map<uint32_t, uint32_t> &numbers) const;

  const Weakener &of;
  RuleId rule;
  const std::set<RuleId> &takers;
  std::set<RuleId> kept;
  std::vector<RuleId> open;   ///< of those, the ones whose chains and conditions were not looked at yet
  std::set<uint32_t> above;   ///< the chains that lead to the rule, its own among them
  std::set<uint32_t> entered; ///< the chains that rules are kept of
  std::bitset<packet::kFieldCount> asked;
  bool asksOpaque = false; ///< a function of the packet that is not modelled
};

void Weakener::Selection::goUp(uint32_t chain) {
  std::vector<uint32_t> higher{chain};
  while (!higher.empty()) {
    uint32_t next = higher.back();
    higher.pop_back();
    if (!above.insert(next).second)
      continue;
    for (RuleId caller : of.callers[next])
      higher.push_back(caller.chain);
  }
}

bool Weakener::Selection::keep(RuleId id) {
  if (!kept.insert(id).second)
    return false;
  open.push_back(id);
  return true;
}

void Weakener::Selection::keepWhatBelongsTo() {
  while (!open.empty()) {
    RuleId id = open.back();
    open.pop_back();
    ask(ruleOf(of.table, id));
    enter(id.chain);
  }
}

/// Keeps what leads to the chain, and what leads out of it.
void Weakener::Selection::enter(uint32_t chain) {
  if (!entered.insert(chain).second)
    return;
  for (RuleId caller : of.callers[chain])
    keep(caller);
  for (uint32_t r = 0; r != of.table.chains[chain].rules.size(); ++r)
    if (sendsAway(of.table.chains[chain].rules[r]))
      keep({chain, r});
}

void Weakener::Selection::ask(const ir::Rule &rule) {
  auto note = [this](Field field, ir::Value) { asked.set(unsigned(field)); };
  for (const ir::Test &test : rule.tests) {
    ir::forEachRead(test, note);
    asksOpaque |= std::holds_alternative<ir::OpaqueTest>(test);
  }
  if (rule.target.writesIf)
    ir::forEachRead(*rule.target.writesIf, note);
  for (const ir::Write &write : rule.target.writes)
    if (write.copy != 0)
      note(write.from, write.copy);
}

bool Weakener::Selection::writesWhatIsAsked(const ir::Rule &rule) const {
  auto isAsked = [this](const ir::Write &write) { return asked[unsigned(write.field)]; };
  return (mayDoAnything(rule) && (asked.any() || asksOpaque)) || (rule.target.rewritesUnmodelled && asksOpaque) ||
         llvm::any_of(rule.target.writes, isAsked);
}

/// \returns whether any was not kept before: it may ask for more.
bool Weakener::Selection::keepWriters() {
  bool any = false;
  for (RuleId writer : of.writers)
    if (writesWhatIsAsked(ruleOf(of.table, writer)))
      any |= keep(writer);
  return any;
}

/// The chains that are left by their numbers in the table, with their new ones. A goto may lead to one that nothing is
/// left of.
std::map<uint32_t, uint32_t> Weakener::Selection::numbers() const {
  std::map<uint32_t, uint32_t> numbers;
  for (uint32_t chain : entered)
    numbers[chain];
  for (RuleId id : kept)
    if (calls(ruleOf(of.table, id)))
      numbers[ruleOf(of.table, id).target.chain];
  uint32_t next = 0;
  for (auto &[chain, number] : numbers)
    number = next++;
  return numbers;
}

ir::Rule Weakener::Selection::weakened(RuleId id, const std::map<uint32_t, uint32_t> &numbers) const {
  ir::Rule copy = ruleOf(of.table, id);
  if (id == rule) {
    reportInstead(copy);
    return copy;
  }
  if (calls(copy))
    copy.target.chain = numbers.at(copy.target.chain);
  if (sendsAway(copy) && above.count(id.chain) && !takers.count(id))
    makeUncertain(copy);
  return copy;
}

ir::Table Weakener::Selection::table() const {
  ir::Table result;
  result.name = of.table.name;
  std::map<uint32_t, uint32_t> numbers = this->numbers();
  result.chains.resize(numbers.size());
  for (auto [chain, number] : numbers) {
    const ir::Chain &original = of.table.chains[chain];
    result.chains[number].name = original.name;
    result.chains[number].hook = original.hook;
    result.chains[number].policy = original.policy;
  }
  for (RuleId id : kept)
    result.chains[numbers.at(id.chain)].rules.push_back(weakened(id, numbers));
  return result;
}

ir::Table Weakener::around(RuleId rule, const std::set<RuleId> &takers) const {
  return Selection(*this, rule, takers).table();
}

} // namespace iptlint::smt
