#include "driver/Verify.h"
#include "driver/Comparable.h"
#include "driver/Difference.h"
#include "driver/Options.h"
#include "driver/ProofText.h"
#include "driver/ReadWhole.h"
#include "report/JsonWriter.h"
#include "report/PacketJson.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using smt::Comparison;
using smt::Verdict;

namespace {

/// What is to be told.
struct Answer {
  Comparison comparison;
  std::optional<Difference> difference;                  ///< where a packet shows it
  const ir::Ruleset *before = nullptr, *after = nullptr; ///< of the difference
};

} // namespace

static const ir::Ruleset *ofFamily(const parse::ParsedRules &parsed, packet::Family family) {
  auto found = llvm::find_if(parsed.rulesets, [&](const ir::Ruleset &ruleset) { return ruleset.family == family; });
  return found == parsed.rulesets.end() ? nullptr : &*found;
}

static Comparison onlyOneSide(packet::Family family, bool first) {
  Comparison comparison;
  comparison.result = Verdict::Different;
  comparison.reason = fmt::format("only the {} file has IPv{} rules", first ? "first" : "second", int(family));
  return comparison;
}

/// Solver and eval are two accounts of the same thing: where they disagree one of them is wrong, and nothing is known.
static void confirmDifference(Answer &answer) {
  answer.difference = confirm(*answer.before, *answer.after, answer.comparison);
  if (answer.difference)
    return;
  answer.comparison.result = Verdict::Unknown;
  answer.comparison.reason = "internal disagreement: the solver shows a packet that the evaluation does not confirm; "
                             "please report this with both files";
}

/// Text for nft asks the same in another order.
static Comparison compareInOneForm(const ir::Ruleset &before, const ir::Ruleset &after,
                                   const smt::Effort &effort) {
  if (before.form != ir::Form::Nftables && after.form != ir::Form::Nftables)
    return smt::compare(before, after, effort);
  return smt::compare(comparable(before), comparable(after), effort);
}

static Answer compareFamily(const ir::Ruleset *before, const ir::Ruleset *after, packet::Family family,
                            const smt::Effort &effort) {
  if (!before || !after)
    return {onlyOneSide(family, before), {}, before, after};
  Answer answer{compareInOneForm(*before, *after, effort), {}, before, after};
  if (answer.comparison.packet)
    confirmDifference(answer);
  return answer;
}

static Answer compareFiles(const parse::ParsedRules &before, const parse::ParsedRules &after,
                           const smt::Effort &effort) {
  std::vector<Answer> answers;
  std::vector<Comparison> parts;
  for (packet::Family family : {packet::Family::IPv4, packet::Family::IPv6}) {
    const ir::Ruleset *first = ofFamily(before, family), *second = ofFamily(after, family);
    if (!first && !second)
      continue;
    answers.push_back(compareFamily(first, second, family, effort));
    parts.push_back(answers.back().comparison);
  }
  Comparison whole = smt::summary(parts);
  auto decisive = llvm::find_if(answers, [&](const Answer &a) { return a.comparison.result == whole.result; });
  Answer answer = std::move(*decisive);
  answer.comparison = std::move(whole);
  return answer;
}

static llvm::StringRef resultText(Verdict result) {
  switch (result) {
  case Verdict::Equal:
    return "equal";
  case Verdict::Different:
    return "different";
  case Verdict::Unknown:
    return "unknown";
  }
  llvm_unreachable("three verdicts");
}

/// "filter INPUT: ", as far as it is known.
static std::string whereText(const Comparison &comparison) {
  std::string where = comparison.table;
  if (!comparison.chain.empty())
    where += " " + comparison.chain;
  return where.empty() ? where : where + ": ";
}

static void printText(const Answer &answer, const VerifyOptions &options, llvm::raw_ostream &out) {
  const Comparison &comparison = answer.comparison;
  out << resultText(comparison.result) << ": ";
  if (comparison.result == Verdict::Equal)
    out << "every packet is decided alike (" << comparison.queries << " questions to " << smt::solverVersion() << ", "
        << fmt::format("{:.2f}", comparison.seconds) << " s; " << comparison.unchanged << " chains unchanged)"
        << alikeText(comparison) << "\n";
  else if (!answer.difference)
    out << whereText(comparison) << comparison.reason << "\n";
  else {
    out << whereText(comparison) << "one packet is decided differently\n";
    printPacket(comparison, out);
    out << "  " << options.before << ": " << decisionText(answer.difference->before, *answer.before, comparison)
        << "\n  " << options.after << ": " << decisionText(answer.difference->after, *answer.after, comparison) << "\n";
  }
}

static void writeDecision(report::JsonWriter &json, llvm::StringRef name, const eval::Outcome &outcome) {
  json.attributeObject(name, [&] {
    json.attribute("fate", outcome.verdict);
    json.attributeArray("effects", [&] {
      for (const std::string &effect : outcome.effects)
        json.value(effect);
    });
  });
}

static void writeProof(report::JsonWriter &json, const Comparison &comparison) {
  json.attributeObject("proof", [&] { writeProofFields(json, comparison); });
}

static void printJson(const Answer &answer, llvm::raw_ostream &out) {
  const Comparison &comparison = answer.comparison;
  report::JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attribute("result", resultText(comparison.result));
    if (!comparison.reason.empty())
      json.attribute("reason", comparison.reason);
    if (!comparison.table.empty())
      json.attribute("table", comparison.table);
    if (!comparison.chain.empty())
      json.attribute("chain", comparison.chain);
    if (answer.difference) {
      json.name("packet");
      report::writePacket(json, *comparison.packet, comparison.before.state);
      writeDecision(json, "before", answer.difference->before);
      writeDecision(json, "after", answer.difference->after);
    }
    writeProof(json, comparison);
  });
  out << "\n";
}

static int exitCode(Verdict result) {
  switch (result) {
  case Verdict::Equal:
    return kExitClean;
  case Verdict::Different:
    return kExitFindings;
  case Verdict::Unknown:
    return kExitUndecided;
  }
  llvm_unreachable("three verdicts");
}

int runVerify(const VerifyOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::optional<parse::ParsedRules> before = readWhole(options.before, options.rules, err);
  std::optional<parse::ParsedRules> after = readWhole(options.after, options.rules, err);
  if (!before || !after)
    return kExitUnreadable;
  Answer answer = compareFiles(*before, *after, options.effort);
  if (options.json)
    printJson(answer, out);
  else
    printText(answer, options, out);
  return exitCode(answer.comparison.result);
}

} // namespace iptlint::driver
