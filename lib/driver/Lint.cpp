#include "driver/Lint.h"
#include "driver/Checks.h"
#include "driver/Selection.h"
#include "driver/Session.h"
#include "driver/Settle.h"
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
#include "llvm/Support/ThreadPool.h"
#include <future>

namespace iptlint::driver {

using lint::Check;
using llvm::StringRef;
using report::FileReport;
using support::Severity;

namespace {

/// What comes of all files together.
struct Run {
  std::vector<FileReport> files;
  bool unreadable = false; ///< a file, or a line of one
  bool failed = false;     ///< a finding is as bad as `--fail-on` says
  bool undecided = false;  ///< a rule is, where `--strict` asks for it

  void add(FileReport file, const Options &options) {
    failed |= llvm::any_of(file.findings, [&](const support::Diagnostic &finding) {
      return options.failOn && finding.severity <= *options.failOn;
    });
    undecided |= options.strict && report::totalsOf({file}).undecided != 0;
    files.push_back(std::move(file));
  }

  int exitCode() const {
    return unreadable ? kExitUnreadable : failed ? kExitFindings : undecided ? kExitUndecided : kExitClean;
  }
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

namespace {

/// A file on its way from the reader to the report. Facts point into it: it stays where it is.
struct File {
  std::shared_ptr<const support::Source> source;
  parse::ParsedRules parsed;
  const Session *session;
  std::vector<lint::Facts> facts = {};
};

} // namespace

static void gather(File &file) {
  const Options &options = file.session->options;
  lint::GatherOptions wanted;
  wanted.backEnd = options.rules.backEnd.value_or(ir::BackEnd::Legacy);
  wanted.budget = options.budget;
  wanted.perTable = options.perTable;
  wanted.extras = extrasFor(file.session->checks);
  for (const ir::Ruleset &ruleset : file.parsed.rulesets) {
    file.facts.push_back(lint::gatherFacts(ruleset, wanted));
    if (options.solver)
      settle(file.facts.back(), options.timeout);
    file.facts.back().sets = file.session->sets.get();
    file.facts.back().network = file.session->network.get();
    file.facts.back().settings = options.settings;
  }
  file.facts.front().parserFindings = file.parsed.findings;
}

/// Tells the rule sets of \p files of each other.
static void join(llvm::ArrayRef<File *> files) {
  std::vector<const lint::Facts *> machine;
  for (const File *file : files)
    for (const lint::Facts &facts : file->facts)
      machine.push_back(&facts);
  for (File *file : files)
    for (lint::Facts &facts : file->facts)
      facts.machine = machine;
}

static FileReport check(File &file) {
  lint::Outcome outcome = lint::runChecks(file.facts, file.session->checks);
  FileReport report{file.source, {}, std::move(outcome.findings), outcome.suppressed};
  addUnreadLines(file.parsed, file.session->checks, report);
  for (const lint::Facts &of : file.facts)
    report.rulesets.push_back(summarize(of));
  return report;
}

static FileReport lintFile(File &file) {
  gather(file);
  join({&file});
  return check(file);
}

/// Reads one file after the other and analyzes what was read meanwhile: the reader's threads would only wait for each
/// other (the ANTLR runtime shares its caches behind a lock). No answer depends on the order in which they come.
class Lint {
public:
  Lint(Sessions &sessions, unsigned jobs)
      : sessions(sessions), most(llvm::hardware_concurrency(jobs).compute_thread_count()), pool(llvm::hardware_concurrency(jobs)) {}

  Run run(llvm::ArrayRef<std::string> paths, llvm::raw_ostream &err) {
    Run run;
    alone = paths.size() == 1;
    for (const std::string &path : paths)
      read(path, run, err);
    checkMachines();
    for (Pending &each : pending)
      run.add(each.report.get(), each.session->options);
    return run;
  }

private:
  struct Pending {
    const Session *session;
    std::shared_future<FileReport> report = {};
    /// Of a machine of several files, until all of them are read.
    std::shared_ptr<File> file = nullptr;
    std::shared_future<void> gathered = {};

    void wait() const { file ? gathered.wait() : report.wait(); }
  };

  /// A single file is analyzed by the thread that waits for it: others get their memory page by page.
  template <typename Task> auto start(Task task) -> std::shared_future<decltype(task())> {
    if (alone)
      return std::async(std::launch::deferred, std::move(task)).share();
    return pool.async(std::move(task));
  }

  void read(const std::string &path, Run &run, llvm::raw_ostream &err) {
    const Session *session = sessions.of(path);
    auto source = support::Source::read(path);
    if (!source)
      err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
    run.unreadable |= !session || !source;
    if (!session || !source)
      return;
    // What was read waits in memory: not more of it than threads, and one file ahead.
    if (pending.size() > most)
      pending[pending.size() - most - 1].wait();
    auto file = std::make_shared<File>(File{*source, parse::parseRules(*source, session->options.rules), session});
    run.unreadable |= file->parsed.incomplete;
    if (session->options.together)
      pending.push_back({session, {}, file, start([file] { gather(*file); })});
    else
      pending.push_back({session, start([file = std::move(file)] { return lintFile(*file); })});
  }

  /// The files of one configuration with `together` are one machine.
  void checkMachines() {
    std::vector<const Session *> machines;
    for (const Pending &each : pending)
      if (each.file && !llvm::is_contained(machines, each.session))
        machines.push_back(each.session);
    for (const Session *machine : machines)
      checkMachine(machine);
  }

  void checkMachine(const Session *machine) {
    std::vector<File *> files;
    for (const Pending &each : pending)
      if (each.session == machine) {
        each.gathered.wait();
        files.push_back(each.file.get());
      }
    join(files);
    for (Pending &each : pending)
      if (each.session == machine)
        each.report = start([file = each.file] { return check(*file); });
  }

  Sessions &sessions;
  unsigned most;
  bool alone = false; ///< there is one file
  std::vector<Pending> pending;
  llvm::ThreadPool pool;
};

// --- all of them

static bool wantsColour(Colour colour) {
  if (colour != Colour::Auto)
    return colour == Colour::Always;
  const char *noColour = std::getenv("NO_COLOR");
  return !(noColour && *noColour) && llvm::sys::Process::StandardOutHasColors();
}

/// What was found in files of sets and in the network's texts goes first.
static void addOthers(const Sessions &sessions, Run &run) {
  std::vector<FileReport> rules = std::exchange(run.files, {});
  for (const auto &[config, session] : sessions.all())
    if (session) {
      run.unreadable |= session->incomplete;
      for (const FileReport &file : session->otherReports)
        run.add(file, session->options);
    }
  std::move(rules.begin(), rules.end(), std::back_inserter(run.files));
}

int runLint(const Options &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  if (std::string wrong = wrongCheckName(options.checks); !wrong.empty()) {
    err << "iptlint: --checks: " << wrong << "\n";
    return kExitUnreadable;
  }
  Sessions sessions(options, err);
  Run run = Lint(sessions, options.jobs).run(options.files, err);
  addOthers(sessions, run);
  if (options.format == Format::Json) {
    report::printJson(run.files, {version()}, out);
  } else {
    report::printText(run.files, wantsColour(options.colour), out);
    out.flush();
    if (!run.files.empty())
      report::printSummary(run.files, err);
  }
  return run.exitCode();
}

} // namespace iptlint::driver
