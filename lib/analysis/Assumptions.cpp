#include "analysis/Assumptions.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace iptlint::analysis {

namespace {

class Way {
public:
  Way(const Program &program, const Indices &indices, Evaluator &evaluator, const ir::Table &table)
      : program(program), indices(indices), evaluator(evaluator), table(table) {}

  Assumptions to(Pc pc) {
    std::vector<Pc> sites = sitesTo(program.code[pc].block);
    for (auto site = sites.rbegin(); site != sites.rend(); ++site)
      arrive(*site);
    arrive(pc);
    return std::move(result);
  }

private:
  /// The calls and gotos that lead the point to a block, the nearest first.
  std::vector<Pc> sitesTo(BlockId block) {
    std::vector<Pc> sites;
    while (!evaluator.entersFromHook(block)) {
      Pc through = kNone;
      indices[block].sites.forEachContaining(evaluator.point(), 0, kNone, [&](const BoxIndex::Entry &site) {
        if (evaluator.reachesInstruction(site.pc))
          through = site.pc;
        return through == kNone;
      });
      sites.push_back(through);
      block = program.code[through].block;
    }
    return sites;
  }

  void arrive(Pc pc) {
    pass(program.code[pc].block, pc);
    if (program.code[pc].maybe)
      assume(pc, true);
  }

  /// The point walks through a block as far as \p limit without leaving it.
  void pass(BlockId block, Pc limit) {
    Pc first = program.blocks[block].first;
    // In rule order: the index has an order of its own.
    std::vector<std::pair<Pc, bool>> met;
    indices[block].mayDo.forEachContaining(evaluator.point(), first, limit, [&](const BoxIndex::Entry &entry) {
      if (program.code[entry.pc].action != Action::Pass)
        met.push_back({entry.pc, false});
      return true;
    });
    indices[block].calls.forEachContaining(evaluator.point(), first, limit, [&](const BoxIndex::Entry &entry) {
      met.push_back({entry.pc, true});
      return true;
    });
    llvm::sort(met);
    met.erase(std::unique(met.begin(), met.end()), met.end());
    for (auto [pc, isCall] : met)
      if (isCall)
        comeBack(program.code[pc].target);
      else
        assume(pc, false);
  }

  /// The point enters a block and returns.
  void comeBack(BlockId block) {
    Pc exit = evaluator.blocker(block);
    auto leads = [&](Pc pc) {
      const Instruction &instruction = program.code[pc];
      return instruction.action == Action::Return ||
             (instruction.action == Action::Goto && evaluator.canReturn(instruction.target));
    };
    if (exit != kNone && !leads(exit)) {
      Pc limit = exit;
      exit = kNone;
      indices[block].mayLeave.forEachContaining(evaluator.point(), program.blocks[block].first, limit,
                                                [&](const BoxIndex::Entry &entry) {
                                                  if (leads(entry.pc))
                                                    exit = std::min(exit, entry.pc);
                                                  return true;
                                                });
    }
    pass(block, std::min(exit, program.blocks[block].end));
    if (exit == kNone)
      return;
    if (program.code[exit].maybe)
      assume(exit, true);
    if (program.code[exit].action == Action::Goto)
      comeBack(program.code[exit].target);
  }

  void assume(Pc pc, bool matches) {
    const Instruction &instruction = program.code[pc];
    result.approximate |= instruction.approximate;
    const ir::Rule &rule = table.chains[instruction.origin.chain].rules[instruction.origin.rule];
    if (rule.broken)
      result.state.emplace_back("a rule that could not be read", matches);
    for (const ir::Test &test : rule.tests)
      if (auto *opaque = std::get_if<ir::OpaqueTest>(&test); opaque && opaque->opacity == ir::Opacity::Stateful) {
        result.state.push_back({opaque->text.str(), matches != opaque->negated});
        if (!matches)
          return; // one that fails is enough
      }
  }

  const Program &program;
  const Indices &indices;
  Evaluator &evaluator;
  const ir::Table &table;
  Assumptions result;
};

} // namespace

Assumptions assumptionsFor(const Program &program, const Indices &indices, Evaluator &evaluator,
                           const ir::Table &table, Pc pc) {
  return Way(program, indices, evaluator, table).to(pc);
}

} // namespace iptlint::analysis
