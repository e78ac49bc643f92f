// The walk over a list, rule after rule, with what may have been written so far.
#include "tree/Residual.h"
#include "tree/Condition.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::tree {

using ir::TargetKind;

static const ir::Rule &ruleOf(const ir::Table &table, const Entry &entry) {
  return table.chains[entry.rule.chain].rules[entry.rule.rule];
}

std::string verdictOf(const ir::Target &target) {
  return target.options.empty() ? target.name.str() : (target.name + " " + target.options).str();
}

/// What rules share that give the same verdict and can stand for each other once their conditions are met: some
/// verdicts demand that the rule names a protocol.
static std::string verdictKey(const ir::Rule &rule) {
  std::string key = verdictOf(rule.target);
  if (rule.target.kind != TargetKind::Verdict)
    return key;
  for (const ir::Test &test : rule.tests)
    if (auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == Field::Proto)
      for (Interval values : range->ranges)
        key += fmt::format(" {}{}-{}", range->negated ? "!" : "", unsigned(values.lo), unsigned(values.hi));
  return key;
}

size_t sizeOf(const List &list) {
  size_t size = list.size();
  for (const Entry &entry : list)
    if (entry.inner)
      size += sizeOf(*entry.inner);
  return size;
}

/// Whether a packet may leave the list that the entry stands in by it.
static bool mayLeave(const Entry &entry, const ir::Table &table) {
  TargetKind kind = ruleOf(table, entry).target.kind;
  if (entry.met == Truth::Never || (kind != TargetKind::Return && kind != TargetKind::Goto))
    return false;
  return kind == TargetKind::Return || entry.whole || !surelyEnds(*entry.inner, table);
}

static bool mayBeLeft(const List &list, const ir::Table &table) {
  return llvm::any_of(list, [&](const Entry &entry) { return mayLeave(entry, table); });
}

bool surelyEnds(const List &list, const ir::Table &table) {
  if (list.empty() || list.back().met != Truth::Always || mayBeLeft(list, table))
    return false;
  const Entry &last = list.back();
  return last.inner ? surelyEnds(*last.inner, table) : endsTable(ruleOf(table, last).target.kind);
}

/// The values between the ends of a test of one field that is not negated.
static const ir::RangeTest *asSpan(const ir::Test &test) {
  auto *range = std::get_if<ir::RangeTest>(&test);
  return range && !range->negated && !range->orField && !range->ranges.empty() ? range : nullptr;
}

Region narrowedBy(const Entry &entry, const ir::Table &table, const Region &region) {
  Region narrowed = region;
  const std::vector<ir::Test> &tests = ruleOf(table, entry).tests;
  for (size_t i = 0; i != tests.size(); ++i)
    if (const ir::RangeTest *span = asSpan(tests[i]); span && i < 31 && (entry.cuttable & bitOf(i)))
      narrowed.narrow(span->field, {span->ranges.front().lo, span->ranges.back().hi});
  return narrowed;
}

List listOf(const ir::Table &table, const Weights &weights, const Stretch &stretch, double share) {
  List list;
  const std::vector<ir::Rule> &rules = table.chains[stretch.chain].rules;
  for (uint32_t r = stretch.begin; r != stretch.end; ++r) {
    const ir::Target &target = rules[r].target;
    Entry &entry = list.emplace_back();
    entry.rule = {stretch.chain, r};
    entry.met = rules[r].tests.empty() ? Truth::Always : Truth::Maybe;
    entry.whole = isLeading(target);
    entry.weight = share * (entry.whole              ? weights.shareOf(rules[r])
                            : endsTable(target.kind) ? weights.of(rules[r])
                                                     : 0);
  }
  return list;
}

namespace {

class Evaluation {
public:
  Evaluation(const ir::Table &table, const Weights &weights, const std::map<std::string, ir::RuleId> &verdicts,
             llvm::ArrayRef<FieldSet> writes, FollowLimits limits)
      : table(table), weights(weights), verdicts(verdicts), writes(writes), limits(std::move(limits)) {}

  List run(const List &of, const Region &region);

private:
  bool take(const Entry &entry, const Region &region, List &out);
  bool lead(Entry &entry, const Region &region, List &out);
  bool follow(Entry &entry, const Region &region);
  void dropIdleEnd(List &list) const;
  bool isIdle(const Entry &entry) const;

  const ir::Table &table;
  const Weights &weights;
  const std::map<std::string, ir::RuleId> &verdicts;
  llvm::ArrayRef<FieldSet> writes;
  FieldSet mayBeWritten;
  unsigned nested = 0;
  FollowLimits limits; ///< what is left of them
};

} // namespace

static void noteWrites(const ir::Target &target, FieldSet &written) {
  if (target.kind == TargetKind::Opaque)
    written.set();
  for (const ir::Write &write : target.writes)
    written.set(unsigned(write.field));
}

/// Finds what is left of the chain that an entry leads to; false if that is not looked into.
bool Evaluation::follow(Entry &entry, const Region &region) {
  List opened;
  if (entry.whole) {
    uint32_t chain = ruleOf(table, entry).target.chain;
    bool isClosed = !limits.closed.empty() && limits.closed[chain];
    if (isClosed || nested == limits.nested || table.chains[chain].rules.size() > limits.rules)
      return false;
    limits.rules -= table.chains[chain].rules.size();
    opened = listOf(table, weights, Stretch::all(table, chain), entry.weight);
  }
  ++nested;
  entry.inner =
      std::make_shared<const List>(run(entry.whole ? opened : *entry.inner, narrowedBy(entry, table, region)));
  --nested;
  entry.whole = false;
  return true;
}

/// A jump or goto that may be taken, or surely is. \returns whether a packet may come to what stands behind it.
bool Evaluation::lead(Entry &entry, const Region &region, List &out) {
  bool always = entry.met == Truth::Always;
  bool isGoto = ruleOf(table, entry).target.kind == TargetKind::Goto;
  FieldSet before = mayBeWritten;
  if (!follow(entry, region)) {
    mayBeWritten |= writes[ruleOf(table, entry).target.chain];
    out.push_back(entry);
    return !(always && isGoto);
  }
  bool ends = surelyEnds(*entry.inner, table);
  if (ends)
    mayBeWritten = before;
  // What leaves the chain that a goto leads to leaves this list as well.
  if (always && (isGoto || !mayBeLeft(*entry.inner, table))) {
    llvm::append_range(out, *entry.inner);
    return !isGoto && !ends;
  }
  bool isIdleJump = entry.inner->empty() && !isGoto && !keepsState(ruleOf(table, entry), entry.open);
  if (!isIdleJump)
    out.push_back(entry);
  return true;
}

/// \returns whether a packet may come to what stands behind the entry.
bool Evaluation::take(const Entry &entry, const Region &region, List &out) {
  const ir::Rule &rule = ruleOf(table, entry);
  Judgement judgement = judgeRule(rule, region, mayBeWritten, entry.open);
  if (judgement.met == Truth::Never && !judgement.acts)
    return true;
  Entry kept = entry;
  kept.met = judgement.met;
  kept.open = judgement.open;
  kept.cuttable = judgement.cuttable;
  if (kept.met == Truth::Never) {
    kept.inner = nullptr;
    kept.whole = false;
    out.push_back(kept);
    return true;
  }
  bool always = kept.met == Truth::Always;
  TargetKind kind = rule.target.kind;
  if (isLeading(rule.target))
    return lead(kept, region, out);
  if (kind == TargetKind::Return && always)
    return false;
  noteWrites(rule.target, mayBeWritten);
  if (endsTable(kind) && always)
    kept.rule = verdicts.at(verdictKey(rule));
  out.push_back(kept);
  return !(endsTable(kind) && always);
}

/// Whether an entry can go where what follows does the same.
bool Evaluation::isIdle(const Entry &entry) const {
  return entry.met != Truth::Never && !keepsState(ruleOf(table, entry), entry.open);
}

/// Drops RETURNs at the end of a list, and before a verdict that is surely given those rules that may give the same.
void Evaluation::dropIdleEnd(List &list) const {
  while (!list.empty() && ruleOf(table, list.back()).target.kind == TargetKind::Return && isIdle(list.back()))
    list.pop_back();
  if (list.size() < 2 || list.back().met != Truth::Always || !endsTable(ruleOf(table, list.back()).target.kind))
    return;
  Entry last = list.back();
  list.pop_back();
  while (!list.empty() && endsTable(ruleOf(table, list.back()).target.kind) && isIdle(list.back()) &&
         verdictOf(ruleOf(table, list.back()).target) == verdictOf(ruleOf(table, last).target)) {
    last.weight += list.back().weight;
    list.pop_back();
  }
  list.push_back(last);
}

List Evaluation::run(const List &of, const Region &region) {
  List left;
  for (const Entry &entry : of)
    if (!take(entry, region, left))
      break;
  dropIdleEnd(left);
  return left;
}

/// What a chain may write, once those that it calls are known.
static FieldSet writesOf(const ir::Chain &chain, llvm::ArrayRef<FieldSet> ofCalled) {
  FieldSet written;
  for (const ir::Rule &rule : chain.rules) {
    noteWrites(rule.target, written);
    if (isLeading(rule.target) && rule.target.chain != ir::kNoChain)
      written |= ofCalled[rule.target.chain];
  }
  return written;
}

Residual::Residual(const ir::Table &table, const Weights &weights, const Calls &calls, FollowLimits limits)
    : table(table), weights(weights), limits(std::move(limits)), writes(table.chains.size()) {
  for (uint32_t chain : calls.calleesFirst)
    writes[chain] = writesOf(table.chains[chain], writes);
  for (uint32_t c = 0; c != table.chains.size(); rules += table.chains[c++].rules.size())
    for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r)
      if (const ir::Rule &rule = table.chains[c].rules[r]; endsTable(rule.target.kind))
        verdicts.try_emplace(verdictKey(rule), ir::RuleId{c, r});
}

/// Takes off the end of a built-in chain's list what decides as the policy does.
static void dropWhatPolicyDoes(Residue &residue, const ir::Table &table, ir::Policy policy) {
  auto same = [&](const Entry &entry) {
    const ir::Rule &rule = ruleOf(table, entry);
    bool like = (policy == ir::Policy::Accept && rule.target.kind == TargetKind::Accept) ||
                (policy == ir::Policy::Drop && rule.target.kind == TargetKind::Drop) ||
                rule.target.kind == TargetKind::Return;
    return like && entry.met != Truth::Never && !keepsState(rule, entry.open);
  };
  while (!residue.list.empty() && same(residue.list.back())) {
    residue.policyWeight += residue.list.back().weight;
    residue.list.pop_back();
  }
}

Residue Residual::of(const Stretch &stretch, const Region &region) const {
  double behind = stretch.behind.value_or(weights.ofPolicy(table.chains[stretch.chain]));
  return within({listOf(table, weights, stretch), behind}, stretch, region);
}

Residue Residual::within(const Residue &left, const Stretch &stretch, const Region &region) const {
  FollowLimits inOneGo = limits;
  inOneGo.rules += rules;
  Evaluation evaluation(table, weights, verdicts, writes, std::move(inOneGo));
  Residue residue{evaluation.run(left.list, region), left.policyWeight};
  if (!stretch.behind)
    dropWhatPolicyDoes(residue, table, table.chains[stretch.chain].policy);
  return residue;
}

} // namespace iptlint::tree
