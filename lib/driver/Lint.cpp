#include "driver/Lint.h"
#include "driver/Checks.h"
#include "driver/ReadSets.h"
#include "driver/Selection.h"
#include "driver/Version.h"
#include "lint/Registry.h"
#include "lint/Run.h"
#include "lint/Unmodelled.h"
#include "parse/Parse.h"
#include "report/Json.h"
#include "report/Line.h"
#include "report/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Process.h"

namespace iptlint::driver {

using lint::Check;
using llvm::StringRef;
using report::FileReport;
using support::Severity;

namespace {

/// What came of all files together.
struct Run {
  std::vector<FileReport> files;
  bool unreadable = false; ///< a file, or a line of one
};

} // namespace

// --- one file

static report::RulesetSummary summarize(const lint::Facts &facts) {
  report::RulesetSummary summary;
  summary.family = facts.ruleset->family;
  summary.form = facts.ruleset->form;
  for (const lint::TableFacts &table : facts.tables) {
    summary.tables.push_back(table.table->name.str());
    summary.chains += table.table->chains.size();
  }
  lint::eachRule(facts, [&](const lint::RuleFacts &rule) {
    ++summary.rules;
    summary.undecided += rule.reach().status == analysis::Status::Unknown;
  });
  for (const lint::Unmodelled &option : lint::unmodelledOptions(*facts.ruleset))
    summary.unmodelled.push_back({option.option, option.rules});
  return summary;
}

/// Whatever checks are asked for, what could not be read is said: the exit code is 2 for it.
static void addUnreadLines(const parse::ParsedRules &parsed, llvm::ArrayRef<const Check *> checks, FileReport &file) {
  auto asksFor = [&](StringRef id) { return llvm::is_contained(checks, lint::findCheck(id)); };
  for (const support::Diagnostic &finding : parsed.findings)
    if ((finding.check == "syntax" || finding.check == "missing-commit") && finding.severity == Severity::Error &&
        !asksFor(finding.check))
      file.findings.push_back(finding);
  llvm::stable_sort(file.findings);
}

static analysis::Extras extrasFor(llvm::ArrayRef<const Check *> checks) {
  analysis::Extras extras;
  for (const Check *check : checks)
    if (check->needs)
      extras.*check->needs = true;
  return extras;
}

static FileReport lintFile(const std::shared_ptr<const support::Source> &source, const parse::ParsedRules &parsed,
                           const ir::Sets *sets, llvm::ArrayRef<const Check *> checks, const Options &options) {
  lint::GatherOptions gather{options.nft ? lint::Backend::Nft : lint::Backend::Legacy, options.budget,
                             /*witnesses=*/false, options.perTable, extrasFor(checks)};
  std::vector<lint::Facts> facts;
  for (const ir::Ruleset &ruleset : parsed.rulesets)
    facts.emplace_back(lint::gatherFacts(ruleset, gather)).sets = sets;
  facts.front().parserFindings = parsed.findings;

  lint::Outcome outcome = lint::runChecks(facts, checks);
  FileReport file{source, {}, std::move(outcome.findings), outcome.suppressed};
  addUnreadLines(parsed, checks, file);
  for (const lint::Facts &of : facts)
    file.rulesets.push_back(summarize(of));
  return file;
}

static void lintPath(const std::string &path, const std::shared_ptr<const ir::Sets> &sets, llvm::ArrayRef<const Check *> checks,
                     const Options &options, Run &run, llvm::raw_ostream &err) {
  auto source = support::Source::read(path);
  if (!source) {
    err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
    run.unreadable = true;
    return;
  }
  parse::RulesOptions rules = options.rules;
  rules.sets = sets;
  parse::ParsedRules parsed = parse::parseRules(*source, rules);
  run.unreadable |= parsed.incomplete;
  run.files.push_back(lintFile(*source, parsed, sets.get(), checks, options));
}

/// \returns the sets that rules may ask about; null where no file of them is named or one cannot be opened.
static std::shared_ptr<const ir::Sets> readSetsFor(const Options &options, Run &run, llvm::raw_ostream &err) {
  if (options.sets.empty())
    return nullptr;
  std::optional<parse::ParsedSets> parsed = readSets(options.sets, err);
  run.unreadable |= !parsed || parsed->incomplete;
  if (!parsed)
    return nullptr;
  for (parse::ParsedSets::File &file : parsed->files)
    if (!file.findings.empty())
      run.files.push_back({file.source, {}, std::move(file.findings), 0});
  return parsed->sets;
}

// --- all of them

static bool wantsColour(Colour colour) {
  if (colour != Colour::Auto)
    return colour == Colour::Always;
  const char *noColour = std::getenv("NO_COLOR");
  return !(noColour && *noColour) && llvm::sys::Process::StandardOutHasColors();
}

static int exitCode(const Run &run, const Options &options) {
  if (run.unreadable)
    return kExitUnreadable;
  for (const FileReport &file : run.files)
    for (const support::Diagnostic &finding : file.findings)
      if (options.failOn && finding.severity <= *options.failOn)
        return kExitFindings;
  return options.strict && report::totalsOf(run.files).undecided != 0 ? kExitUndecided : kExitClean;
}

int runLint(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  if (std::string wrong = wrongCheckName(options.checks); !wrong.empty()) {
    err << "iptlint: --checks: " << wrong << "\n";
    return kExitUnreadable;
  }
  std::vector<const Check *> checks = selectChecks(options.checks);
  Run run;
  std::shared_ptr<const ir::Sets> sets = readSetsFor(options, run, err);
  for (const std::string &path : options.files)
    lintPath(path, sets, checks, options, run, err);
  if (options.format == Format::Json) {
    report::printJson(run.files, {version()}, out);
  } else {
    report::printText(run.files, wantsColour(options.colour), out);
    out.flush();
    if (!run.files.empty())
      report::printSummary(run.files, err);
  }
  return exitCode(run, options);
}

} // namespace iptlint::driver
