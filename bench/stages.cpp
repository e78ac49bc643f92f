// What each stage costs by itself: iptlint-stages FILE... [--benchmark_...]
//
//   read       text to IR: iptables-save text, or a route table where the file's name ends in .routes
//   print      IR to text
//   callgraph  who jumps where, all tables of the file
//   liveness   which rules are dead, all tables, without saying why
//   explain    the same with takers and live redundancy: what lint asks for
//
// liveness and explain build their call graph themselves. Rules per second are shown as items.
#include "analysis/Reach.h"
#include "emit/Emit.h"
#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"
#include <benchmark/benchmark.h>

using namespace iptlint;
using SourcePtr = std::shared_ptr<const support::Source>;

static int64_t ruleCount(const parse::ParsedRules &parsed) {
  int64_t count = 0;
  for (const ir::Ruleset &ruleset : parsed.rulesets)
    for (const ir::Table &table : ruleset.tables)
      for (const ir::Chain &chain : table.chains)
        count += int64_t(chain.rules.size());
  return count;
}

static void readRules(benchmark::State &state, SourcePtr source) {
  int64_t rules = 0;
  for (auto _ : state)
    rules = ruleCount(parse::parseRules(source, {.family = std::nullopt}));
  state.SetItemsProcessed(int64_t(state.iterations()) * rules);
}

static void readNetwork(benchmark::State &state, SourcePtr source) {
  int64_t routes = 0;
  for (auto _ : state)
    routes = int64_t(parse::parseRoutes(source).routes.routes.size());
  state.SetItemsProcessed(int64_t(state.iterations()) * routes);
}

static void print(benchmark::State &state, SourcePtr source) {
  parse::ParsedRules parsed = parse::parseRules(source, {.family = std::nullopt});
  for (auto _ : state)
    benchmark::DoNotOptimize(emit::rulesText(parsed.rulesets));
  state.SetItemsProcessed(int64_t(state.iterations()) * ruleCount(parsed));
}

static void callGraph(benchmark::State &state, SourcePtr source) {
  parse::ParsedRules parsed = parse::parseRules(source, {.family = std::nullopt});
  for (auto _ : state)
    for (const ir::Ruleset &ruleset : parsed.rulesets)
      for (const ir::Table &table : ruleset.tables)
        benchmark::DoNotOptimize(analysis::buildCallGraph(table));
  state.SetItemsProcessed(int64_t(state.iterations()) * ruleCount(parsed));
}

static void reach(benchmark::State &state, SourcePtr source, bool explain) {
  parse::ParsedRules parsed = parse::parseRules(source, {.family = std::nullopt});
  analysis::ReachOptions options;
  options.explain = explain;
  for (auto _ : state)
    for (const ir::Ruleset &ruleset : parsed.rulesets)
      for (const ir::Table &table : ruleset.tables)
        benchmark::DoNotOptimize(
            analysis::computeReach(table, ruleset.family, analysis::buildCallGraph(table), options));
  state.SetItemsProcessed(int64_t(state.iterations()) * ruleCount(parsed));
}

static void addStages(const std::string &file, SourcePtr source) {
  auto add = [&](const char *stage, auto run, auto... arguments) {
    benchmark::RegisterBenchmark((stage + (" " + file)).c_str(), run, source, arguments...)
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime();
  };
  if (llvm::StringRef(file).endswith(".routes"))
    return add("read", readNetwork);
  add("read", readRules);
  add("print", print);
  add("callgraph", callGraph);
  add("liveness", reach, false);
  add("explain", reach, true);
}

int main(int count, char **arguments) {
  benchmark::Initialize(&count, arguments);
  for (int i = 1; i < count; ++i) {
    auto source = support::Source::read(arguments[i]);
    if (!source) {
      llvm::errs() << "iptlint-stages: " << llvm::toString(source.takeError()) << '\n';
      return 2;
    }
    addStages(arguments[i], *source);
  }
  benchmark::RunSpecifiedBenchmarks();
}
