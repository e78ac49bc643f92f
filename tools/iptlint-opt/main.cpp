// iptlint-opt: prints a rule set or a route table as it was read, or as named passes leave it, unproved.
//
// For those who work on iptlint itself; users have iptlint.
#include "emit/Emit.h"
#include "parse/Hosts.h"
#include "parse/Parse.h"
#include "pass/Registry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace iptlint;

static void print(const support::Source &source, const support::Diagnostic &finding) {
  support::LineColumn at = source.lineColumn(finding.at.begin);
  llvm::errs() << source.path() << ':' << at.line << ':' << at.column << ": " << support::name(finding.severity) << ": "
               << finding.message << " [" << finding.check << "]\n";
}

static int usage() {
  llvm::errs()
      << "usage: iptlint-opt [--family=4|6] [--input-format=save|S|L|commands] [--sets=FILE]... [--hosts=FILE]...\n"
         "                   [--to=save] [--normal | --passes=a,b] FILE\n"
         "       iptlint-opt --routes FILE\n"
         "Prints the rule set in FILE (- for standard input), with --routes the route table, as it was read;\n"
         "with --to=save, whatever its form, as text for iptables-restore: the rules that it leaves;\n"
         "with --normal the rule set as iptables-save prints it once it is loaded;\n"
         "with --passes the rule set as these leave it, without a proof:\n";
  for (const pass::Pass *pass : pass::allPasses())
    llvm::errs() << "  " << pass->id << ": " << pass->summary << '\n';
  return 2;
}

namespace {
struct Wishes {
  parse::RulesOptions rules;
  std::vector<std::shared_ptr<const support::Source>> sets;
  std::shared_ptr<parse::Hosts> hosts = std::make_shared<parse::Hosts>();
  std::vector<const pass::Pass *> passes;
  bool routes = false;
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

static bool readOption(llvm::StringRef word, Wishes &wishes) {
  if (word.consume_front("--sets="))
    return addSets(word, wishes);
  if (word.consume_front("--hosts="))
    return addHosts(word, wishes);
  if (word == "--routes")
    return wishes.routes = true;
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
  if (words.size() != 1 || (wishes.routes && asRules) || (wishes.rules.normal && !wishes.passes.empty()))
    return std::nullopt;
  wishes.path = words.front();
  return wishes;
}

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
  if (!wishes.passes.empty())
    for (ir::Ruleset &ruleset : parsed.rulesets)
      ruleset = pass::runPasses(ruleset, wishes.passes);
  llvm::outs() << (wishes.rules.normal || wishes.toSave ? emit::saveText(parsed.rulesets) : emit::rulesText(parsed.rulesets));
  return parsed.incomplete || sets.incomplete ? 2 : 0;
}

static int printRoutes(std::shared_ptr<const support::Source> source) {
  parse::ParsedNetwork parsed = parse::parseRoutes(source);
  for (const support::Diagnostic &finding : parsed.findings)
    print(*source, finding);
  llvm::outs() << emit::networkText(parsed.network);
  return parsed.incomplete ? 2 : 0;
}

int main(int count, char **arguments) {
  llvm::SmallVector<llvm::StringRef> words(arguments + 1, arguments + count);
  std::optional<Wishes> wishes = readCommandLine(words);
  if (!wishes)
    return usage();
  auto source = support::Source::read(wishes->path);
  if (!source) {
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  return wishes->routes ? printRoutes(*source) : printRules(*source, *wishes);
}
