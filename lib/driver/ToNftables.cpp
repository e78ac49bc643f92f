#include "driver/ToNftables.h"
#include "driver/Heading.h"
#include "emit/Emit.h"
#include "emit/Nftables.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

/// "filter: -m string (3 rules, first at line 7)"
static std::string textOf(const emit::NftObstacle &obstacle) {
  std::string text = obstacle.table + ": " + obstacle.what;
  if (obstacle.rules == 0)
    return text;
  return text + (obstacle.rules == 1 ? fmt::format(" (line {})", obstacle.line)
                                     : fmt::format(" ({} rules, first at line {})", obstacle.rules, obstacle.line));
}

/// What of the original stands in the way; lines count there. Passes leave nothing new behind.
static llvm::Error obstacles(const std::vector<ir::Ruleset> &original, llvm::ArrayRef<emit::NftObstacle> met) {
  std::vector<emit::NftObstacle> ofOriginal = emit::nftablesText(original).obstacles;
  std::vector<std::string> texts;
  for (const emit::NftObstacle &obstacle : met) {
    auto known = llvm::find_if(ofOriginal, [&](const emit::NftObstacle &each) {
      return each.table == obstacle.table && each.what == obstacle.what;
    });
    texts.push_back(textOf(known == ofOriginal.end() ? obstacle : *known));
  }
  std::string message = "what cannot be written as nftables: " + llvm::join(texts, "; ");
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message.c_str());
}

static std::vector<emit::NftPlainChain> plainChains(llvm::ArrayRef<LeftAlone> leftAlone) {
  std::vector<emit::NftPlainChain> plain;
  for (const LeftAlone &left : leftAlone)
    if (left.plain)
      plain.push_back({left.ruleset, left.table, left.chain});
  return plain;
}

Output asNftables(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading) {
  auto print = [original, reading](const Proved &proved) -> llvm::Expected<std::string> {
    parse::ParsedRules left = parse::parseRules(support::Source::fromText(emit::rulesText(proved.rulesets)), reading);
    emit::NftablesText written = emit::nftablesText(left.rulesets, plainChains(proved.leftAlone));
    if (!written.obstacles.empty())
      return obstacles(original, written.obstacles);
    return headingOf(*original.front().source) + "\n" + written.text;
  };
  parse::RulesOptions back = reading;
  back.form = ir::Form::Nftables;
  back.nftables = true;
  return {print, std::move(back), /*inOneForm=*/true};
}

} // namespace iptlint::driver
