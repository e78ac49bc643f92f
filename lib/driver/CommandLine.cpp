#include "driver/CommandLine.h"
#include "driver/NetworkOptions.h"
#include "driver/OptionValues.h"
#include "driver/PacketArguments.h"
#include "driver/Version.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include <CLI/CLI.hpp>
#include <set>

namespace iptlint::driver {

using llvm::StringRef;
using support::Severity;

static constexpr const char *kAbout =
    "Finds rules that never see a packet, and other mistakes, in what iptables-save or iptables -L prints.\n"
    "  iptables-save | iptlint -          check what is loaded now\n"
    "  iptlint /etc/iptables/rules.v4     check a file; any number of them may be named\n"
    "  iptlint explain shadowed-rule      what a finding means and what to do about it";

static constexpr const char *kExitCodes =
    "Exit codes: 0 nothing found, 1 findings (or: not equivalent), 2 a file could not be read in whole or the\n"
    "command line is wrong, 3 could not be decided.";

static constexpr Choice<Format> kFormats[] = {{"text", Format::Text}, {"json", Format::Json}};
static constexpr Choice<Colour> kColours[] = {{"auto", Colour::Auto}, {"always", Colour::Always}, {"never", Colour::Never}};
static constexpr Choice<TreeFormat> kTreeFormats[] = {
    {"text", TreeFormat::Text}, {"dot", TreeFormat::Dot}, {"json", TreeFormat::Json}};
static constexpr Choice<GraphFormat> kGraphFormats[] = {
    {"text", GraphFormat::Text}, {"dot", GraphFormat::Dot}, {"json", GraphFormat::Json}};
static constexpr Choice<OutputForm> kOutputForms[] = {
    {"legacy", OutputForm::Legacy}, {"nft", OutputForm::Nft}, {"nftables", OutputForm::Nftables}, {"ipset", OutputForm::Ipset}};
static constexpr Choice<Goal> kGoals[] = {{"tidy", Goal::Tidy}, {"speed", Goal::Speed}};
/// Whether chains are rewritten.
static constexpr Choice<bool> kChains[] = {{"keep", false}, {"rewrite", true}};

template <typename Value>
static void addChoice(CLI::App &command, const std::string &flag, Value &target, llvm::ArrayRef<Choice<Value>> choices,
                      const std::string &help) {
  command
      .add_option_function<std::string>(
          flag,
          [&target, choices, flag](const std::string &text) {
            const Value *found = findChoice(choices, text);
            if (!found)
              throw CLI::ValidationError(flag, "is one of " + namesOf(choices) + ", not '" + text + "'");
            target = *found;
          },
          help)
      ->type_name(namesOf(choices));
}

static void addNumber(CLI::App &command, const std::string &flag, const std::string &unit, std::function<void(uint64_t)> set,
                      const std::string &help, uint64_t least = 1) {
  command
      .add_option_function<std::string>(
          flag,
          [flag, set, least](const std::string &text) {
            std::optional<uint64_t> number = least == 0 && text == "0" ? 0 : parseUnits(text);
            if (!number)
              throw CLI::ValidationError(flag, "is a number from " + std::to_string(least) + " to " + std::to_string(kMostUnits) + ", not '" + text + "'");
            set(*number);
          },
          help)
      ->type_name(unit);
}

static void addFiles(CLI::App &command, Options &options, const std::string &name, const std::string &help) {
  command.add_option(name, options.files, help)->type_name("");
}

static void addInputOptions(CLI::App &command, Options &options) {
  addChoice<std::optional<packet::Family>>(command, "--family", options.rules.family, kFamilies,
                                           "IPv4 or IPv6 rules (auto: by the header, then by the first address)");
  addChoice<std::optional<ir::Form>>(command, "--input-format", options.rules.form, kInputFormats,
                                     "how the rules are written: as iptables-save, -S or -L print them, or as commands (by their lines)");
  command.add_option("--hosts", options.hosts, "names of hosts in `iptables -L` without -n, in the form of /etc/hosts")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--sets", options.sets, "the sets that rules ask about: text of ipset save or ipset list, or commands of ipset")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

static void addFormat(CLI::App &command, Options &options) {
  addChoice<Format>(command, "--format", options.format, kFormats, "how to print the answer (text)");
}

static void addConfigOptions(CLI::App &command, Options &options) {
  CLI::Option *file = command.add_option("--config", options.config, "where options and settings stand (.iptlint.yaml, in the folder of each file or above)")
                          ->type_name("FILE");
  command.add_flag("--no-config", options.noConfig, "read no .iptlint.yaml")->excludes(file);
}

/// \param question  what the solver answers within the time.
static void addTimeout(CLI::App &command, Options &options, const std::string &question) {
  addNumber(command, "--timeout", "SECONDS", [&](uint64_t seconds) { options.timeout = std::chrono::seconds(seconds); },
            "how long the solver may take for each " + question + " (60)");
}

static void addProofOptions(CLI::App &command, Options &options) {
  addTimeout(command, options, "pair of chains");
  addNumber(command, "-j,--jobs", "N", [&](uint64_t jobs) { options.jobs = unsigned(jobs); },
            "how many processes share the proof (as many as there are processors)");
  command.add_option("--log-smt", options.logSmt, "an empty folder, to write every question to the solver into, for others to ask it again")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

static void addSearchOptions(CLI::App &command, Options &options) {
  addChoice<std::optional<ir::BackEnd>>(command, "--backend", options.rules.backEnd, kBackends, "which iptables loads the rules (legacy)");
  addNumber(command, "--budget", "STEPS", [&](uint64_t steps) { options.budget = steps; },
            "how long to search for each rule before it counts as undecided (1000000)");
  command.add_flag("--solver", options.solver, "ask the solver about rules that are undecided after that");
  addTimeout(command, options, "rule");
}

static void addLintOptions(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints; - is standard input");
  command.add_option("--checks", options.checks, "run only these; with - before it, not this one; with + this one, too: --checks=-empty-chain,+hygiene")
      ->type_name("NAME[,NAME...]")
      ->delimiter(',')
      ->allow_extra_args(false);
  addChoice<std::optional<Severity>>(
      command, "--fail-on", options.failOn, kFailOn, "the mildest finding that makes the exit code 1 (warning)");
  command.add_flag("--per-table", options.perTable, "look at each table by itself, as if there were no others");
  addNumber(command, "-j,--jobs", "N", [&](uint64_t jobs) { options.jobs = unsigned(jobs); },
            "how many files to analyze at a time (as many as there are processors)");
  command.add_flag("--together", options.together, "take the files for one machine: its rules of IPv4 and of IPv6, for one");
  command.add_flag("--strict", options.strict, "exit with 3 when a rule could not be decided");
  addChoice<Colour>(command, "--color", options.colour, kColours, "colours (auto: on a terminal, unless NO_COLOR is set)");
  addConfigOptions(command, options);
  addInputOptions(command, options);
  addFormat(command, options);
  addSearchOptions(command, options);
  addNetworkOptions(command, options);
}

static void addWitness(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints; - is standard input");
  command.add_flag("--all-takers", options.allTakers, "of a dead rule, name every rule that takes one of its packets (as many as leave it none)");
  command.add_flag("--certificate", options.certificate, "have the solver prove of each dead rule that these leave it no packet");
  addInputOptions(command, options);
  addFormat(command, options);
  addSearchOptions(command, options);
}

static void addOptimize(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints; - is standard input");
  addChoice<Goal>(command, "--goal", options.goal, kGoals,
                  "tidy: fewer rules, the same chains; speed: chains that a packet goes through in few visits, which implies --chains=rewrite (tidy)");
  addChoice<OutputForm>(command, "--to", options.to, kOutputForms,
                        "what will load the rules: either iptables-restore, which goes by what rules cost there, or nft -f; ipset: iptables-restore, with sets of addresses (legacy)");
  addChoice<bool>(command, "--chains", options.rewriteChains, kChains,
                  "whether user chains may go, become one or be inlined; programs that fill chains look for them by name (keep)");
  command.add_flag("--drop-accounting", options.dropAccounting, "remove rules that only count packets, too");
  command.add_flag("--diff", options.diff, "print a unified diff with the reason of each hunk; the rules go to OUT, if one is named");
  command.add_option("-o", options.output, "where to write the rules (standard output); replaced only once they are proved")->type_name("OUT");
  command.add_option("--sets-out", options.setsOut, "where to write the sets of --to=ipset, as text for ipset restore; replaced together with OUT")->type_name("FILE");
  command.add_option("--report", options.report, "write what was done, as JSON")->type_name("FILE");
  addProofOptions(command, options);
  addInputOptions(command, options);
}

static void addVerify(CLI::App &command, Options &options) {
  addFiles(command, options, "A B", "the two rule sets to compare; one may be -, standard input");
  addProofOptions(command, options);
  addFormat(command, options);
  addInputOptions(command, options);
}

static void addTree(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints; - is standard input");
  command.add_option("--table", options.table, "the trees of this table alone")->type_name("NAME");
  command.add_option("--chain", options.chain, "the trees of this built-in chain alone")->type_name("NAME");
  addChoice<TreeFormat>(command, "--format", options.treeFormat, kTreeFormats, "how to print the trees; dot is for Graphviz (text)");
  addNumber(command, "--nodes", "N", [&](uint64_t nodes) { options.nodes = nodes; },
            "how many nodes a tree may have, leaves counted; what is left stays a list (" + std::to_string(tree::kUsualNodes) + ")");
  addNumber(command, "--list", "N", [&](uint64_t rules) { options.list = rules; },
            "cut every list of more than N rules that a test can tell apart (where it saves time)", /*least=*/0);
  addChoice<std::optional<ir::BackEnd>>(command, "--backend", options.rules.backEnd, kBackends, "which iptables loads the rules, for what they cost (legacy)");
  addInputOptions(command, options);
}

static void addGraph(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints; - is standard input");
  command.add_option("--table", options.table, "this table alone")->type_name("NAME");
  command.add_option("--chain", options.chain, "this chain and what it leads to, alone")->type_name("NAME");
  addNumber(command, "--depth", "N", [&](uint64_t depth) { options.depth = depth; }, "only what is at most N jumps away (everything)");
  addChoice<GraphFormat>(command, "--format", options.graphFormat, kGraphFormats,
                         "how to print it; dot is for Graphviz: iptlint graph FILE | dot -Tsvg (dot)");
  addInputOptions(command, options);
}

static void addAssume(CLI::App &command, Options &options) {
  command.add_option("--assume", options.assume, "how what is not known turns out, by its text or the beginning of it: '-m limit=yes'")
      ->type_name("CONDITION=yes|no")
      ->allow_extra_args(false);
}

static void addTrace(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE PACKET", "what iptables-save or iptables -L prints (- is standard input), and a URL, or -- and a packet as a rule would match it");
  addChoice<TreeFormat>(command, "--format", options.treeFormat, kTreeFormats, "how to print what becomes of the packet; dot is for Graphviz (text)");
  command.add_flag("--reply", options.reply, "follow the packet that answers it, too");
  addAssume(command, options);
  command.add_option("--why-not", options.whyNot, "why a rule does not match the packet, or who takes it before: nat/PREROUTING/1, or the number of a line")
      ->type_name("RULE");
  addNumber(command, "--ways", "N", [&](uint64_t ways) { options.ways = ways; },
            "how many ways to follow where what is not known makes several (1000)");
  addChoice<std::optional<ir::BackEnd>>(command, "--backend", options.rules.backEnd, kBackends, "which iptables loads the rules (legacy)");
  addInputOptions(command, options);
  addNetworkOptions(command, options);
}

static void addQuery(CLI::App &command, Options &options) {
  addFiles(command, options, "FILE", "what iptables-save or iptables -L prints (- is standard input); behind -- what the packets are, as a rule would match them");
  addFormat(command, options);
  addNumber(command, "--limit", "N", [&](uint64_t limit) { options.limit = limit; }, "how many groups to show; 0 is all (20)", /*least=*/0);
  addAssume(command, options);
  addChoice<std::optional<ir::BackEnd>>(command, "--backend", options.rules.backEnd, kBackends, "which iptables loads the rules (legacy)");
  addInputOptions(command, options);
  addNetworkOptions(command, options);
}

/// The option of \p command that is spelled most like \p typed; empty if none is like it.
static std::string closestOption(const CLI::App &command, StringRef typed) {
  std::string best;
  unsigned bestDistance = 3;
  for (const CLI::Option *option : command.get_options())
    for (const std::string &name : option->get_lnames())
      if (unsigned distance = typed.edit_distance(name, /*AllowReplacements=*/true, bestDistance); distance < bestDistance) {
        bestDistance = distance;
        best = "--" + name;
      }
  return best;
}

static std::string unknownOption(const CLI::App &command, StringRef typed) {
  std::string message = typed.startswith("-") ? "unknown option " + typed.str() : "unexpected argument '" + typed.str() + "'";
  std::string closest = closestOption(command, typed.ltrim('-').split('=').first);
  return closest.empty() ? message : message + ", did you mean " + closest + "?";
}

/// The options that were given, by their long names: before the command or behind it.
static std::set<std::string> givenTo(const CLI::App &app, const CLI::App &command) {
  std::set<std::string> given;
  for (const CLI::App *of : {&app, &command})
    for (const CLI::Option *option : of->get_options([](const CLI::Option *each) { return each->count() != 0; }))
      given.insert(option->get_lnames().begin(), option->get_lnames().end());
  return given;
}

/// What is wrong with the number of files; empty if nothing is.
static std::string wrongFiles(const Options &options) {
  size_t given = options.files.size();
  switch (options.command) {
  case Command::Lint:
    return given == 0 ? "no file named; - is standard input" : "";
  case Command::Witness:
  case Command::Optimize:
  case Command::Tree:
  case Command::Graph:
  case Command::Query:
    return given != 1 ? "takes one file; - is standard input" : "";
  case Command::Trace:
    return given == 0             ? "no file named; - is standard input"
           : options.packet.empty() ? "no packet: a URL, or -- and what a rule would match, as in -- -i em1 -p tcp -s 192.0.2.1 -d 192.0.2.2 --dport 80"
                                    : "";
  case Command::Explain:
    return given != 1 ? "takes the id of one check; `iptlint checks` lists them" : "";
  case Command::Verify:
    return given != 2 ? "takes two files" : "";
  case Command::Checks:
    return "";
  }
  return "";
}

/// What is wrong with where sets are to be written.
static std::string wrongSetsOut(const Options &options) {
  bool makesSets = options.to == OutputForm::Ipset;
  if (makesSets == options.setsOut.empty())
    return makesSets ? "--to=ipset writes sets: --sets-out FILE says where" : "--sets-out is for the sets of --to=ipset";
  if (makesSets && options.setsOut == "-")
    return "--sets-out names a file; standard output is for rules";
  return makesSets && options.setsOut == options.output ? "-o and --sets-out name the same file" : "";
}

/// What of the options cannot be meant together; empty if nothing.
static std::string contradiction(const Options &options) {
  if (options.command != Command::Optimize)
    return "";
  bool keeps = options.given.count("chains") && !options.rewriteChains;
  return options.goal == Goal::Speed && keeps ? "--goal=speed rewrites chains, which --chains=keep forbids"
                                              : wrongSetsOut(options);
}

static int badUsage(const CLI::App &command, const std::string &message, llvm::raw_ostream &err) {
  std::string name = command.get_parent() ? "iptlint " + command.get_name() : "iptlint";
  err << name << ": " << message << "\ntry: " << name << " --help\n";
  return kExitUnreadable;
}

namespace {

/// The commands as CLI11 wants them described.
class Parser {
public:
  explicit Parser(Options &options) : app(kAbout, "iptlint"), options(options) {
    app.set_help_flag("-h,--help", "this help");
    app.set_version_flag("--version", "iptlint " + version().str(), "the version");
    app.require_subcommand(0, 1);
    app.get_formatter()->column_width(32);
    app.get_formatter()->label("OPTIONS", "OPTION...");
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    addLintOptions(app, options);
    addLintOptions(add("lint", Command::Lint, "all checks; what runs when no command is named"), options);
    addWitness(add("witness", Command::Witness, "for each rule, a packet that it gets, or who takes its packets"), options);
    add("checks", Command::Checks, "list the checks");
    addFiles(add("explain", Command::Explain, "what a check finds, why it matters, what to do"), options, "CHECK",
             "the id of a check, as findings show it in brackets");
    addOptimize(add("optimize", Command::Optimize, "write a smaller rule set, proved to decide every packet alike"), options);
    addVerify(add("verify", Command::Verify, "do two rule sets decide every packet alike; if not, a packet"), options);
    addTree(add("tree", Command::Tree, "each built-in chain with all it jumps to as a decision tree"), options);
    addGraph(add("graph", Command::Graph, "the chains and who jumps where, to be drawn"), options);
    addTrace(add("trace", Command::Trace, "one packet through every hook, rule by rule"), options);
    addQuery(add("query", Command::Query, "what becomes of all packets of a kind: iptlint query FILE -- -i em1 -d 10.1.0.0/16"), options);
    app.footer(kExitCodes);
    app.allow_extras();
  }

  CLI::App app;

  const CLI::App &chosen() const {
    auto commands = app.get_subcommands();
    return commands.empty() ? app : *commands.front();
  }

private:
  CLI::App &add(const std::string &name, Command command, const std::string &help) {
    CLI::App *added = app.add_subcommand(name, help);
    added->allow_extras();
    added->set_help_flag("-h,--help", "this help");
    added->footer(kExitCodes);
    added->parse_complete_callback([this, command] { options.command = command; });
    return *added;
  }

  Options &options;
};

} // namespace

std::variant<Options, int> readCommandLine(int argc, const char *const *argv, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  Options options;
  Parser parser(options);
  llvm::ArrayRef<const char *> packet = packetWords(llvm::makeArrayRef(argv, size_t(argc)));
  try {
    parser.app.parse(argc - int(packet.size()), argv);
  } catch (const CLI::CallForHelp &) {
    out << parser.app.help();
    return kExitClean;
  } catch (const CLI::CallForVersion &version) {
    out << version.what() << "\n";
    return kExitClean;
  } catch (const CLI::ParseError &error) {
    return badUsage(parser.chosen(), error.what(), err);
  }
  if (!packet.empty())
    options.packet.assign(packet.begin() + 1, packet.end());
  moveUrls(options);
  const CLI::App &command = parser.chosen();
  for (const std::string &extra : parser.app.remaining(/*recurse=*/true))
    return badUsage(command, unknownOption(command, extra), err);
  if (std::string message = wrongFiles(options); !message.empty())
    return badUsage(command, message, err);
  options.given = givenTo(parser.app, command);
  if (std::string message = contradiction(options); !message.empty())
    return badUsage(command, message, err);
  return options;
}

} // namespace iptlint::driver
