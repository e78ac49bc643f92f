#include "analysis/Composition.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include <map>
#include <string>

namespace iptlint::analysis {

using ir::Rule;
using ir::TargetKind;
using ir::Write;
using packet::CtState;
using packet::Field;
using packet::Hook;
using packet::Value;

namespace {

constexpr uint32_t kEnd = ir::kNoChain; ///< no chain follows: the packet has passed all tables

/// The tables of each hook, first to last.
constexpr llvm::StringLiteral kPrerouting[] = {"raw", "mangle", "nat"}, kInput[] = {"mangle", "filter", "security", "nat"},
                              kForward[] = {"mangle", "filter", "security"},
                              kOutput[] = {"raw", "mangle", "nat", "filter", "security"},
                              kPostrouting[] = {"mangle", "nat"};

/// Holds or not, at each evaluation anew.
ir::OpaqueTest maybe(llvm::StringRef what) {
  return {.opacity = ir::Opacity::Stateful, .negated = false, .text = what, .option = what};
}

class Composer {
public:
  Composer(llvm::ArrayRef<const ir::Table *> tables, packet::Family family) : tables(tables), family(family) {}

  /// Last chains first, so that each knows the one that follows it.
  Composition run() {
    uint32_t postrouting = addHook(Hook::Postrouting, kPostrouting, kEnd);
    uint32_t input = addHook(Hook::Input, kInput, kEnd);
    uint32_t forward = addHook(Hook::Forward, kForward, addStep({Write::anything(Field::In), Write::anything(Field::InGroup)}, postrouting));
    uint32_t delivery = addDelivery(input);
    local = delivery;
    uint32_t prerouting = addHook(Hook::Prerouting, kPrerouting, addRouting(delivery, forward));
    uint32_t output = addHook(Hook::Output, kOutput, addStep(routed(), postrouting));
    enterAt(prerouting, Hook::Prerouting);
    enterAt(output, Hook::Output);
    return std::move(made);
  }

private:
  // --- Chains

  uint32_t addChain() {
    made.table.chains.emplace_back();
    made.origins.emplace_back();
    return uint32_t(made.table.chains.size() - 1);
  }

  void addRule(uint32_t chain, Rule rule, std::optional<TableRule> origin = std::nullopt) {
    made.table.chains[chain].rules.push_back(std::move(rule));
    made.origins[chain].push_back(origin);
  }

  static Rule leadingTo(uint32_t chain, TargetKind kind = TargetKind::Goto) {
    Rule rule;
    rule.target.kind = chain == kEnd ? TargetKind::Accept : kind;
    rule.target.chain = chain;
    return rule;
  }

  static Rule leadingTo(uint32_t chain, std::initializer_list<ir::Test> tests) {
    Rule rule = leadingTo(chain);
    rule.tests = tests;
    return rule;
  }

  static Rule dropping() {
    Rule rule;
    rule.target.kind = TargetKind::Drop;
    return rule;
  }

  static Rule writing(llvm::ArrayRef<Write> writes) {
    Rule rule;
    rule.target.kind = TargetKind::Continue;
    rule.target.writes.assign(writes.begin(), writes.end());
    rule.target.rewritesUnmodelled = true;
    return rule;
  }

  /// A chain that writes and goes on.
  uint32_t addStep(llvm::ArrayRef<Write> writes, uint32_t next) {
    uint32_t chain = addChain();
    addRule(chain, writing(writes));
    addRule(chain, leadingTo(next));
    return chain;
  }

  void enterAt(uint32_t first, Hook hook) {
    uint32_t chain = addChain();
    made.table.chains[chain].hook = hook;
    made.table.chains[chain].policy = ir::Policy::Accept;
    addRule(chain, leadingTo(first));
  }

  // --- Between the hooks

  /// What routing finds out, and what may be different behind it.
  static std::vector<Write> routed() {
    std::vector<Write> writes;
    for (Field field : {Field::Out, Field::OutGroup, Field::PhysOut, Field::Realm, Field::PolicyOut, Field::Uid,
                        Field::Gid, Field::Ttl, Field::Length, Field::PktType})
      writes.push_back(Write::anything(field));
    return writes;
  }

  /// To INPUT, where fragments have been put together.
  uint32_t addDelivery(uint32_t input) {
    std::vector<Write> writes = routed();
    if (!packet::seesFragments(Hook::Input, family))
      writes.push_back({.field = Field::Fragment});
    return addStep(writes, input);
  }

  uint32_t addRouting(uint32_t delivery, uint32_t forward) {
    uint32_t chain = addChain();
    addRule(chain, leadingTo(delivery, {maybe("routing")}));
    addRule(chain, leadingTo(addStep(routed(), forward)));
    return chain;
  }

  // --- Hooks and tables

  uint32_t addHook(Hook hook, llvm::ArrayRef<llvm::StringLiteral> order, uint32_t next) {
    for (llvm::StringRef name : llvm::reverse(order)) {
      auto table = llvm::find_if(tables, [&](const ir::Table *of) { return of->name == name; });
      next = table == tables.end() ? addUnseen(name, hook, next) : addTable(uint32_t(table - tables.begin()), hook, next);
    }
    return next;
  }

  uint32_t addTable(uint32_t t, Hook hook, uint32_t next) {
    const auto &chains = tables[t]->chains;
    auto base = llvm::find_if(chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
    if (base == chains.end())
      return tables[t]->name == "nat" && translates(hook) ? addAnswers(next) : next;
    at = {};
    at.table = t;
    at.hook = hook;
    at.next = next;
    if (tables[t]->name != "nat")
      return addAsked(*base);
    uint32_t first = addAsked(*base);
    return addNatGate(first, translates(hook) ? addLater(*base) : next);
  }

  /// A built-in chain of the table with all that it leads to.
  uint32_t addAsked(const ir::Chain &base) {
    at.copies.clear();
    uint32_t asked = addChain();
    addRule(asked, leadingTo(chainFor(uint32_t(&base - tables[at.table]->chains.data())), TargetKind::Jump));
    addPolicy(asked, base.policy);
    while (!at.open.empty()) {
      uint32_t chain = at.open.back();
      at.open.pop_back();
      copyRules(chain, at.copies[chain]);
    }
    return addStep({}, asked);
  }

  /// The same as a later packet meets it that nothing has answered yet: no rule is asked about it, but it is translated
  /// as the flow's first packet was, of which only the flow itself is known.
  uint32_t addLater(const ir::Chain &base) {
    at.isLater = true;
    uint32_t later = addAsked(base);
    at.isLater = false;
    return later;
  }

  /// Whether nat changes there where packets go; elsewhere it is the last table.
  static bool translates(Hook hook) { return hook == Hook::Prerouting || hook == Hook::Output; }

  void addPolicy(uint32_t chain, ir::Policy policy) {
    if (policy == ir::Policy::Unstated)
      addRule(chain, leadingTo(at.next, {maybe("policy")}));
    addRule(chain, policy == ir::Policy::Accept || policy == ir::Policy::None ? leadingTo(at.next) : dropping());
  }

  /// nat is asked about the packet that starts a flow; later packets are translated as that one was, for better or worse. A
  /// related flow may have a translation of its own, and so may one that was answered, which is not that of the rules for
  /// packets that come back. About one of the machine's own that comes back by lo nat was asked at OUTPUT and
  /// POSTROUTING already; it has its route, which ends here.
  /// Source: net/netfilter/nf_nat_core.c, nf_nat_inet_fn(); net/ipv4/route.c, __mkroute_output(), where dst.input is set.
  uint32_t addNatGate(uint32_t first, uint32_t later) {
    uint32_t gate = addChain();
    Value lo = packet::interfaceValue("lo");
    ir::RangeTest isNew = hasState(CtState::New, CtState::New), isRelated = hasState(CtState::Related, CtState::Related);
    ir::RangeTest byLo{Field::In, std::nullopt, false, {{lo, lo}}}, byOther = byLo;
    byOther.negated = true;
    addRule(gate, leadingTo(later, {isNew, maybe("nat")}));
    addRule(gate, leadingTo(first, {isNew, byOther}));
    addRule(gate, leadingTo(first, {isNew, maybe("nat")}));
    addRule(gate, leadingTo(first, {isRelated, maybe("nat")}));
    if (at.hook == Hook::Prerouting)
      addRule(gate, leadingTo(local, {isNew, byLo}));
    if (translates(at.hook))
      addRule(gate, leadingTo(addTranslated(at.next), {hasState(CtState::Established, CtState::Related)}));
    addRule(gate, leadingTo(at.next));
    return gate;
  }

  /// What nat without a chain of the hook does there: it translates the answers to what other hooks masqueraded.
  uint32_t addAnswers(uint32_t next) {
    uint32_t gate = addChain();
    addRule(gate, leadingTo(addTranslated(next), {hasState(CtState::Established, CtState::Related)}));
    addRule(gate, leadingTo(next));
    return gate;
  }

  /// Packets of a flow whose translation is not known.
  uint32_t addTranslated(uint32_t next) {
    return addStep({Write::anything(Field::Dst), Write::anything(Field::DstType), Write::anything(Field::Dport)}, next);
  }

  /// The states from one to the other, translated or not.
  static ir::RangeTest hasState(CtState first, CtState last) {
    return {Field::CtState, std::nullopt, false, {{Value(first), Value(last) + (packet::kCtSnat | packet::kCtDnat)}}};
  }

  /// A table that the text does not have may be loaded all the same, by a program that writes rules of its own.
  uint32_t addUnseen(llvm::StringRef name, Hook hook, uint32_t next) {
    if (name == "nat" && translates(hook)) {
      uint32_t gate = addChain();
      addRule(gate, leadingTo(addTranslated(next), {hasState(CtState::New, CtState::Related)}));
      addRule(gate, leadingTo(next));
      return gate;
    }
    if (name == "mangle")
      return addStep({Write::anything(Field::Mark), Write::anything(Field::ConnMark), Write::anything(Field::Tos),
                      Write::anything(Field::Ttl)},
                     next);
    return next;
  }

  // --- The rules of a table at one hook

  /// The copy of a chain.
  uint32_t chainFor(uint32_t chain) {
    auto [copy, isNew] = at.copies.try_emplace(chain, 0);
    if (isNew) {
      copy->second = addChain();
      at.open.push_back(chain);
    }
    return copy->second;
  }

  void copyRules(uint32_t from, uint32_t to) {
    const auto &rules = tables[at.table]->chains[from].rules;
    for (uint32_t r = 0; r != rules.size(); ++r) {
      Rule rule = meaningOf(rules[r]);
      std::optional<TableRule> origin;
      if (!at.isLater)
        origin = TableRule{at.table, {from, r}};
      if (mayEndTable(rules[r])) {
        Rule onwards = leadingTo(anythingDone(), {maybe("target")});
        if (!rules[r].broken)
          onwards.tests.insert(onwards.tests.begin(), rule.tests.begin(), rule.tests.end());
        addRule(to, std::move(onwards));
      }
      addRule(to, std::move(rule), origin);
    }
  }

  static bool mayEndTable(const Rule &rule) {
    bool leadsNowhere = (rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto) &&
                        rule.target.chain == ir::kNoChain;
    return rule.broken || rule.target.kind == TargetKind::Opaque || leadsNowhere;
  }

  Rule meaningOf(const Rule &rule) {
    Rule copy;
    copy.at = rule.at;
    copy.broken = rule.broken;
    copy.tests = rule.tests;
    copy.target = rule.target;
    if (tables[at.table]->name == "raw")
      forgetFlow(copy);
    if (at.isLater)
      keepFlowOnly(copy);
    switch (rule.target.kind) {
    case TargetKind::Accept:
      copy.target = leadingTo(at.next).target;
      break;
    case TargetKind::Verdict:
      copy.target = rule.target.name == "REJECT" ? dropping().target : leadingTo(handedOn(rule)).target;
      break;
    default:
      break;
    }
    if (rule.target.chain != ir::kNoChain)
      copy.target.chain = chainFor(rule.target.chain);
    return copy;
  }

  /// In raw conntrack has not seen the packet; what it will say is no matter of these rules. A packet that is not to be
  /// tracked keeps its flow if it had one already.
  static void forgetFlow(Rule &rule) {
    for (ir::Test &test : rule.tests) {
      bool readsFlow = std::holds_alternative<ir::OpaqueTest>(test);
      ir::forEachRead(test, [&](Field field, Value) { readsFlow |= packet::isOfFlow(field); });
      if (readsFlow)
        test = maybe("flow");
    }
    auto isOfFlow = [](const Write &write) {
      return packet::isOfFlow(write.field) || (write.copy != 0 && packet::isOfFlow(write.from));
    };
    if (!llvm::any_of(rule.target.writes, isOfFlow))
      return;
    rule.target.writesIf.reset();
    for (Write &write : rule.target.writes)
      if (isOfFlow(write))
        write = Write::anything(write.field, packet::isOfFlow(write.field) ? 0 : write.keep);
  }

  /// What is known of a flow's first packet by a later one: addresses, protocol, ports, that both are NEW. Both have been
  /// put together, since nat tracks flows.
  static void keepFlowOnly(Rule &rule) {
    for (ir::Test &test : rule.tests)
      if (!asksFlowOnly(test))
        test = maybe("first packet");
    if (rule.target.kind == TargetKind::Continue)
      rule.target = {};
  }

  static bool asksFlowOnly(const ir::Test &test) {
    static constexpr Field ofFlow[] = {Field::Src,  Field::Dst,   Field::SrcType, Field::DstType, Field::Proto,
                                       Field::Sport, Field::Dport, Field::Icmp,    Field::Fragment};
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (range && range->field == Field::CtState)
      return isSameForNew(*range);
    bool does = !std::holds_alternative<ir::OpaqueTest>(test);
    ir::forEachRead(test, [&](Field field, Value) { does &= llvm::is_contained(ofFlow, field); });
    return does;
  }

  /// Whether a test of the state holds for all packets that start a flow, or for none, translated or not.
  static bool isSameForNew(const ir::RangeTest &state) {
    ir::Interval isNew = hasState(CtState::New, CtState::New).ranges.front();
    return llvm::all_of(state.ranges, [&](const ir::Interval &range) {
      return range.lo > isNew.hi || (range.lo <= isNew.lo && range.hi >= isNew.hi);
    });
  }

  /// Where packets go on that a target ended the table for.
  uint32_t handedOn(const Rule &rule) {
    if (rule.target.handsOn.empty())
      return at.next;
    std::string key = (rule.target.name + " " + rule.target.options).str();
    auto [known, isNew] = at.handed.try_emplace(key, kEnd);
    if (isNew)
      known->second = addStep(rule.target.handsOn, at.next);
    return known->second;
  }

  uint32_t anythingDone() {
    if (at.anythingDone)
      return *at.anythingDone;
    std::vector<Write> writes;
    for (unsigned i = 0; i != packet::kFieldCount; ++i)
      if (Field(i) != Field::Hook)
        writes.push_back(Write::anything(Field(i)));
    at.anythingDone = addStep(writes, at.next);
    return *at.anythingDone;
  }

  /// The table and hook whose rules are being copied.
  struct Place {
    uint32_t table = 0;
    Hook hook = Hook::Prerouting;
    uint32_t next = kEnd;
    bool isLater = false; ///< rules are copied as the flow's first packet met them
    std::map<uint32_t, uint32_t> copies;
    std::vector<uint32_t> open; ///< chains that have a copy without rules
    llvm::StringMap<uint32_t> handed; ///< by target and options: where packets go on
    std::optional<uint32_t> anythingDone;
  };

  llvm::ArrayRef<const ir::Table *> tables;
  packet::Family family;
  Composition made;
  uint32_t local = kEnd; ///< where packets for the machine itself go from PREROUTING
  Place at;
};

} // namespace

Composition compose(llvm::ArrayRef<const ir::Table *> tables, packet::Family family) {
  return Composer(tables, family).run();
}

} // namespace iptlint::analysis
