#include "pass/Pipeline.h"

namespace iptlint::pass {

namespace passes {
extern constinit const Pass drop_accounting, drop_redundant, drop_unreached, drop_unused_chains, fold_chains,
    gather_sets, inline_chains, merge_rules, tree_chains;
} // namespace passes

std::vector<const Pass *> tidyPasses(const TidyOptions &options) {
  std::vector<const Pass *> order;
  auto add = [&](const Pass &pass, bool wanted = true) {
    if (wanted)
      order.push_back(&pass);
  };
  add(passes::drop_unused_chains, options.rewriteChains); // less to look at for all others
  add(passes::drop_accounting, options.dropAccounting);   // before merges, which such rules may stand between
  add(passes::drop_unreached);                            // a dead rule may seem to be why another is redundant
  add(passes::drop_redundant); // merged with others, a redundant rule would be hidden in them
  add(passes::gather_sets, options.gatherSets); // before merges: prefixes of many lengths make a set slow
  add(passes::merge_rules, options.mergeRules); // makes one, too, of rules for other ports that ask about one set
  add(passes::fold_chains, options.rewriteChains); // chains may have become the same by now
  add(passes::inline_chains,
      options.rewriteChains); // last: of a chain that is used twice and once more, only folding knows
  return order;
}

std::vector<const Pass *> speedPasses() {
  return {&passes::tree_chains, &passes::drop_unused_chains};
}

ir::Ruleset runPasses(const ir::Ruleset &in, Passes passes, Record &record) {
  ir::Ruleset ruleset = in;
  for (const Pass *pass : passes)
    ruleset = pass->run(ruleset, record);
  return ruleset;
}

/// Passes that do anything make this smaller.
static size_t sizeOf(const ir::Ruleset &ruleset) {
  size_t size = 0;
  for (const ir::Table &table : ruleset.tables)
    for (const ir::Chain &chain : table.chains)
      size += 1 + chain.rules.size();
  return size;
}

ir::Ruleset runToEnd(const ir::Ruleset &in, Passes passes, Record &record) {
  ir::Ruleset ruleset = in;
  size_t before = 0;
  do {
    before = sizeOf(ruleset);
    record.kept.clear(); // what stayed is what the last round left
    ruleset = runPasses(ruleset, passes, record);
  } while (sizeOf(ruleset) < before);
  return ruleset;
}

Rewritten runProgram(const ir::Ruleset &in, const Program &program, Record &record) {
  record.costs = program.costs;
  for (const std::string &name : program.takenSetNames)
    record.takenSetNames.insert(name);
  ir::Ruleset tidied = runToEnd(in, program.toEnd, record);
  return {runPasses(tidied, program.once, record), tidied};
}

} // namespace iptlint::pass
