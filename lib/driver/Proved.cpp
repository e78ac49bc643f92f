#include "driver/Proved.h"
#include "driver/Comparable.h"
#include "driver/Heading.h"
#include "driver/ReadWhole.h"
#include "emit/Emit.h"
#include "pass/Removal.h"
#include "pass/SetNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::driver {

using smt::Comparison;
using smt::Verdict;

// --- putting chains back

static bool callsChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

/// The chains that are roots, and all they reach.
static std::vector<uint32_t> reachedFrom(const ir::Table &table, llvm::function_ref<bool(const ir::Chain &)> isRoot) {
  std::vector<uint32_t> reached;
  std::vector<bool> seen(table.chains.size());
  auto reach = [&](uint32_t chain) {
    if (!seen[chain])
      reached.push_back(chain);
    seen[chain] = true;
  };
  for (uint32_t i = 0; i != table.chains.size(); ++i)
    if (isRoot(table.chains[i]))
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
  for (uint32_t reached : reachedFrom(original, [&](const ir::Chain &root) { return root.name == chain; })) {
    const ir::Chain &was = original.chains[reached];
    auto is = llvm::find_if(table.chains, [&](const ir::Chain &present) { return present.name == was.name; });
    if (is != table.chains.end())
      *is = was;
    else
      table.chains.push_back(was);
  }
  bindJumps(table);
}

/// Drops the chains that passes made and that nothing leads to any more.
static void dropMade(ir::Table &table, const ir::Table &original) {
  llvm::StringSet<> names;
  for (const ir::Chain &chain : original.chains)
    names.insert(chain.name);
  std::vector<bool> goes(table.chains.size(), true);
  for (uint32_t reached : reachedFrom(table, [&](const ir::Chain &root) { return names.contains(root.name); }))
    goes[reached] = false;
  table = pass::withoutChains(std::move(table), goes);
}

/// \param earlier  what the chain is put back to; \param original  whose chains stay, whether anything leads to them or not.
static void putBack(ir::Ruleset &ruleset, const ir::Ruleset &earlier, const ir::Ruleset &original,
                    const Comparison &unproved) {
  for (size_t i = 0; i != ruleset.tables.size(); ++i)
    if (ruleset.tables[i].name == unproved.table && !ruleset.tables[i].replaced) {
      putBack(ruleset.tables[i], earlier.tables[i], unproved.chain);
      dropMade(ruleset.tables[i], original.tables[i]);
    }
}

// --- proving

Output asSaved(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading) {
  auto print = [source = original.front().source](const Proved &proved) -> llvm::Expected<std::string> {
    return underHeading(emit::rulesText(proved.rulesets), *source);
  };
  return {print, std::move(reading)};
}

/// Of the sets that passes made, those that rules ask about as they are now.
static std::vector<ir::Set> setsAskedAbout(const Proved &proved) {
  llvm::StringSet<> names;
  for (const ir::Ruleset &ruleset : proved.rulesets)
    for (llvm::StringRef name : pass::setNamesIn(ruleset))
      names.insert(name);
  std::vector<ir::Set> asked;
  llvm::copy_if(proved.record.sets, std::back_inserter(asked),
                [&](const ir::Set &set) { return names.contains(set.name); });
  return asked;
}

/// Prints the sets of \p proved and reads them back. \returns what is wrong with the text; empty if nothing is.
static std::string printAndReadSets(const Output &output, Proved &proved, parse::RulesOptions &reading) {
  proved.sets = setsAskedAbout(proved);
  proved.setsText = proved.sets.empty() ? "" : output.printSets(proved);
  auto source = support::Source::fromText(proved.setsText, "the sets to be written");
  parse::ParsedSets back = parse::parseSets({source});
  reading.madeSets = back.sets;
  const auto &findings = back.files.front().findings;
  if (back.incomplete || !findings.empty())
    return "internal error: the sets to be written cannot be read back: " + firstError(*source, findings);
  return "";
}

/// Prints what \p proved holds and reads it back. \returns false, with the reason in the proof, where that cannot be
/// done.
static bool printAndRead(const Output &output, Proved &proved) {
  auto give = [&](const std::string &reason) {
    proved.proof.result = Verdict::Unknown;
    proved.proof.reason = reason;
    return false;
  };
  parse::RulesOptions reading = output.reading;
  if (output.printSets)
    if (std::string wrong = printAndReadSets(output, proved, reading); !wrong.empty())
      return give(wrong);
  llvm::Expected<std::string> text = output.print(proved);
  if (!text) {
    proved.unwritable = true;
    return give(llvm::toString(text.takeError()));
  }
  proved.text = *text;
  auto source = support::Source::fromText(proved.text, "the text to be written");
  parse::ParsedRules back = parse::parseRules(source, reading);
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

namespace {

/// What chains without a proof are put back to.
struct Earlier {
  const std::vector<ir::Ruleset> &original;
  std::vector<ir::Ruleset> tidied; ///< none where no pass runs once
};

} // namespace

/// Puts back what has no proof, one step further than it has been before; what is as it was is printed plainly. \returns
/// false if nothing could be done.
static bool leaveAlone(const std::vector<std::pair<size_t, Comparison>> &unproved, const Earlier &earlier,
                       Proved &proved) {
  bool any = false;
  for (const auto &[number, part] : unproved) {
    auto known = llvm::find_if(proved.leftAlone, [&, &part = part, number = number](const LeftAlone &left) {
      return left.ruleset == number && left.table == part.table && left.chain == part.chain;
    });
    if (part.chain.empty() || (known != proved.leftAlone.end() && known->plain))
      continue;
    any = true;
    if (known == proved.leftAlone.end()) {
      bool tidied = !earlier.tidied.empty();
      const std::vector<ir::Ruleset> &before = tidied ? earlier.tidied : earlier.original;
      putBack(proved.rulesets[number], before[number], earlier.original[number], part);
      llvm::erase_if(proved.record.lists, [&, &part = part](const pass::LeftAsList &list) {
        return list.table == part.table && list.chain == part.chain;
      });
      proved.leftAlone.push_back({number, part.table, part.chain, part.reason, tidied});
    } else if (known->tidied) {
      putBack(proved.rulesets[number], earlier.original[number], earlier.original[number], part);
      known->tidied = false;
    } else
      known->plain = true;
  }
  return any;
}

Proved runAndProve(const std::vector<ir::Ruleset> &original, const pass::Program &program, bool takers,
                   const Output &output, const smt::Effort &effort) {
  Proved proved;
  proved.record.takers = takers;
  Earlier earlier{original, {}};
  for (const ir::Ruleset &ruleset : original) {
    pass::Rewritten rewritten = pass::runProgram(ruleset, program, proved.record);
    proved.rulesets.push_back(std::move(rewritten.whole));
    if (!program.once.empty())
      earlier.tidied.push_back(std::move(rewritten.tidied));
  }
  while (true) {
    std::vector<std::pair<size_t, Comparison>> unproved = attempt(original, output, effort, proved);
    if (proved.proof.result != Verdict::Unknown || !leaveAlone(unproved, earlier, proved))
      return proved;
  }
}

} // namespace iptlint::driver
