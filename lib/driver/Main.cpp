#include "driver/Main.h"
#include "driver/Checks.h"
#include "driver/CommandLine.h"
#include "driver/Graph.h"
#include "driver/Lint.h"
#include "driver/Optimize.h"
#include "driver/Query.h"
#include "driver/ReadHosts.h"
#include "driver/ReadSets.h"
#include "driver/Trace.h"
#include "driver/Tree.h"
#include "driver/Verify.h"
#include "driver/Witness.h"
#include "llvm/Support/ErrorHandling.h"
#include <limits>
#include <thread>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace iptlint::driver {

static smt::Effort effortOf(const Options &options) {
  return {options.timeout, options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency()), options.logSmt};
}

/// For nft, rules are left alone one by one: they become maps, which no tree is faster than.
static pass::Program programOf(const Options &options) {
  bool speed = options.goal == Goal::Speed, maps = options.to == OutputForm::Nftables;
  pass::Program program;
  program.toEnd = pass::tidyPasses(
      {.rewriteChains = options.rewriteChains || speed, .dropAccounting = options.dropAccounting, .mergeRules = !maps, .gatherSets = options.to == OutputForm::Ipset});
  if (speed && !maps)
    program.once = pass::speedPasses();
  // Either iptables takes rules with sets; distributions have had nft's for long.
  bool nft = options.to == OutputForm::Nft || options.to == OutputForm::Ipset;
  program.costs = nft ? tree::kNftCost : tree::kLegacyCost;
  return program;
}

static int optimize(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  OptimizeOptions wanted;
  wanted.input = options.files[0];
  wanted.rules = options.rules;
  wanted.output = options.output;
  wanted.setsOut = options.setsOut;
  wanted.report = options.report;
  wanted.to = options.to;
  wanted.diff = options.diff;
  wanted.program = programOf(options);
  wanted.effort = effortOf(options);
  return runOptimize(wanted, out, err);
}

static int verify(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  VerifyOptions wanted;
  wanted.before = options.files[0];
  wanted.after = options.files[1];
  wanted.rules = options.rules;
  wanted.rules.nftables = true;
  wanted.rules.normalTexts = true;
  wanted.json = options.format == Format::Json;
  wanted.effort = effortOf(options);
  return runVerify(wanted, out, err);
}

static int makeTree(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  TreeOptions wanted;
  wanted.input = options.files[0];
  wanted.rules = options.rules;
  wanted.format = options.treeFormat;
  wanted.table = options.table;
  wanted.chain = options.chain;
  wanted.build.goal = {options.rules.backEnd == ir::BackEnd::Nft ? tree::kNftCost : tree::kLegacyCost, options.list};
  wanted.build.mostNodes = options.nodes;
  return runTree(wanted, out, err);
}

static int drawGraph(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  GraphOptions wanted;
  wanted.input = options.files[0];
  wanted.rules = options.rules;
  wanted.format = options.graphFormat;
  wanted.table = options.table;
  wanted.chain = options.chain;
  wanted.depth = options.depth;
  return runGraph(wanted, out, err);
}

/// Reads the hosts and sets that rules may name, but for lint: that reads those of a configuration as well.
static bool readSurroundings(Options &options, llvm::raw_ostream &err) {
  if (options.command == Command::Lint)
    return true;
  if (!options.hosts.empty() && !(options.rules.hosts = readHosts(options.hosts, err)))
    return false;
  auto sets = readWholeSets(options.sets, err);
  if (sets)
    options.rules.sets = *sets;
  return bool(sets);
}

/// Asks the system for memory in large pieces and keeps it: 100,000 rules grew in steps of 128 KiB, which cost a fifth
/// of the run. Untouched memory costs nothing.
static void takeMemoryInLargePieces() {
#ifdef __GLIBC__
  constexpr int kPiece = 64 << 20;
  mallopt(M_TOP_PAD, kPiece);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

int run(int argc, const char *const *argv, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  takeMemoryInLargePieces();
  auto commandLine = readCommandLine(argc, argv, out, err);
  if (const int *exitCode = std::get_if<int>(&commandLine))
    return *exitCode;
  Options &options = std::get<Options>(commandLine);
  if (!readSurroundings(options, err))
    return kExitUnreadable;
  switch (options.command) {
  case Command::Lint:
    return runLint(options, out, err);
  case Command::Witness:
    return runWitness(options, out, err);
  case Command::Checks:
    return runChecksList(out);
  case Command::Explain:
    return runExplain(options.files.front(), out, err);
  case Command::Optimize:
    return optimize(options, out, err);
  case Command::Verify:
    return verify(options, out, err);
  case Command::Tree:
    return makeTree(options, out, err);
  case Command::Graph:
    return drawGraph(options, out, err);
  case Command::Trace:
    return runTrace(options, out, err);
  case Command::Query:
    return runQuery(options, out, err);
  }
  llvm_unreachable("every command is above");
}

} // namespace iptlint::driver
