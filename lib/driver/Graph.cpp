#include "driver/Graph.h"
#include "driver/Options.h"
#include "driver/ReadWhole.h"
#include "report/Graph.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

namespace iptlint::driver {

using report::ChainGraph;
using report::GraphCall;
using report::GraphChain;

namespace {

/// One table with what its rules lead to. A chain that does not exist gets a number behind those that do.
class Calls {
public:
  Calls(const ir::Ruleset &ruleset, const ir::Table &table) : ruleset(ruleset), table(table) {
    for (const ir::Chain &chain : table.chains)
      addChain(chain);
    for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
      addCalls(chain);
  }

  ChainGraph graph() const;
  /// The chains that are to be shown: \p from with what is at most \p depth calls away.
  std::vector<bool> within(std::vector<uint32_t> from, size_t depth) const;
  std::vector<uint32_t> builtIn() const;
  ChainGraph part(const std::vector<bool> &shown) const;

private:
  void addChain(const ir::Chain &chain);
  void addCalls(uint32_t chain);
  uint32_t targetOf(const ir::Target &target, unsigned line);
  void addPackets();

  const ir::Ruleset &ruleset;
  const ir::Table &table;
  std::vector<GraphChain> chains;
  std::vector<GraphCall> calls;
  std::map<llvm::StringRef, uint32_t> missing;
};

} // namespace

static std::string policyText(const ir::Chain &chain) {
  if (!chain.hook)
    return "";
  return chain.policy == ir::Policy::Accept ? "ACCEPT" : chain.policy == ir::Policy::Drop ? "DROP" : "policy";
}

void Calls::addChain(const ir::Chain &chain) {
  GraphChain &made = chains.emplace_back();
  made.name = chain.name.str();
  made.rules = chain.rules.size();
  made.line = ruleset.lineColumn(chain.at).line;
  made.policy = policyText(chain);
}

uint32_t Calls::targetOf(const ir::Target &target, unsigned line) {
  if (target.chain != ir::kNoChain)
    return target.chain;
  auto [found, isNew] = missing.try_emplace(target.name, chains.size());
  if (isNew) {
    GraphChain &made = chains.emplace_back();
    made.name = target.name.str();
    made.line = line;
    made.missing = true;
  }
  return found->second;
}

/// Counters add up where every rule has them.
static void add(std::optional<uint64_t> &sum, const std::optional<ir::Counters> &counters) {
  sum = sum && counters ? std::optional(*sum + counters->packets) : std::nullopt;
}

/// The rule's words without its target.
static std::string conditionsOf(const ir::Rule &rule) {
  std::vector<llvm::StringRef> words = rule.words;
  auto target = llvm::find_if(
      words, [](llvm::StringRef word) { return word == "-j" || word == "-g" || word == "--jump" || word == "--goto"; });
  if (words.end() - target >= 2)
    words.erase(target, target + 2);
  return llvm::join(words, " ");
}

void Calls::addCalls(uint32_t chain) {
  std::map<uint32_t, size_t> known;
  for (const ir::Rule &rule : table.chains[chain].rules) {
    bool jumps = rule.target.kind == ir::TargetKind::Jump;
    if (!jumps && rule.target.kind != ir::TargetKind::Goto)
      continue;
    uint32_t to = targetOf(rule.target, ruleset.lineColumn(rule.at).line);
    auto [found, isNew] = known.try_emplace(to, calls.size());
    if (isNew)
      calls.push_back({chain, to, 0, 0, 0, conditionsOf(rule)});
    GraphCall &call = calls[found->second];
    ++(jumps ? call.jumps : call.gotos);
    add(call.packets, rule.counters);
    if (!isNew)
      call.conditions.clear();
  }
}

std::vector<uint32_t> Calls::builtIn() const {
  std::vector<uint32_t> found;
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (table.chains[chain].hook)
      found.push_back(chain);
  return found;
}

std::vector<bool> Calls::within(std::vector<uint32_t> from, size_t depth) const {
  std::vector<bool> reached(chains.size());
  for (uint32_t chain : from)
    reached[chain] = true;
  for (size_t round = 0; !from.empty() && (depth == 0 || round != depth); ++round) {
    std::vector<uint32_t> next;
    for (uint32_t chain : from)
      for (auto call = llvm::partition_point(calls, [&](const GraphCall &of) { return of.from < chain; });
           call != calls.end() && call->from == chain; ++call)
        if (!reached[call->to]) {
          reached[call->to] = true;
          next.push_back(call->to);
        }
    from = std::move(next);
  }
  return reached;
}

ChainGraph Calls::graph() const {
  ChainGraph graph;
  graph.path = ruleset.source->path().str();
  graph.table = table.name.str();
  graph.family = ruleset.family;
  graph.chains = chains;
  graph.calls = calls;
  std::vector<bool> reached = within(builtIn(), 0);
  for (uint32_t chain = 0; chain != chains.size(); ++chain)
    graph.chains[chain].reached = reached[chain];
  std::vector<std::optional<uint64_t>> entered(chains.size(), 0);
  std::vector<bool> called(chains.size());
  for (const GraphCall &call : calls) {
    called[call.to] = true;
    entered[call.to] =
        entered[call.to] && call.packets ? std::optional(*entered[call.to] + *call.packets) : std::nullopt;
  }
  for (uint32_t chain = 0; chain != chains.size(); ++chain)
    if (called[chain])
      graph.chains[chain].packets = entered[chain];
  return graph;
}

ChainGraph Calls::part(const std::vector<bool> &shown) const {
  ChainGraph all = graph(), part;
  part.path = all.path;
  part.table = all.table;
  part.family = all.family;
  std::vector<uint32_t> numbers(chains.size());
  for (uint32_t chain = 0; chain != chains.size(); ++chain)
    if (shown[chain]) {
      numbers[chain] = uint32_t(part.chains.size());
      part.chains.push_back(all.chains[chain]);
    }
  for (GraphCall call : all.calls)
    if (shown[call.from] && shown[call.to]) {
      call.from = numbers[call.from];
      call.to = numbers[call.to];
      part.calls.push_back(std::move(call));
    }
  return part;
}

/// The part of a table that is asked for; nothing where it has no such chain.
static std::optional<ChainGraph> graphOf(const ir::Ruleset &ruleset, const ir::Table &table,
                                         const GraphOptions &options) {
  Calls calls(ruleset, table);
  std::vector<uint32_t> from = calls.builtIn();
  if (!options.chain.empty()) {
    auto chain = llvm::find_if(table.chains, [&](const ir::Chain &of) { return of.name == options.chain; });
    if (chain == table.chains.end())
      return std::nullopt;
    from = {uint32_t(chain - table.chains.begin())};
  } else if (options.depth == 0) {
    return calls.graph();
  }
  return calls.part(calls.within(std::move(from), options.depth));
}

static std::vector<ChainGraph> graphsOf(const std::vector<ir::Ruleset> &rulesets, const GraphOptions &options) {
  std::vector<ChainGraph> graphs;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables)
      if (!table.replaced && (options.table.empty() || options.table == table.name))
        if (std::optional<ChainGraph> graph = graphOf(ruleset, table, options))
          graphs.push_back(std::move(*graph));
  return graphs;
}

static void print(const std::vector<ChainGraph> &graphs, GraphFormat format, llvm::raw_ostream &out) {
  switch (format) {
  case GraphFormat::Text:
    return report::printGraphs(graphs, out);
  case GraphFormat::Dot:
    return report::printGraphsDot(graphs, out);
  case GraphFormat::Json:
    return report::printGraphsJson(graphs, out);
  }
}

int runGraph(const GraphOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::optional<parse::ParsedRules> parsed = readWhole(options.input, options.rules, err);
  if (!parsed)
    return kExitUnreadable;
  std::vector<ChainGraph> graphs = graphsOf(parsed->rulesets, options);
  if (graphs.empty() && !(options.table.empty() && options.chain.empty())) {
    std::string what = options.chain.empty()
                           ? "table " + options.table
                           : "chain " + options.chain + (options.table.empty() ? "" : " in table " + options.table);
    err << "iptlint: " << report::printable(options.input + ": there is no " + what) << "\n";
    return kExitUnreadable;
  }
  print(graphs, options.format, out);
  return kExitClean;
}

} // namespace iptlint::driver
