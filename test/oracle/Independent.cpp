// Compares analysis with the slow reference, rule by rule, on rule sets of up to a thousand rules.
//
//   iptlint-oracle-reference FILE...      rule sets as iptables-save writes them
//
// Live and dead must be the same (unknown, with its reason, is let pass for one rule in a hundred), and a live rule
// that is called redundant must be so. In a table of one chain, where analysis claims to find them all, the other way
// round, too; elsewhere those it does not find are counted.
#include "Reference.h"
#include "analysis/Reach.h"
#include "parse/Parse.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;
using analysis::Status;

static constexpr unsigned kReports = 5;
/// Of so many rules one may be unknown.
static constexpr size_t kFewest = 100;

namespace {

struct Tally {
  size_t tables = 0, rules = 0, live = 0, unknown = 0, redundant = 0, redundantUnsaid = 0, judged = 0, differences = 0;
};

/// One table.
class Comparison {
public:
  Comparison(const ir::Ruleset &ruleset, const ir::Table &table, Tally &tally)
      : ruleset(ruleset), table(table), tally(tally) {}
  void run();

private:
  void compareRedundancy(Reference &reference, const analysis::TableReach &reach);
  bool isOneChain() const {
    return llvm::all_of(table.chains, [](const ir::Chain &chain) {
      return llvm::none_of(chain.rules, [](const ir::Rule &rule) { return rule.target.chain != ir::kNoChain; });
    });
  }
  template <typename Visit> void forEach(Visit visit) const {
    for (uint32_t c = 0; c != table.chains.size(); ++c)
      for (uint32_t r = 0; r != table.chains[c].rules.size(); ++r)
        visit(ir::RuleId{c, r});
  }
  void complain(ir::RuleId id, llvm::StringRef what) {
    const ir::Rule &rule = table.chains[id.chain].rules[id.rule];
    if (++tally.differences <= kReports)
      fmt::print("{}:{}: {}: {}\n", ruleset.source->path().str(), ruleset.lineColumn(rule.at).line, what.str(),
                 ruleset.source->slice(rule.at).str());
  }

  const ir::Ruleset &ruleset;
  const ir::Table &table;
  Tally &tally;
};

} // namespace

static std::string statusText(const analysis::RuleReach &reach) {
  switch (reach.status) {
  case Status::Live:
    return "live";
  case Status::Dead:
    return "dead";
  case Status::Unknown:
    return "unknown: " + reach.reason;
  }
  return "";
}

void Comparison::run() {
  if (std::string why = Reference::whyNot(table); !why.empty()) {
    fmt::print("{}: {}\n", ruleset.source->path().str(), why);
    ++tally.differences;
    return;
  }
  analysis::CallGraph graph = analysis::buildCallGraph(table);
  analysis::TableReach reach = analysis::computeReach(table, ruleset.family, graph, {});
  Reference reference(table, ruleset.family);
  ++tally.tables;
  forEach([&](ir::RuleId id) {
    bool isLive = reference.reached()[id.chain][id.rule];
    ++tally.rules;
    tally.live += isLive;
    if (reach[id].status == Status::Unknown && !reach[id].reason.empty())
      ++tally.unknown;
    else if (reach[id].status != (isLive ? Status::Live : Status::Dead))
      complain(id, fmt::format("it is {}, but is called {}", isLive ? "live" : "dead", statusText(reach[id])));
  });
  if (reference.judgesRedundancy())
    compareRedundancy(reference, reach);
}

void Comparison::compareRedundancy(Reference &reference, const analysis::TableReach &reach) {
  std::vector<std::vector<bool>> redundant = reference.redundant();
  bool isExact = isOneChain();
  forEach([&](ir::RuleId id) {
    if (reach[id].status != Status::Live)
      return;
    bool truly = redundant[id.chain][id.rule], said = reach[id].redundantWhenLive;
    ++tally.judged;
    tally.redundant += said;
    tally.redundantUnsaid += truly && !said;
    if (said && !truly)
      complain(id, "it is called redundant, but is needed");
    if (truly && !said && isExact)
      complain(id, "it is not needed, but is not called redundant");
  });
}

int main(int count, const char **words) {
  Tally tally;
  for (const char *path : llvm::makeArrayRef(words, count).drop_front()) {
    auto source = support::Source::read(path);
    if (!source) {
      fmt::print("{}\n", llvm::toString(source.takeError()));
      return 2;
    }
    auto parsed = parse::parseRules(*source, {.family = packet::Family::IPv4});
    tally.differences += parsed.incomplete;
    for (const ir::Ruleset &ruleset : parsed.rulesets)
      for (const ir::Table &table : ruleset.tables)
        Comparison(ruleset, table, tally).run();
  }
  fmt::print("{} tables, {} rules: {} live, {} dead, {} called unknown; of {} live ones {} called redundant, {} more "
             "are so unsaid; {} differences\n",
             tally.tables, tally.rules, tally.live, tally.rules - tally.live, tally.unknown, tally.judged,
             tally.redundant, tally.redundantUnsaid, tally.differences);
  bool everythingOccurred = tally.live != 0 && tally.live != tally.rules;
  bool few = tally.unknown * kFewest <= tally.rules;
  return tally.differences == 0 && everythingOccurred && few ? 0 : 1;
}
