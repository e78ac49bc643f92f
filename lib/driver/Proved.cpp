#include "driver/Proved.h"
#include "driver/Comparable.h"
#include "driver/Heading.h"
#include "driver/ReadWhole.h"
#include "emit/Emit.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::driver {

using smt::Comparison;
using smt::Verdict;

// --- putting chains back

static bool callsChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

/// The chain of this name and all it reaches.
static std::vector<uint32_t> reachedFrom(const ir::Table &table, llvm::StringRef name) {
  std::vector<uint32_t> reached;
  std::vector<bool> seen(table.chains.size());
  auto reach = [&](uint32_t chain) {
    if (!seen[chain])
      reached.push_back(chain);
    seen[chain] = true;
  };
  for (uint32_t i = 0; i != table.chains.size(); ++i)
    if (table.chains[i].name == name)
      reach(i);
  for (size_t next = 0; next != reached.size(); ++next)
    for (const ir::Rule &rule : table.chains[reached[next]].rules)
      if (callsChain(rule.target))
        reach(rule.target.chain);
  return reached;
}

static void bindJumps(ir::Table &table) {
  llvm::StringMap<uint32_t> numbers;
  for (uint32_t i = 0; i != table.chains.size(); ++i)
    numbers[table.chains[i].name] = i;
  for (ir::Chain &chain : table.chains)
    for (ir::Rule &rule : chain.rules)
      if (callsChain(rule.target))
        rule.target.chain = numbers.lookup(rule.target.name);
}

static void putBack(ir::Table &table, const ir::Table &original, llvm::StringRef chain) {
  for (uint32_t reached : reachedFrom(original, chain)) {
    const ir::Chain &was = original.chains[reached];
    auto is = llvm::find_if(table.chains, [&](const ir::Chain &present) { return present.name == was.name; });
    if (is != table.chains.end())
      *is = was;
    else
      table.chains.push_back(was);
  }
  bindJumps(table);
}

static void putBack(ir::Ruleset &ruleset, const ir::Ruleset &original, const Comparison &unproved) {
  for (size_t i = 0; i != ruleset.tables.size(); ++i)
    if (ruleset.tables[i].name == unproved.table && !ruleset.tables[i].replaced)
      putBack(ruleset.tables[i], original.tables[i], unproved.chain);
}

// --- proving

Output asSaved(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading) {
  auto print = [source = original.front().source](const Proved &proved) -> llvm::Expected<std::string> {
    return underHeading(emit::rulesText(proved.rulesets), *source);
  };
  return {print, std::move(reading)};
}

/// Prints what \p proved holds and reads it back. \returns false, with the reason in the proof, where that cannot be
/// done.
static bool printAndRead(const Output &output, Proved &proved) {
  auto give = [&](const std::string &reason) {
    proved.proof.result = Verdict::Unknown;
    proved.proof.reason = reason;
    return false;
  };
  llvm::Expected<std::string> text = output.print(proved);
  if (!text) {
    proved.unwritable = true;
    return give(llvm::toString(text.takeError()));
  }
  proved.text = *text;
  auto source = support::Source::fromText(proved.text, "the text to be written");
  parse::ParsedRules back = parse::parseRules(source, output.reading);
  proved.readBack = back.rulesets;
  if (back.incomplete || back.rulesets.size() != proved.rulesets.size())
    return give("internal error: the text to be written cannot be read back: " + firstError(*source, back.findings));
  return true;
}

static std::vector<Comparison> compareOne(const ir::Ruleset &before, const ir::Ruleset &after, const Output &output,
                                          const smt::Effort &effort) {
  if (!output.inOneForm)
    return smt::compareChains(before, after, effort);
  return smt::compareChains(comparable(before), comparable(after), effort);
}

/// One attempt: the text of \p proved, read back and compared. \returns the chains without a proof, with the number
/// of their rule set.
static std::vector<std::pair<size_t, Comparison>> attempt(const std::vector<ir::Ruleset> &original,
                                                          const Output &output, const smt::Effort &effort,
                                                          Proved &proved) {
  // What earlier attempts asked counts too.
  Comparison earlier;
  earlier.result = Verdict::Equal;
  earlier.queries = proved.proof.queries;
  earlier.seconds = proved.proof.seconds;
  std::vector<Comparison> wholes{earlier};
  std::vector<std::pair<size_t, Comparison>> unproved;
  if (!printAndRead(output, proved))
    return unproved;
  for (size_t i = 0; i != original.size(); ++i) {
    std::vector<Comparison> parts = compareOne(original[i], proved.readBack[i], output, effort);
    wholes.push_back(smt::summary(parts));
    if (wholes.back().result == Verdict::Different)
      proved.differing = i;
    for (const Comparison &part : parts)
      if (part.result == Verdict::Unknown)
        unproved.emplace_back(i, part);
  }
  proved.proof = smt::summary(wholes);
  return unproved;
}

/// Puts back what has no proof; what has been put back is printed plainly. \returns false if nothing could be done.
static bool leaveAlone(const std::vector<std::pair<size_t, Comparison>> &unproved,
                       const std::vector<ir::Ruleset> &original, Proved &proved) {
  bool any = false;
  for (const auto &[number, part] : unproved) {
    auto known = llvm::find_if(proved.leftAlone, [&, &part = part, number = number](const LeftAlone &left) {
      return left.ruleset == number && left.table == part.table && left.chain == part.chain;
    });
    if (part.chain.empty() || (known != proved.leftAlone.end() && known->plain))
      continue;
    any = true;
    if (known != proved.leftAlone.end()) {
      known->plain = true;
      continue;
    }
    putBack(proved.rulesets[number], original[number], part);
    proved.leftAlone.push_back({number, part.table, part.chain, part.reason});
  }
  return any;
}

Proved runAndProve(const std::vector<ir::Ruleset> &original, const pass::Program &program, bool takers,
                   const Output &output, const smt::Effort &effort) {
  Proved proved;
  proved.record.takers = takers;
  for (const ir::Ruleset &ruleset : original)
    proved.rulesets.push_back(pass::runProgram(ruleset, program, proved.record));
  while (true) {
    std::vector<std::pair<size_t, Comparison>> unproved = attempt(original, output, effort, proved);
    if (proved.proof.result != Verdict::Unknown || !leaveAlone(unproved, original, proved))
      return proved;
  }
}

} // namespace iptlint::driver
