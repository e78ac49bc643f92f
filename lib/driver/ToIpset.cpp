#include "driver/ToIpset.h"
#include "driver/Heading.h"
#include "driver/Version.h"
#include "emit/Emit.h"
#include "pass/SetNames.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <fmt/format.h>

namespace iptlint::driver {

static std::string setsHeading(const support::Source &input, const std::string &setsPath) {
  return fmt::format(
      "# Sets by iptlint {} for what it made of {}; load them before the rules: ipset -exist restore -file {}\n",
      version().str(), nameAndHash(input.path(), input.text()), report::printable(setsPath));
}

static std::string loadedFirst(const std::string &setsPath, const Proved &proved) {
  if (proved.sets.empty())
    return "";
  return fmt::format(", with the sets in {}: load them first", nameAndHash(setsPath, proved.setsText));
}

Output asIpset(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading, const std::string &setsPath) {
  auto source = original.front().source;
  auto print = [source, setsPath](const Proved &proved) -> llvm::Expected<std::string> {
    return underHeading(emit::rulesText(proved.rulesets), *source, loadedFirst(setsPath, proved));
  };
  auto printSets = [source, setsPath](const Proved &proved) {
    return setsHeading(*source, setsPath) + emit::setsText(proved.sets);
  };
  return {print, std::move(reading), /*inOneForm=*/false, printSets};
}

void takeSetNames(const std::vector<ir::Ruleset> &original, const ir::Sets *known, pass::Program &program) {
  for (const ir::Ruleset &ruleset : original)
    for (llvm::StringRef name : pass::setNamesIn(ruleset))
      program.takenSetNames.push_back(name.str());
  if (known)
    for (const ir::Set &set : known->sets)
      program.takenSetNames.push_back(set.name.str());
}

std::string lostWith(const std::string &setsPath, const Proved &proved) {
  if (proved.sets.empty() || !llvm::sys::fs::is_regular_file(setsPath))
    return "";
  auto source = support::Source::read(setsPath);
  if (!source) {
    llvm::consumeError(source.takeError());
    return "";
  }
  parse::ParsedSets there = parse::parseSets({*source});
  for (const ir::Ruleset &ruleset : proved.rulesets)
    for (llvm::StringRef name : pass::setNamesIn(ruleset)) {
      bool isWritten = llvm::any_of(proved.sets, [&](const ir::Set &set) { return set.name == name; });
      if (!isWritten && there.sets->find(name))
        return fmt::format("it defines the set {}, which the rules ask about: name another file for --sets-out",
                           name.str());
    }
  return "";
}

} // namespace iptlint::driver
