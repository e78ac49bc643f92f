// iptlint-opt: prints a rule set, a route table or a network as it was read, or a rule set as named passes leave it,
// unproved or each proved by itself.
//
// For those who work on iptlint itself; users have iptlint.
#include "Network.h"
#include "Print.h"
#include "emit/Emit.h"
#include "parse/Hosts.h"
#include "parse/Parse.h"
#include "pass/Registry.h"
#include "smt/Equivalent.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace iptlint;

void print(const support::Source &source, const support::Diagnostic &finding) {
  support::LineColumn at = source.lineColumn(finding.at.begin);
  llvm::errs() << source.path() << ':' << at.line << ':' << at.column << ": " << support::name(finding.severity) << ": "
               << finding.message << " [" << finding.check << "]\n";
}

static int usage() {
  llvm::errs()
      << "usage: iptlint-opt [--family=4|6] [--input-format=save|S|L|commands] [--sets=FILE]... [--hosts=FILE]...\n"
         "                   [--to=save] [--normal | --passes=a,b [--verify-each] [--visits]\n"
         "                   [--costs=RULE,CHAIN,BRANCHES]] FILE\n"
         "       iptlint-opt --passes=\n"
         "       iptlint-opt --routes [--hosts=FILE]... FILE\n"
         "       iptlint-opt --network [--routes=FILE]... [--rules=FILE]... [--addresses=FILE]... [--bridges=FILE]...\n"
         "                   [--sysctl=FILE|NAME=VALUE]... [--hosts=FILE]...\n"
         "Prints the rule set in FILE (- for standard input), with --routes the route table, as it was read;\n"
         "with --to=save, whatever its form, as text for iptables-restore: the rules that it leaves;\n"
         "with --normal the rule set as iptables-save prints it once it is loaded;\n"
         "with --passes the rule set as these leave it, without a proof; with --verify-each what each of them leaves is\n"
         "proved equal to what it was given, and where it is not, that is said and nothing printed (1: different, 3: unknown).\n"
         "With --costs trees are made for these prices in nanoseconds, and for so many branches.\n"
         "With --visits it is said how many rules a packet visits in chains that were made trees.\n"
         "--passes= lists the passes; --network prints what the texts say of the network, a thing a line.\n";
  return 2;
}

namespace {
struct Wishes {
  parse::RulesOptions rules;
  std::vector<std::shared_ptr<const support::Source>> sets;
  std::shared_ptr<parse::Hosts> hosts = std::make_shared<parse::Hosts>();
  std::vector<const pass::Pass *> passes;
  bool listPasses = false;
  bool verifyEach = false;
  bool visits = false;
  std::optional<tree::CostModel> costs;
  bool routes = false;
  bool network = false;
  std::vector<llvm::StringRef> networkTexts;
  bool toSave = false;
  llvm::StringRef path;
};
} // namespace

/// \returns false, having said so, where a name is no pass's.
static bool namePasses(llvm::StringRef names, std::vector<const pass::Pass *> &passes) {
  llvm::SmallVector<llvm::StringRef> split;
  names.split(split, ',');
  for (llvm::StringRef name : split) {
    passes.push_back(pass::findPass(name));
    if (!passes.back()) {
      llvm::errs() << "iptlint-opt: there is no pass " << name << '\n';
      return false;
    }
  }
  return true;
}

static bool addSets(llvm::StringRef path, Wishes &wishes) {
  auto source = support::Source::read(path);
  if (source)
    wishes.sets.push_back(*source);
  else
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
  return bool(source);
}

static bool addHosts(llvm::StringRef path, Wishes &wishes) {
  auto source = support::Source::read(path);
  if (!source) {
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
    return false;
  }
  if (unsigned line = wishes.hosts->add((*source)->text())) {
    llvm::errs() << "iptlint-opt: " << path << ':' << line << ": a line of hosts begins with an address\n";
    return false;
  }
  wishes.rules.hosts = wishes.hosts;
  return true;
}

/// "4,30,16": nanoseconds for a rule and a chain, and how many branches a node should have. Where a chain costs less than
/// nothing, trees are made of the smallest lists.
static bool readCosts(llvm::StringRef word, Wishes &wishes) {
  int perRule = 0, perChain = 0;
  unsigned fanOut = 0;
  auto [rule, rest] = word.split(',');
  auto [chain, branches] = rest.split(',');
  if (rule.getAsInteger(10, perRule) || chain.getAsInteger(10, perChain) || branches.getAsInteger(10, fanOut) || fanOut < 2)
    return false;
  wishes.costs = tree::CostModel{double(perRule), double(perChain), fanOut};
  return true;
}

static bool readOption(llvm::StringRef word, Wishes &wishes) {
  if (word.consume_front("--sets="))
    return addSets(word, wishes);
  if (word.consume_front("--hosts="))
    return addHosts(word, wishes);
  if (word == "--passes=")
    return wishes.listPasses = true;
  if (word == "--visits")
    return wishes.visits = true;
  if (word.consume_front("--costs="))
    return readCosts(word, wishes);
  if (word == "--verify-each")
    return wishes.verifyEach = true;
  if (word == "--routes")
    return wishes.routes = true;
  if (word == "--network")
    return wishes.network = true;
  if (isNetworkText(word)) {
    wishes.networkTexts.push_back(word);
    return true;
  }
  if (word == "--to=save")
    return wishes.toSave = true;
  if (word == "--normal")
    return wishes.rules.normal = true;
  if (word == "--family=4" || word == "--family=6") {
    wishes.rules.family = word.endswith("4") ? packet::Family::IPv4 : packet::Family::IPv6;
    return true;
  }
  if (word.consume_front("--input-format=")) {
    wishes.rules.form = ir::formNamed(word);
    return wishes.rules.form.has_value();
  }
  return word.consume_front("--passes=") && namePasses(word, wishes.passes);
}

static std::optional<Wishes> readCommandLine(llvm::ArrayRef<llvm::StringRef> words) {
  Wishes wishes;
  for (; !words.empty() && words.front().startswith("-") && words.front() != "-"; words = words.drop_front())
    if (!readOption(words.front(), wishes))
      return std::nullopt;
  bool asRules = wishes.rules.family || wishes.rules.form || wishes.rules.normal || !wishes.passes.empty();
  if (wishes.network == wishes.networkTexts.empty() || (wishes.network && (asRules || wishes.routes || wishes.listPasses)))
    return std::nullopt;
  if ((wishes.listPasses || wishes.network) && words.empty())
    return wishes;
  if (words.size() != 1 || (wishes.routes && asRules) || (wishes.rules.normal && !wishes.passes.empty()) ||
      (wishes.verifyEach && wishes.passes.empty()) || wishes.listPasses || wishes.network)
    return std::nullopt;
  wishes.path = words.front();
  return wishes;
}

static int listPasses() {
  for (const pass::Pass *pass : pass::allPasses())
    llvm::outs() << pass->id << ": " << pass->summary << '\n';
  return 0;
}

// --- passes

static llvm::StringRef resultText(smt::Verdict verdict) {
  return verdict == smt::Verdict::Equal ? "equal" : verdict == smt::Verdict::Different ? "different" : "unknown";
}

static int exitCode(smt::Verdict verdict) {
  return verdict == smt::Verdict::Equal ? 0 : verdict == smt::Verdict::Different ? 1 : 3;
}

/// Whether a pass left what it was given, once its text is read back.
static smt::Comparison verify(const std::vector<ir::Ruleset> &before, const std::vector<ir::Ruleset> &after,
                              const parse::RulesOptions &reading) {
  parse::ParsedRules back = parse::parseRules(support::Source::fromText(emit::rulesText(after)), reading);
  smt::Comparison unread;
  unread.reason = "what it leaves cannot be read back";
  if (back.incomplete || back.rulesets.size() != before.size())
    return unread;
  std::vector<smt::Comparison> parts;
  for (size_t i = 0; i != before.size(); ++i)
    parts.push_back(smt::compare(before[i], back.rulesets[i], {std::chrono::seconds(60)}));
  return smt::summary(parts);
}

static void say(const pass::Pass &pass, const smt::Comparison &comparison) {
  llvm::errs() << pass.id << ": " << resultText(comparison.result);
  if (!comparison.table.empty() && comparison.result != smt::Verdict::Equal)
    llvm::errs() << ", " << comparison.table << ' ' << comparison.chain;
  if (!comparison.reason.empty())
    llvm::errs() << ": " << comparison.reason;
  if (comparison.packet)
    llvm::errs() << ": " << packet::inIptablesWords(*comparison.packet);
  llvm::errs() << '\n';
}

/// What a pass found out about how many rules a packet visits; it is not said again of the next.
static void sayVisits(pass::Record &record) {
  for (const pass::Faster &chain : record.faster)
    llvm::errs() << llvm::formatv("{0} {1}: a packet visits {2:F1} rules before, {3:F1} after\n", chain.table, chain.chain,
                                  chain.before, chain.after);
  record.faster.clear();
}

/// \returns the exit code.
static int runPasses(std::vector<ir::Ruleset> &rulesets, const Wishes &wishes, parse::RulesOptions reading) {
  reading.form = ir::Form::Save;
  if (rulesets.size() == 1)
    reading.family = rulesets.front().family;
  pass::Record record;
  record.costs = wishes.costs.value_or(record.costs);
  for (const pass::Pass *pass : wishes.passes) {
    std::vector<ir::Ruleset> before = rulesets;
    for (ir::Ruleset &ruleset : rulesets)
      ruleset = pass->run(ruleset, record);
    if (wishes.visits)
      sayVisits(record);
    if (!wishes.verifyEach)
      continue;
    smt::Comparison comparison = verify(before, rulesets, reading);
    say(*pass, comparison);
    if (int code = exitCode(comparison.result))
      return code;
  }
  return 0;
}

// --- printing

static int printRules(std::shared_ptr<const support::Source> source, const Wishes &wishes) {
  parse::ParsedSets sets = parse::parseSets(wishes.sets);
  for (const parse::ParsedSets::File &file : sets.files)
    for (const support::Diagnostic &finding : file.findings)
      print(*file.source, finding);
  parse::RulesOptions wanted = wishes.rules;
  if (!wishes.sets.empty())
    wanted.sets = sets.sets;
  parse::ParsedRules parsed = parse::parseRules(source, wanted);
  for (const support::Diagnostic &finding : parsed.findings)
    print(*source, finding);
  if (int code = runPasses(parsed.rulesets, wishes, wanted))
    return code;
  llvm::outs() << (wishes.rules.normal || wishes.toSave ? emit::saveText(parsed.rulesets) : emit::rulesText(parsed.rulesets));
  return parsed.incomplete || sets.incomplete ? 2 : 0;
}

static int printRoutes(std::shared_ptr<const support::Source> source, const Wishes &wishes) {
  parse::ParsedRoutes parsed = parse::parseRoutes(source, wishes.rules.hosts);
  for (const support::Diagnostic &finding : parsed.findings)
    print(*source, finding);
  llvm::outs() << emit::routesText(parsed.routes);
  return parsed.incomplete ? 2 : 0;
}

int main(int count, char **arguments) {
  llvm::SmallVector<llvm::StringRef> words(arguments + 1, arguments + count);
  std::optional<Wishes> wishes = readCommandLine(words);
  if (!wishes)
    return usage();
  if (wishes->listPasses)
    return listPasses();
  if (wishes->network)
    return printNetwork(wishes->networkTexts, wishes->rules.hosts);
  auto source = support::Source::read(wishes->path);
  if (!source) {
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  return wishes->routes ? printRoutes(*source, *wishes) : printRules(*source, *wishes);
}
