#include "analysis/Machine.h"
#include "analysis/Composition.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <set>

namespace iptlint::analysis {

using ir::Rule;
using ir::TargetKind;
using packet::Field;
using packet::Value;

namespace {

/// With more copies of rules that write than this, what is written is not followed, but only what tables drop: the ways
/// of a packet through many translations and marks are too many.
constexpr size_t kMostWriters = 40;

bool reads(const ir::Test &test, Field field) {
  bool does = false;
  ir::forEachRead(test, [&](Field read, Value) { does |= read == field; });
  return does;
}

/// What a table does that others can notice.
bool actsOnOthers(const ir::Table &table) {
  auto acts = [](const Rule &rule) {
    return rule.target.kind == TargetKind::Drop || rule.target.name == "REJECT" || !rule.target.writes.empty() ||
           !rule.target.handsOn.empty();
  };
  return llvm::any_of(table.chains, [&](const ir::Chain &chain) {
    return chain.policy == ir::Policy::Drop || llvm::any_of(chain.rules, acts);
  });
}

/// Whether a table of nat asks for the state of flows.
bool asksStateInNat(const ir::Table &table) {
  auto asks = [](const Rule &rule) {
    return llvm::any_of(rule.tests, [](const ir::Test &test) { return reads(test, Field::CtState); });
  };
  return table.name == "nat" &&
         llvm::any_of(table.chains, [&](const ir::Chain &chain) { return llvm::any_of(chain.rules, asks); });
}

/// Whether some rule can be dead because of another table. In what is not the whole rule set, rules may stand that are
/// not seen here.
bool isWorthComposing(llvm::ArrayRef<const ir::Table *> tables, llvm::ArrayRef<const CallGraph *> graphs) {
  if (llvm::any_of(tables, [](const ir::Table *table) { return table->fragment; }) ||
      llvm::any_of(graphs, [](const CallGraph *graph) { return !graph->cycles.empty(); }))
    return false;
  bool acts = llvm::any_of(tables, [](const ir::Table *table) { return actsOnOthers(*table); });
  return (tables.size() > 1 && acts) || llvm::any_of(tables, [](const ir::Table *table) { return asksStateInNat(*table); });
}

size_t countWriters(const ir::Table &table) {
  size_t count = 0;
  for (const ir::Chain &chain : table.chains)
    count += size_t(llvm::count_if(chain.rules, [](const Rule &rule) { return !rule.target.writes.empty(); }));
  return count;
}

/// The copies of a rule.
using Copies = std::vector<ir::RuleId>;

/// Rules all of whose copies are dead, though each is live in its own table.
std::map<TableRule, Copies> findDead(const Composition &composition, const TableReach &reach,
                                     llvm::ArrayRef<const TableReach *> alone) {
  std::map<TableRule, Copies> dead;
  std::set<TableRule> others;
  for (uint32_t c = 0; c != composition.origins.size(); ++c)
    for (uint32_t r = 0; r != composition.origins[c].size(); ++r)
      if (auto origin = composition.origins[c][r]) {
        bool isLiveAlone = (*alone[origin->table])[origin->rule].status == Status::Live;
        if (isLiveAlone && reach[{c, r}].status == Status::Dead)
          dead[*origin].push_back({c, r});
        else
          others.insert(*origin);
      }
  for (TableRule rule : others)
    dead.erase(rule);
  return dead;
}

class Question {
public:
  Question(llvm::ArrayRef<const ir::Table *> tables, const Composition &composition, const TableReach &reach)
      : tables(tables), composition(composition), reach(reach) {}

  DeadInMachine explain(TableRule rule, const Copies &copies) const {
    DeadInMachine dead{.rule = rule};
    for (ir::RuleId id : copies) {
      for (const Taker &taker : reach[id].takers)
        addTaker(dead, taker.rule);
      dead.incomplete |= reach[id].takersIncomplete;
    }
    addWriters(dead);
    bool readsState = llvm::any_of(ruleAt(rule).tests, [](const ir::Test &test) { return reads(test, Field::CtState); });
    dead.skipsNat = tables[rule.table]->name == "nat" && readsState && dead.takers.empty() && dead.writers.empty();
    return dead;
  }

private:
  void addTaker(DeadInMachine &dead, ir::RuleId id) const {
    auto origin = composition.origins[id.chain][id.rule];
    if (origin && !llvm::is_contained(dead.takers, *origin))
      dead.takers.push_back(*origin);
  }

  const Rule &ruleAt(TableRule id) const { return tables[id.table]->chains[id.rule.chain].rules[id.rule.rule]; }

  void addWriters(DeadInMachine &dead) const {
    const Rule &asking = ruleAt(dead.rule);
    for (uint32_t t = 0; t != tables.size(); ++t)
      for (uint32_t c = 0; t != dead.rule.table && c != tables[t]->chains.size(); ++c)
        for (uint32_t r = 0; r != tables[t]->chains[c].rules.size(); ++r)
          if (!llvm::is_contained(dead.takers, TableRule{t, {c, r}}) && changesWhatIsAsked(tables[t]->chains[c].rules[r], asking))
            dead.writers.push_back({t, {c, r}});
  }

  static bool changesWhatIsAsked(const Rule &writer, const Rule &asking) {
    auto isAsked = [&](const ir::Write &write) {
      return (write.field == Field::Dst || write.field == Field::Dport || write.field == Field::Mark ||
              write.field == Field::ConnMark || write.field == Field::Tos) &&
             llvm::any_of(asking.tests, [&](const ir::Test &test) { return reads(test, write.field); });
    };
    bool writes = llvm::any_of(writer.target.handsOn, isAsked) || llvm::any_of(writer.target.writes, isAsked);
    return writes && llvm::all_of(asking.tests, [&](const ir::Test &test) { return meetsSome(test, writer); });
  }

  /// Whether a test of ranges has something in common with each such test of the writer of the same field.
  static bool meetsSome(const ir::Test &test, const Rule &writer) {
    auto *asked = std::get_if<ir::RangeTest>(&test);
    if (!asked || asked->negated || asked->orField)
      return true;
    return llvm::all_of(writer.tests, [&](const ir::Test &other) {
      auto *written = std::get_if<ir::RangeTest>(&other);
      if (!written || written->field != asked->field || written->negated || written->orField)
        return true;
      return llvm::any_of(asked->ranges, [&](const ir::Interval &left) {
        return llvm::any_of(written->ranges,
                            [&](const ir::Interval &right) { return left.lo <= right.hi && right.lo <= left.hi; });
      });
    });
  }

  llvm::ArrayRef<const ir::Table *> tables;
  const Composition &composition;
  const TableReach &reach;
};

} // namespace

std::vector<DeadInMachine> computeMachine(llvm::ArrayRef<const ir::Table *> tables, packet::Family family,
                                          llvm::ArrayRef<const CallGraph *> graphs, llvm::ArrayRef<const TableReach *> alone,
                                          const ReachOptions &options) {
  if (!isWorthComposing(tables, graphs))
    return {};
  Composition composition = compose(tables, family);
  CallGraph graph = buildCallGraph(composition.table);
  findChainsWithoutReturn(composition.table, graph);
  std::map<TableRule, Copies> dead;
  ReachOptions asked = options;
  asked.witnesses = false;
  asked.extras = {};
  if (countWriters(composition.table) > kMostWriters)
    asked.mostInstructions = 0;
  asked.explainOnly = [&](const TableReach &liveness) {
    dead = findDead(composition, liveness, alone);
    std::set<ir::RuleId> copies;
    for (const auto &[rule, ids] : dead)
      copies.insert(ids.begin(), ids.end());
    return copies;
  };
  TableReach reach = computeReach(composition.table, family, graph, asked);
  Question question(tables, composition, reach);
  std::vector<DeadInMachine> result;
  for (const auto &[rule, copies] : dead)
    result.push_back(question.explain(rule, copies));
  return result;
}

} // namespace iptlint::analysis
