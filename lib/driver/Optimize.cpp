#include "driver/Optimize.h"
#include "driver/Difference.h"
#include "driver/OptimizeReport.h"
#include "driver/Options.h"
#include "driver/ProofText.h"
#include "driver/Proved.h"
#include "driver/ReadWhole.h"
#include "driver/Reasons.h"
#include "driver/TextDiff.h"
#include "driver/ToIpset.h"
#include "driver/ToNftables.h"
#include "driver/Visits.h"
#include "driver/WholeFile.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using smt::Verdict;

/// Of a fragment only what is dead is certain, and no chain of it can be proved: other rules may stand before.
static bool isFragment(const std::vector<ir::Ruleset> &rulesets) {
  return llvm::any_of(rulesets, [](const ir::Ruleset &ruleset) {
    return llvm::any_of(ruleset.tables, [](const ir::Table &table) { return table.fragment; });
  });
}

// --- what is said

static void sayRefused(const std::vector<ir::Ruleset> &original, const Proved &proved, llvm::raw_ostream &err) {
  const smt::Comparison &proof = proved.proof;
  if (proved.unwritable) {
    err << report::printable("iptlint: nothing is written: " + proof.reason) << "\n";
    return;
  }
  if (proof.result == Verdict::Unknown) {
    err << "iptlint: nothing is written: no proof that every packet is decided alike: " << proof.reason << "\n";
    return;
  }
  err << "iptlint: nothing is written: the result decides a packet differently, which is a mistake in iptlint; "
         "please report it with the input\n";
  if (!proof.packet) {
    err << "  " << proof.reason << "\n";
    return;
  }
  printPacket(proof, err);
  const ir::Ruleset &before = original[proved.differing], &after = proved.readBack[proved.differing];
  if (std::optional<Difference> difference = confirm(before, after, proof))
    err << "  before: " << decisionText(difference->before, before, proof)
        << "\n  after: " << decisionText(difference->after, after, proof) << "\n";
  else
    err << "  the evaluation does not confirm it: the mistake may be in the proof\n";
}

static std::string setsSummary(const Proved &proved, const std::string &path) {
  size_t members = 0;
  for (const ir::Set &set : proved.sets)
    members += set.members.size();
  if (proved.sets.empty())
    return fmt::format("no rules differ in addresses alone so often that a set pays: {} is not written", path);
  return fmt::format("{} {} with {} members in {}: load it before the rules, with ipset -exist restore", proved.sets.size(),
                     proved.sets.size() == 1 ? "set" : "sets", members, path);
}

static void saySummary(const std::vector<ir::Ruleset> &original, const Proved &proved, const OptimizeOptions &options,
                       llvm::raw_ostream &err) {
  Size before = sizeOf(original), after = sizeOf(proved.rulesets);
  std::string change = after.rules > before.rules
                           ? fmt::format("{} rules, from {}", after.rules, before.rules)
                           : fmt::format("{} of {} rules removed", before.rules - after.rules, before.rules);
  err << fmt::format("{}; proved equal in {:.2f} s ({} questions to {}, {} chains unchanged){}\n", change,
                     proved.proof.seconds, proved.proof.queries, smt::solverVersion(), proved.proof.unchanged,
                     alikeText(proved.proof));
  for (const Visited &chain : visitsOf(original, proved))
    if (std::string text = visitsText(chain); !text.empty())
      err << report::printable(text) << "\n";
  if (!options.setsOut.empty())
    err << report::printable(setsSummary(proved, options.setsOut)) << "\n";
  for (const pass::LeftAsList &list : proved.record.lists)
    err << report::printable(fmt::format("{} {}: {} rules are left as a list: {}", list.table.str(), list.chain.str(),
                                         list.rules, list.why))
        << "\n";
  for (const LeftAlone &left : proved.leftAlone)
    err << report::printable(fmt::format("{} {} is {}: {}", left.table, left.chain,
                                         left.tidied ? "tidied, and no more" : "left as it was", left.why))
        << "\n";
}

// --- the diff

/// A diff is of lines, and those of a listing or a script are none that could be written back.
static bool isSave(const std::vector<ir::Ruleset> &rulesets) {
  return llvm::all_of(rulesets, [](const ir::Ruleset &ruleset) { return ruleset.form == ir::Form::Save; });
}

/// By line of the original: the changes that say why it is not as it was.
static std::map<unsigned, std::vector<const pass::Change *>> changesByLine(const std::vector<ir::Ruleset> &original,
                                                                           const Proved &proved) {
  std::map<unsigned, std::vector<const pass::Change *>> changes;
  for (const pass::Change *change : changesIn(proved.rulesets, proved.record.changes, original))
    for (ir::SourceRange at : change->rules)
      changes[original.front().lineColumn(at).line].push_back(change);
  return changes;
}

static std::string diffText(const std::vector<ir::Ruleset> &original, const Proved &proved) {
  const support::Source &input = *original.front().source;
  RulePlaces places(original);
  auto changes = changesByLine(original, proved);
  auto reasons = [&](const std::vector<unsigned> &gone) {
    std::vector<const pass::Change *> told;
    for (unsigned line : gone)
      for (const pass::Change *change : changes[line])
        if (!llvm::is_contained(told, change))
          told.push_back(change);
    std::vector<std::string> lines;
    for (const std::string &reason : reasonsOf(told, places))
      lines.push_back(report::printable(reason));
    if (lines.empty())
      lines.push_back(gone.empty() ? "what this was made from" : "written as iptables-save does");
    return lines;
  };
  return unifiedDiff(input.text(), proved.text, report::printable(input.path()), reasons);
}

// --- the flow

/// All of them, or none.
static bool writeFiles(llvm::ArrayRef<TextFile> files, llvm::raw_ostream &err) {
  llvm::Error error = writeTogether(files);
  if (!error)
    return true;
  err << "iptlint: " << report::printable(llvm::toString(std::move(error))) << "\n";
  return false;
}

static bool writeReport(const std::string &path, const std::string &text, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  if (path != "-")
    return path.empty() || writeFiles(TextFile{path, text}, err);
  out << text;
  return true;
}

/// Why the input is not optimized; empty where nothing speaks against it.
static std::string refusal(const std::vector<ir::Ruleset> &original, const OptimizeOptions &options) {
  if (isFragment(original))
    return "no chain is declared, so other rules may stand before these; nothing is written";
  if (options.diff && !isSave(original))
    return "--diff shows lines of what iptables-save prints, which this is not; without it the rules are written as "
           "such";
  if (options.diff && options.to == OutputForm::Nftables)
    return "--diff shows lines of what iptables-save prints, and --to=nftables writes none";
  if (options.diff && options.output == "-")
    return "--diff and -o - would both print to standard output";
  return "";
}

static bool writeResults(const std::vector<ir::Ruleset> &original, const Proved &proved, const OptimizeOptions &options,
                         llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::vector<TextFile> files;
  if (!proved.setsText.empty())
    files.push_back({options.setsOut, proved.setsText});
  bool toFile = !options.output.empty() && options.output != "-";
  if (toFile)
    files.push_back({options.output, proved.text});
  if (!writeFiles(files, err))
    return false;
  if (options.diff)
    out << diffText(original, proved);
  else if (!toFile)
    out << proved.text;
  return true;
}

/// How the input is read: so that the proof can compare its texts with those of what is written.
static parse::RulesOptions readingOf(const OptimizeOptions &options) {
  parse::RulesOptions reading = options.rules;
  reading.normalTexts = options.to == OutputForm::Nftables;
  return reading;
}

static Output outputFor(const std::vector<ir::Ruleset> &original, const OptimizeOptions &options) {
  parse::RulesOptions again = readingOf(options);
  again.form = ir::Form::Save;
  if (original.size() == 1)
    again.family = original.front().family;
  switch (options.to) {
  case OutputForm::Nftables:
    return asNftables(original, std::move(again));
  case OutputForm::Ipset:
    return asIpset(original, std::move(again), options.setsOut);
  case OutputForm::Legacy:
  case OutputForm::Nft:
    return asSaved(original, std::move(again));
  }
  llvm_unreachable("every form is above");
}

static pass::Program programFor(const std::vector<ir::Ruleset> &original, const OptimizeOptions &options) {
  pass::Program program = options.program;
  takeSetNames(original, options.rules.sets.get(), program);
  return program;
}

int runOptimize(const OptimizeOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::optional<parse::ParsedRules> parsed = readWhole(options.input, readingOf(options), err);
  if (!parsed)
    return kExitUnreadable;
  const std::vector<ir::Ruleset> &original = parsed->rulesets;
  if (std::string why = refusal(original, options); !why.empty()) {
    err << "iptlint: " << report::printable(options.input) << ": " << why << "\n";
    return kExitUnreadable;
  }
  Proved proved = runAndProve(original, programFor(original, options), options.diff, outputFor(original, options), options.effort);
  if (!writeReport(options.report, reportText(original, proved), out, err))
    return kExitUnreadable;
  if (proved.proof.result != Verdict::Equal) {
    sayRefused(original, proved, err);
    return kExitUndecided;
  }
  if (std::string why = lostWith(options.setsOut, proved); !why.empty()) {
    err << "iptlint: " << report::printable(options.setsOut + ": " + why) << "\n";
    return kExitUnreadable;
  }
  if (!writeResults(original, proved, options, out, err))
    return kExitUnreadable;
  saySummary(original, proved, options, err);
  return kExitClean;
}

} // namespace iptlint::driver
