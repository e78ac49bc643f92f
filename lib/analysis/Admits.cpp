#include "analysis/Admits.h"
#include "analysis/Assumptions.h"
#include "analysis/DeepStack.h"
#include "analysis/EndingTable.h"
#include "analysis/Lower.h"
#include "analysis/Search.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

namespace {

/// The search for packets that come to the questions of one written table.
class Questioner {
public:
  Questioner(const EndingTable &written, const Program &program, uint64_t budget)
      : written(written), program(program), indices(program), search(program, indices, budget) {
    std::vector<bool> noneDead(program.code.size());
    for (BlockId block = 0; block != program.blocks.size(); ++block)
      indices.indexSites(block, noneDead);
  }

  Status decide(uint32_t kind) {
    Status status = Status::Dead;
    for (Pc question : program.instructionsOf({written.questions, kind})) {
      Status here = search.decide(question);
      if (here == Status::Live) {
        asked = question;
        return isExact() ? Status::Live : Status::Unknown;
      }
      if (here == Status::Unknown)
        status = here;
    }
    return status;
  }

  /// The packet of the last answer, which was Live.
  Admission found() {
    Point point = search.plainer(asked);
    search.evaluator.moveTo(point);
    return {Answer::Yes, program.space.packetOf(point), endedBy(point)};
  }

private:
  /// Whether what was found hangs on nothing that may fall either way, or is wider than what stands in the table.
  bool isExact() {
    search.evaluator.moveTo(search.witness());
    Assumptions assumed = assumptionsFor(program, indices, search.evaluator, written.table, asked);
    return assumed.state.empty() && !assumed.approximate;
  }

  /// The only rule that leads the point to the questions.
  std::optional<ir::RuleId> endedBy(const Point &point) {
    for (Pc pc = 0; pc != program.code.size(); ++pc) {
      const Instruction &instruction = program.code[pc];
      if (instruction.synthetic || instruction.action != Action::Goto || !leadsToQuestions(instruction))
        continue;
      if (indices.anyContains(pc, point) && search.evaluator.reachesInstruction(pc))
        return instruction.origin.chain == written.walk ? std::nullopt : std::optional(instruction.origin);
    }
    return std::nullopt;
  }

  bool leadsToQuestions(const Instruction &instruction) const {
    return program.blocks[instruction.target].chain == written.questions;
  }

  const EndingTable &written;
  const Program &program;
  Indices indices;
  Search search;
  Pc asked = kNone;
};

class Inquiry {
public:
  Inquiry(const ir::Table &table, packet::Family family, const CallGraph &graph, Ending ending,
          llvm::ArrayRef<Kind> kinds, const AdmitsOptions &options)
      : table(table), family(family), graph(graph), ending(ending), kinds(kinds), options(options),
        result(kinds.size()) {}

  std::vector<Admission> run(uint32_t base) {
    bool isOpen = ask(base, Certainty::Surely);
    bool anyLeft = llvm::any_of(result, [](const Admission &of) { return of.answer == Answer::Unknown; });
    if (isOpen && anyLeft && options.tellNo)
      ask(base, Certainty::Possibly);
    return std::move(result);
  }

private:
  /// Asks about the kinds that have no answer yet. \returns whether the table leaves something open.
  bool ask(uint32_t base, Certainty certainty) {
    EndingTable written = writeForEnding(table, graph, base, ending, kinds, options.uncertain, certainty);
    if (written.rewritten || (certainty == Certainty::Possibly && written.boundless))
      return false;
    CallGraph calls = buildCallGraph(written.table);
    Program program = lower(written.table, family, calls, options.defragmented);
    bool canRuleOut = certainty == Certainty::Possibly || !written.open;
    onFittingStack(program, [&] {
      Questioner questioner(written, program, options.budget);
      for (uint32_t kind = 0; kind != kinds.size(); ++kind)
        if (result[kind].answer == Answer::Unknown)
          answer(questioner, kind, certainty, canRuleOut);
    });
    return written.open;
  }

  void answer(Questioner &questioner, uint32_t kind, Certainty certainty, bool canRuleOut) {
    Status status = questioner.decide(kind);
    if (status == Status::Live && certainty == Certainty::Surely)
      result[kind] = questioner.found();
    else if (status == Status::Dead && canRuleOut)
      result[kind].answer = Answer::No;
  }

  const ir::Table &table;
  packet::Family family;
  const CallGraph &graph;
  Ending ending;
  llvm::ArrayRef<Kind> kinds;
  const AdmitsOptions &options;
  std::vector<Admission> result;
};

} // namespace

std::vector<Admission> admits(const ir::Table &table, packet::Family family, const CallGraph &graph, packet::Hook hook,
                              Ending ending, llvm::ArrayRef<Kind> kinds, const AdmitsOptions &options) {
  auto base = llvm::find_if(table.chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
  if (base == table.chains.end() || graph.onCycleOrBehind[size_t(base - table.chains.begin())])
    return std::vector<Admission>(kinds.size());
  return Inquiry(table, family, graph, ending, kinds, options).run(uint32_t(base - table.chains.begin()));
}

} // namespace iptlint::analysis
