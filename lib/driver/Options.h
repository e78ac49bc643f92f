// What the command line asks for. Plain data; CommandLine.h reads it.
#pragma once

#include "driver/Graph.h"
#include "driver/Optimize.h"
#include "driver/Tree.h"
#include "lint/Settings.h"
#include "parse/Parse.h"
#include "support/Diagnostic.h"
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace iptlint::driver {

enum class Command : uint8_t { Lint, Witness, Checks, Explain, Optimize, Verify, Tree, Graph, Trace, Query };

enum class Format : uint8_t { Text, Json };

enum class Colour : uint8_t { Auto, Always, Never };

/// What `optimize` is to make of the rules.
enum class Goal : uint8_t { Tidy, Speed };

/// The texts of what surrounds the rules.
struct NetworkFiles {
  std::vector<std::string> routes = {};    ///< `--routes FILE`, each
  std::vector<std::string> rules = {};     ///< `--rules FILE`, each
  std::vector<std::string> addresses = {}; ///< `--addresses FILE`, each
  std::vector<std::string> bridges = {};   ///< `--bridges FILE`, each
  std::vector<std::string> settings = {};  ///< `--sysctl FILE|NAME=VALUE`, each, in the order given

  bool empty() const { return routes.empty() && rules.empty() && addresses.empty() && bridges.empty() && settings.empty(); }
};

struct Options {
  Command command = Command::Lint;
  std::vector<std::string> files;       ///< FILE...; "-" is standard input. `explain`: the check's id
  parse::RulesOptions rules;            ///< `--family`, `--input-format`, `--backend`, and what `--hosts` holds
  std::vector<std::string> hosts;       ///< `--hosts FILE`, each
  std::vector<std::string> sets;        ///< `--sets FILE`, repeated
  NetworkFiles network;
  Format format = Format::Text;
  Colour colour = Colour::Auto;
  std::set<std::string> given;          ///< the options that the command line has, by their long names: "fail-on"

  // lint
  std::vector<std::string> checks;      ///< `--checks`, as Selection.h reads it
  /// The mildest severity that fails the run; none for `--fail-on=never`.
  std::optional<support::Severity> failOn = support::Severity::Warning;
  unsigned jobs = 0;                    ///< `-j N`: files analyzed at a time, processes that prove; 0: as many as there are processors
  std::string logSmt;                   ///< `--log-smt DIR`; empty: none
  bool strict = false;                  ///< undecided rules make the exit code 3
  bool together = false;                ///< the files are one machine
  bool perTable = false;                ///< each table by itself only
  uint64_t budget = 1'000'000;          ///< steps of search per rule, as analysis::ReachOptions has it

  // witness
  bool allTakers = false;               ///< name every rule that takes a packet of a dead one
  bool certificate = false;             ///< have the solver check what is called dead

  // lint, witness
  bool solver = false;                  ///< ask the solver about what the search gives up, `timeout` for each rule

  std::string config;                   ///< `--config FILE`; empty: the nearest .iptlint.yaml
  bool noConfig = false;
  lint::Settings settings;              ///< what only a configuration says

  // optimize
  Goal goal = Goal::Tidy;
  OutputForm to = OutputForm::Legacy;   ///< `--to`
  bool rewriteChains = false;           ///< `--chains=rewrite`
  bool dropAccounting = false;          ///< `--drop-accounting`
  bool diff = false;                    ///< `--diff`
  std::string output;                   ///< `-o OUT`
  std::string setsOut;                  ///< `--sets-out FILE`
  std::string report;                   ///< `--report FILE`

  std::chrono::milliseconds timeout{60'000}; ///< of the solver, for each question

  // tree, graph
  std::string table, chain;             ///< `--table`, `--chain`

  // trace
  std::vector<std::string> packet;      ///< PACKET: what stands behind --, and a URL
  std::vector<std::string> assume;      ///< `--assume CONDITION=yes|no`, each
  std::string whyNot;                   ///< `--why-not RULE`; empty: none
  bool reply = false;                   ///< `--reply`
  size_t ways = 1000;                   ///< `--ways`: so many are followed

  // query; its MATCH is in `packet`
  size_t limit = 20;                    ///< `--limit`: groups that are shown; 0: all

  // tree, trace
  TreeFormat treeFormat = TreeFormat::Text;
  size_t nodes = tree::kUsualNodes;     ///< `--nodes`
  std::optional<size_t> list;           ///< `--list`: lists of so many rules are not cut; none: where it does not pay

  // graph
  GraphFormat graphFormat = GraphFormat::Dot;
  size_t depth = 0;                     ///< `--depth`: so many calls; 0: all
};

/// Exit codes. Where several apply, the first in this list is the one: 2, 1, 3, 0.
constexpr int kExitClean = 0, kExitFindings = 1, kExitUnreadable = 2, kExitUndecided = 3;

} // namespace iptlint::driver
