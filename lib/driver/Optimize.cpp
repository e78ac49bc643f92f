#include "driver/Optimize.h"
#include "driver/Difference.h"
#include "driver/Options.h"
#include "driver/Proved.h"
#include "driver/ReadWhole.h"
#include "driver/WholeFile.h"
#include "report/JsonWriter.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using smt::Verdict;

namespace {
struct Size {
  size_t rules = 0, chains = 0;
};
} // namespace

static Size sizeOf(const std::vector<ir::Ruleset> &rulesets) {
  Size size;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables)
      for (const ir::Chain &chain : table.chains) {
        ++size.chains;
        size.rules += chain.rules.size();
      }
  return size;
}

/// Of a fragment only what is dead is certain, and no chain of it can be proved: other rules may stand before.
static bool isFragment(const std::vector<ir::Ruleset> &rulesets) {
  return llvm::any_of(rulesets, [](const ir::Ruleset &ruleset) {
    return llvm::any_of(ruleset.tables, [](const ir::Table &table) { return table.fragment; });
  });
}

// --- the report

static llvm::StringRef resultText(Verdict result) {
  return result == Verdict::Equal ? "equal" : result == Verdict::Different ? "different" : "unknown";
}

static void writeSize(report::JsonWriter &json, llvm::StringRef name, Size size) {
  json.attributeObject(name, [&] {
    json.attribute("rules", int64_t(size.rules));
    json.attribute("chains", int64_t(size.chains));
  });
}

static std::string reportText(const std::vector<ir::Ruleset> &original, const Proved &proved) {
  std::string text;
  llvm::raw_string_ostream out(text);
  report::JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    writeSize(json, "before", sizeOf(original));
    writeSize(json, "after", sizeOf(proved.rulesets));
    json.attributeObject("proof", [&] {
      json.attribute("result", resultText(proved.proof.result));
      json.attribute("seconds", proved.proof.seconds);
      json.attribute("queries", proved.proof.queries);
      json.attribute("unchanged", proved.proof.unchanged);
      json.attribute("solver", smt::solverVersion());
    });
    json.attributeArray("left_alone", [&] {
      for (const LeftAlone &left : proved.leftAlone)
        json.object([&] {
          json.attribute("table", left.table);
          json.attribute("chain", left.chain);
          json.attribute("why", left.why);
        });
    });
  });
  out << "\n";
  return out.str();
}

// --- what is said

static void sayRefused(const std::vector<ir::Ruleset> &original, const Proved &proved, llvm::raw_ostream &err) {
  const smt::Comparison &proof = proved.proof;
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

static void saySummary(const std::vector<ir::Ruleset> &original, const Proved &proved, llvm::raw_ostream &err) {
  Size before = sizeOf(original), after = sizeOf(proved.rulesets);
  err << fmt::format("{} of {} rules removed; proved equal in {:.2f} s ({} questions to {}, {} chains unchanged)\n",
                     before.rules - after.rules, before.rules, proved.proof.seconds, proved.proof.queries,
                     smt::solverVersion(), proved.proof.unchanged);
  for (const LeftAlone &left : proved.leftAlone)
    err << report::printable(fmt::format("{} {} is left as it was: {}", left.table, left.chain, left.why)) << "\n";
}

// --- the flow

static bool write(const std::string &path, const std::string &text, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  if (path.empty() || path == "-") {
    out << text;
    return true;
  }
  llvm::Error error = writeWhole(path, text);
  if (!error)
    return true;
  err << "iptlint: " << report::printable(llvm::toString(std::move(error))) << "\n";
  return false;
}

int runOptimize(const OptimizeOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::optional<parse::ParsedRules> parsed = readWhole(options.input, options.rules, err);
  if (!parsed)
    return kExitUnreadable;
  const std::vector<ir::Ruleset> &original = parsed->rulesets;
  if (isFragment(original)) {
    err << "iptlint: " << report::printable(options.input)
        << ": no chain is declared, so other rules may stand before these; nothing is written\n";
    return kExitUnreadable;
  }
  parse::RulesOptions again = options.rules;
  again.form = ir::Form::Save;
  if (original.size() == 1)
    again.family = original.front().family;
  Proved proved = runAndProve(original, options.passes, again, options.timeout);
  if (!options.report.empty() && !write(options.report, reportText(original, proved), out, err))
    return kExitUnreadable;
  if (proved.proof.result != Verdict::Equal) {
    sayRefused(original, proved, err);
    return kExitUndecided;
  }
  if (!write(options.output, proved.text, out, err))
    return kExitUnreadable;
  saySummary(original, proved, err);
  return kExitClean;
}

} // namespace iptlint::driver
