#include "Reference.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

namespace iptlint::oracle {

using ir::Field;
using ir::TargetKind;

/// The order of variables. Others follow; what most rules ask for comes first, and makes the smallest diagrams so.
static unsigned levelOf(Field field) {
  static constexpr Field first[] = {Field::Proto, Field::Fragment, Field::In, Field::Out, Field::Src, Field::Dst};
  auto at = llvm::find(first, field);
  return at == std::end(first) ? unsigned(std::size(first)) + unsigned(field) : unsigned(at - first);
}

static bool isStateful(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

static bool mayFail(const ir::Rule &rule) {
  return llvm::any_of(rule.tests, isStateful);
}

std::string Reference::whyNot(const ir::Table &table) {
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      const ir::Target &target = rule.target;
      bool leadsNowhere =
          (target.kind == TargetKind::Jump || target.kind == TargetKind::Goto) && target.chain == ir::kNoChain;
      if (rule.broken || leadsNowhere || target.kind == TargetKind::Opaque)
        return "a rule is not known";
      if (target.rewritesUnmodelled || target.writesIf || llvm::any_of(target.writes, [](const ir::Write &write) {
            return write.field != Field::Mark || write.copy != 0;
          }))
        return "a rule writes more than the mark";
    }
  return "";
}

Reference::Reference(const ir::Table &table, packet::Family family)
    : table(table), family(family), classes(table, family), marks(table), entries(table.chains.size()) {
  std::vector<bool> seen(table.chains.size());
  for (const ir::Chain &chain : table.chains) {
    isReached.emplace_back(chain.rules.size());
    reaching.emplace_back(chain.rules.size());
    for (const ir::Rule &rule : chain.rules)
      hasState |= mayFail(rule);
  }
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    orderCallersFirst(chain, seen);
  for (uint32_t chain : llvm::reverse(callersLast))
    enter(chain);
}

// --- Conditions

Reference::Set Reference::inRanges(Field field, llvm::ArrayRef<ir::Interval> ranges, bool negated) {
  Set set = sets.inside(levelOf(field), classes.inside(field, ranges));
  return negated ? sets.without(Diagrams::kAll, set) : set;
}

Reference::Set Reference::setOf(const ir::RangeTest &test, uint32_t) {
  Set set = inRanges(test.field, test.ranges, false);
  if (test.orField)
    set = sets.either(set, inRanges(*test.orField, test.ranges, false));
  return test.negated ? sets.without(Diagrams::kAll, set) : set;
}

Reference::Set Reference::setOf(const ir::MaskTest &test, uint32_t mark) {
  if (test.field == Field::Mark)
    return ((mark & test.mask) == test.value) != test.negated ? Diagrams::kAll : Diagrams::kNone;
  return inRanges(test.field, Classes::valuesOf(test, family), test.negated);
}

/// A function of the packet is a variable behind the fields. What keeps state may hold.
Reference::Set Reference::setOf(const ir::OpaqueTest &test, uint32_t) {
  if (test.opacity == ir::Opacity::Stateful)
    return Diagrams::kAll;
  auto known = llvm::find(functions, test.text.str());
  unsigned level = 2 * packet::kFieldCount + unsigned(known - functions.begin());
  if (known == functions.end())
    functions.push_back(test.text.str());
  return sets.inside(level, {{!test.negated, !test.negated}});
}

Reference::Set Reference::setOf(const ir::UnionTest &test, uint32_t mark) {
  Set set = Diagrams::kNone;
  for (const ir::Alternative &alternative : *test.alternatives) {
    Set all = Diagrams::kAll;
    for (const auto &part : alternative)
      all = sets.both(all, std::visit([&](const auto &each) { return setOf(each, mark); }, part));
    set = sets.either(set, all);
  }
  return test.negated ? sets.without(Diagrams::kAll, set) : set;
}

Reference::Set Reference::condition(const ir::Rule &rule, uint32_t mark) {
  auto [known, isNew] = conditions.try_emplace({&rule, mark}, Diagrams::kAll);
  if (isNew)
    for (const ir::Test &test : rule.tests)
      known->second = sets.both(known->second, std::visit([&](const auto &each) { return setOf(each, mark); }, test));
  return known->second;
}

// --- Walking

void Reference::add(States &states, uint32_t mark, Set packets) {
  if (packets == Diagrams::kNone)
    return;
  Set &all = states.try_emplace(mark, Diagrams::kNone).first->second;
  all = sets.either(all, packets);
}

void Reference::addAll(States &to, const States &from, Set among) {
  for (const auto &[mark, packets] : from)
    add(to, mark, sets.both(packets, among));
}

/// What a rule does to packets that matched it. A chain comes back, or not, whoever called it.
void Reference::obey(const ir::Rule &rule, uint32_t mark, Set packets, States &next, States &back) {
  switch (rule.target.kind) {
  case TargetKind::None:
  case TargetKind::Continue:
    for (uint32_t written : marks.after(rule.target, mark))
      add(next, written, packets);
    return;
  case TargetKind::Return:
    return add(back, mark, packets);
  case TargetKind::Jump:
    return addAll(next, returning(rule.target.chain, mark), packets);
  case TargetKind::Goto:
    return addAll(back, returning(rule.target.chain, mark), packets);
  default:
    return;
  }
}

/// All packets of \p here through a chain; gives those that come back to the caller.
Reference::States Reference::walk(uint32_t chain, States here, const Visit &visit) {
  States back;
  for (uint32_t r = 0; r != table.chains[chain].rules.size(); ++r) {
    const ir::Rule &rule = table.chains[chain].rules[r];
    States next;
    for (const auto &[mark, packets] : here) {
      Set met = condition(rule, mark), hit = sets.both(packets, met);
      add(next, mark, mayFail(rule) ? packets : sets.without(packets, met));
      if (hit == Diagrams::kNone)
        continue;
      visit(r, mark, hit);
      obey(rule, mark, hit, next, back);
    }
    here = std::move(next);
  }
  addAll(back, here, Diagrams::kAll);
  return back;
}

const Reference::States &Reference::returning(uint32_t chain, uint32_t mark) {
  auto known = returns.find({chain, mark});
  if (known == returns.end())
    known = returns.emplace(std::pair(chain, mark), walk(chain, {{mark, Diagrams::kAll}}, [](auto...) {})).first;
  return known->second;
}

// --- Entering

void Reference::orderCallersFirst(uint32_t chain, std::vector<bool> &seen) {
  if (seen[chain])
    return;
  seen[chain] = true;
  for (const ir::Rule &rule : table.chains[chain].rules)
    if (rule.target.chain != ir::kNoChain)
      orderCallersFirst(rule.target.chain, seen);
  callersLast.push_back(chain);
}

/// The packets that there are at a hook.
Reference::Set Reference::entering(packet::Hook hook) {
  Set set = Diagrams::kAll;
  for (Field interface : {Field::In, Field::Out}) {
    packet::Presence presence = packet::presence(hook, interface);
    if (presence != packet::Presence::Either)
      set = sets.both(set, inRanges(interface, {{0, 0}}, presence == packet::Presence::Present));
  }
  return packet::seesFragments(hook, family) ? set : sets.both(set, inRanges(Field::Fragment, {{0, 0}}, false));
}

/// Sends what comes to a chain through it, and notes who is called with what.
void Reference::enter(uint32_t chain) {
  if (table.chains[chain].hook)
    for (uint32_t mark : marks.all())
      add(entries[chain], mark, entering(*table.chains[chain].hook));
  walk(chain, entries[chain], [&](uint32_t r, uint32_t mark, Set packets) {
    isReached[chain][r] = true;
    reaching[chain][r] = sets.either(reaching[chain][r], packets);
    if (uint32_t target = table.chains[chain].rules[r].target.chain; target != ir::kNoChain)
      add(entries[target], mark, packets);
  });
}

} // namespace iptlint::oracle
