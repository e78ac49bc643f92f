// Passes one after the other, and the order in which a goal runs them.
#pragma once

#include "pass/Pass.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::pass {

/// Passes in the order they run. The array must outlive its use.
using Passes = llvm::ArrayRef<const Pass *>;

/// What tidy may do only where it is asked to.
struct TidyOptions {
  bool rewriteChains = false;  ///< `--chains=rewrite`: user chains may go, be one, or be inlined
  bool dropAccounting = false; ///< `--drop-accounting`: rules without a target go
  bool mergeRules = true;      ///< not for nft, where rules that stand alone become a map
  bool gatherSets = false;     ///< `--to=ipset`: rules that differ in addresses ask about a set
};

/// What `--goal=tidy` runs: smaller, with every user chain in its place unless asked otherwise.
std::vector<const Pass *> tidyPasses(const TidyOptions &options = {});

/// What `--goal=speed` runs behind tidyPasses(), once: few visits, at the price of more rules.
std::vector<const Pass *> speedPasses();

/// What a goal runs: some passes as long as the rule set gets smaller by them, then others once.
struct Program {
  std::vector<const Pass *> toEnd;
  std::vector<const Pass *> once = {};
  tree::CostModel costs = tree::kLegacyCost; ///< of where the rules will be loaded
  std::vector<std::string> takenSetNames = {}; ///< sets of these names exist, or may
};

/// What a program left: in the end, and before the passes that run once.
struct Rewritten {
  ir::Ruleset whole, tidied;
};

Rewritten runProgram(const ir::Ruleset &in, const Program &program, Record &record);

/// Runs \p passes in order, once. The result shares the source and strings of \p in.
ir::Ruleset runPasses(const ir::Ruleset &in, Passes passes, Record &record);

/// Runs \p passes in order, again and again as long as the rule set gets smaller by it.
ir::Ruleset runToEnd(const ir::Ruleset &in, Passes passes, Record &record);

} // namespace iptlint::pass
