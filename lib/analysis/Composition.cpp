#include "analysis/Composition.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include <map>
#include <string>

namespace iptlint::analysis {

using ir::Rule;
using ir::TargetKind;
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

ir::Write anything(Field field) {
  return {.field = field, .known = false};
}

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
    uint32_t forward = addHook(Hook::Forward, kForward, addStep({anything(Field::In), anything(Field::InGroup)}, postrouting));
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

  static Rule writing(llvm::ArrayRef<ir::Write> writes) {
    Rule rule;
    rule.target.kind = TargetKind::Continue;
    rule.target.writes.assign(writes.begin(), writes.end());
    rule.target.rewritesUnmodelled = true;
    return rule;
  }

  /// A chain that writes and goes on.
  uint32_t addStep(llvm::ArrayRef<ir::Write> writes, uint32_t next) {
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
  static std::vector<ir::Write> routed() {
    std::vector<ir::Write> writes;
    for (Field field : {Field::Out, Field::OutGroup, Field::PhysOut, Field::Realm, Field::PolicyOut, Field::Uid,
                        Field::Gid, Field::Ttl, Field::Length, Field::PktType})
      writes.push_back(anything(field));
    return writes;
  }

  /// To INPUT, where fragments have been put together.
  uint32_t addDelivery(uint32_t input) {
    std::vector<ir::Write> writes = routed();
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
    for (llvm::StringRef name : llvm::reverse(order))
      for (uint32_t t = 0; t != tables.size(); ++t)
        if (tables[t]->name == name)
          next = addTable(t, hook, next);
    return next;
  }

  uint32_t addTable(uint32_t t, Hook hook, uint32_t next) {
    const auto &chains = tables[t]->chains;
    auto base = llvm::find_if(chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
    if (base == chains.end())
      return next;
    at = {};
    at.table = t;
    at.hook = hook;
    at.next = next;
    uint32_t stage = addStep({}, kEnd);
    uint32_t asked = addChain();
    made.table.chains[stage].rules.back() = leadingTo(asked);
    addRule(asked, leadingTo(chainFor(uint32_t(base - chains.begin())), TargetKind::Jump));
    addPolicy(asked, base->policy);
    while (!at.open.empty()) {
      uint32_t chain = at.open.back();
      at.open.pop_back();
      copyRules(chain, at.copies[chain]);
    }
    return tables[t]->name == "nat" ? addNatGate(stage) : stage;
  }

  void addPolicy(uint32_t chain, ir::Policy policy) {
    if (policy == ir::Policy::Unstated)
      addRule(chain, leadingTo(at.next, {maybe("policy")}));
    addRule(chain, policy == ir::Policy::Accept || policy == ir::Policy::None ? leadingTo(at.next) : dropping());
  }

  /// nat is asked about the packet that starts a flow. A related flow's first packet does not differ from later ones
  /// here: it may be asked about or not. About one of the machine's own that comes back by lo it was asked at OUTPUT
  /// and POSTROUTING already; it has its route, which ends here.
  /// Source: net/netfilter/nf_nat_core.c, nf_nat_inet_fn(); net/ipv4/route.c, __mkroute_output(), where dst.input is set.
  uint32_t addNatGate(uint32_t nat) {
    uint32_t gate = addChain();
    constexpr Value kLo = Value('l') << 120 | Value('o') << 112;
    ir::RangeTest isNew{Field::CtState, std::nullopt, false, {{0, 3}}}, isRelated{Field::CtState, std::nullopt, false, {{8, 11}}};
    ir::RangeTest byLo{Field::In, std::nullopt, false, {{kLo, kLo}}}, byOther = byLo;
    byOther.negated = true;
    addRule(gate, leadingTo(nat, {isNew, byOther}));
    addRule(gate, leadingTo(nat, {isNew, maybe("nat")}));
    addRule(gate, leadingTo(nat, {isRelated, maybe("nat")}));
    if (at.hook == Hook::Prerouting)
      addRule(gate, leadingTo(local, {isNew, byLo}));
    addRule(gate, leadingTo(at.next));
    return gate;
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
      TableRule origin{at.table, {from, r}};
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
    switch (rule.target.kind) {
    case TargetKind::Accept:
      copy.target = leadingTo(at.next).target;
      break;
    case TargetKind::Verdict:
      copy.target = rule.target.name == "REJECT" ? dropping().target : leadingTo(handedOn(rule)).target;
      break;
    case TargetKind::Jump:
    case TargetKind::Goto:
      if (rule.target.chain != ir::kNoChain)
        copy.target.chain = chainFor(rule.target.chain);
      break;
    default:
      break;
    }
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
    auto isOfFlow = [](const ir::Write &write) { return packet::isOfFlow(write.field); };
    if (!llvm::any_of(rule.target.writes, isOfFlow))
      return;
    rule.target.writesIf.reset();
    for (ir::Write &write : rule.target.writes)
      if (isOfFlow(write))
        write = anything(write.field);
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
    std::vector<ir::Write> writes;
    for (unsigned i = 0; i != packet::kFieldCount; ++i)
      if (Field(i) != Field::Hook)
        writes.push_back(anything(Field(i)));
    at.anythingDone = addStep(writes, at.next);
    return *at.anythingDone;
  }

  /// The table and hook whose rules are being copied.
  struct Place {
    uint32_t table = 0;
    Hook hook = Hook::Prerouting;
    uint32_t next = kEnd;
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
