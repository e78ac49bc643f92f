#include "analysis/Program.h"
#include <algorithm>
#include <cassert>

namespace iptlint::analysis {

bool Program::matches(Pc pc, const Point &point) const {
  for (uint32_t id = code[pc].firstBox; id != code[pc].endBox; ++id)
    if (contains(box(id), point))
      return true;
  return false;
}

void Program::numberRules(const ir::Table &table) {
  size_t rules = 0;
  for (const ir::Chain &chain : table.chains) {
    firstRuleOfChain.push_back(rules);
    rules += chain.rules.size();
  }
  byRule.resize(rules);
  neverMatches.resize(rules);
}

void Program::link() {
  linkSites();
  orderBlocks();
}

void Program::linkSites() {
  sites.resize(blocks.size());
  for (Pc pc = 0; pc != code.size(); ++pc) {
    const Instruction &instruction = code[pc];
    if (instruction.target != kNone)
      sites[instruction.target].push_back(pc);
    if (!instruction.synthetic)
      byRule[firstRuleOfChain[instruction.origin.chain] + instruction.origin.rule].push_back(pc);
  }
}

void Program::orderBlocks() {
  std::vector<uint32_t> open(blocks.size());
  std::vector<unsigned> depthOf(blocks.size(), 1);
  for (BlockId block = 0; block != blocks.size(); ++block)
    if ((open[block] = uint32_t(sites[block].size())) == 0)
      callersFirst.push_back(block);
  for (size_t i = 0; i != callersFirst.size(); ++i) {
    BlockId block = callersFirst[i];
    depth = std::max(depth, depthOf[block]);
    for (Pc pc = blocks[block].first; pc != blocks[block].end; ++pc)
      if (BlockId target = code[pc].target; target != kNone) {
        depthOf[target] = std::max(depthOf[target], depthOf[block] + 1);
        if (--open[target] == 0)
          callersFirst.push_back(target);
      }
  }
  assert(callersFirst.size() == blocks.size() && "cycles were left out");
}

} // namespace iptlint::analysis
