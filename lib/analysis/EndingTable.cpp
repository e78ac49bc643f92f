#include "analysis/EndingTable.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using ir::Rule;
using ir::TargetKind;
using packet::Field;
using packet::Value;

namespace {

/// How a rule ends a packet.
enum class End : uint8_t {
  None,      ///< it does not
  Asked,     ///< in the way that is asked for
  Other,     ///< in the other way
  Undecided, ///< somebody else decides (QUEUE), or it is not known what the rule does
};

class Writer {
public:
  Writer(const ir::Table &from, const CallGraph &graph, Ending ending, llvm::ArrayRef<Kind> kinds,
         const Fields &uncertain, Certainty certainty)
      : from(from), graph(graph), ending(ending), kinds(kinds), uncertain(uncertain), certainty(certainty) {}

  EndingTable run(uint32_t base) {
    made.questions = uint32_t(from.chains.size());
    made.walk = made.questions + 1;
    made.table.chains.resize(from.chains.size() + 3);
    findChains(base);
    findFields();
    findCommon();
    findHarmless();
    for (uint32_t chain : chains)
      for (const Rule &rule : from.chains[chain].rules)
        made.table.chains[chain].rules.push_back(written(rule));
    addQuestions();
    addWalk(base);
    addEntry(base);
    return std::move(made);
  }

private:
  // --- What the hook leads to

  void findChains(uint32_t base) {
    std::vector<bool> seen(from.chains.size());
    chains = {base};
    seen[base] = true;
    for (size_t next = 0; next != chains.size(); ++next)
      for (const CallGraph::Site &site : graph.callees[chains[next]])
        if (!seen[site.target]) {
          seen[site.target] = true;
          chains.push_back(site.target);
        }
  }

  void addReads(const ir::Test &test) {
    ir::forEachRead(test, [&](Field field, Value) { read.set(unsigned(field)); });
  }

  void findFields() {
    for (const Kind &kind : kinds)
      llvm::for_each(kind, [&](const ir::Test &test) { addReads(test); });
    for (uint32_t chain : chains)
      for (const Rule &rule : from.chains[chain].rules) {
        llvm::for_each(rule.tests, [&](const ir::Test &test) { addReads(test); });
        if (rule.target.writesIf)
          addReads(*rule.target.writesIf);
        for (const ir::Write &write : rule.target.writes) {
          writes.set(unsigned(write.field));
          if (write.copy != 0)
            read.set(unsigned(write.from));
        }
      }
  }

  void findCommon() {
    if (!kinds.empty())
      common = kinds.front();
    for (const Kind &kind : kinds)
      llvm::erase_if(common, [&](const ir::Test &test) { return !llvm::is_contained(kind, test); });
  }

  // --- What a rule is

  bool isUnknown(const ir::Test &test) const {
    bool unknown = std::holds_alternative<ir::OpaqueTest>(test);
    ir::forEachRead(test, [&](Field field, Value) { unknown |= uncertain[unsigned(field)]; });
    return unknown;
  }

  bool mayMatch(const Rule &rule) const {
    return llvm::any_of(rule.tests, [&](const ir::Test &test) { return isUnknown(test); });
  }

  static bool leadsOn(const Rule &rule) {
    return rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
  }

  static bool mayDoAnything(const Rule &rule) {
    return rule.broken || rule.target.kind == TargetKind::Opaque ||
           (leadsOn(rule) && rule.target.chain == ir::kNoChain);
  }

  End endOf(const Rule &rule) const {
    if (mayDoAnything(rule))
      return End::Undecided;
    bool accepts = rule.target.kind == TargetKind::Accept;
    bool refuses = rule.target.kind == TargetKind::Drop ||
                   (rule.target.kind == TargetKind::Verdict && rule.target.name == "REJECT");
    if (accepts || refuses)
      return accepts == (ending == Ending::Accepted) ? End::Asked : End::Other;
    return rule.target.kind == TargetKind::Verdict ? End::Undecided : End::None;
  }

  /// Whether what it writes is read by anybody.
  bool writesMatter(const Rule &rule) const {
    return llvm::any_of(rule.target.writes, [&](const ir::Write &write) { return read[unsigned(write.field)]; });
  }

  bool writesUnknown(const Rule &rule) const {
    bool writesIfUnknown = rule.target.writesIf && isUnknown(*rule.target.writesIf);
    return writesMatter(rule) && (writesIfUnknown || llvm::any_of(rule.target.writes, [&](const ir::Write &write) {
                                    return !write.known || (write.copy != 0 && uncertain[unsigned(write.from)]);
                                  }));
  }

  /// Chains that a packet may enter or not: if the ending is sure without them, it is with them. Callees first; what
  /// lies on cycles is not asked about.
  void findHarmless() {
    harmless.resize(from.chains.size());
    for (uint32_t chain : llvm::reverse(graph.callersFirst))
      harmless[chain] = llvm::all_of(from.chains[chain].rules, [&](const Rule &rule) {
        End end = endOf(rule);
        bool goesOn = end == End::None || end == End::Asked;
        return goesOn && !writesMatter(rule) && (!leadsOn(rule) || harmless[rule.target.chain]);
      });
  }

  // --- What becomes of it

  static Rule with(std::vector<ir::Test> tests, TargetKind kind, uint32_t chain = ir::kNoChain) {
    Rule rule;
    rule.tests = std::move(tests);
    rule.target.kind = kind;
    rule.target.chain = chain;
    return rule;
  }

  static Rule copyOf(const Rule &rule) {
    Rule copy;
    copy.tests = rule.tests;
    copy.target = rule.target;
    return copy;
  }

  Rule leadingToQuestions(const Rule &rule) const { return with(rule.tests, TargetKind::Goto, made.questions); }

  /// Ends, in the way that is not asked for, everything that it may match.
  Rule against(const Rule &rule) const {
    std::vector<ir::Test> known;
    if (!rule.broken)
      llvm::copy_if(rule.tests, std::back_inserter(known), [&](const ir::Test &test) { return !isUnknown(test); });
    return with(std::move(known), TargetKind::Drop);
  }

  Rule written(const Rule &rule) {
    End end = endOf(rule);
    bool unsure = mayMatch(rule) || end == End::Undecided || writesUnknown(rule);
    made.open |= unsure;
    made.boundless |= mayDoAnything(rule);
    if (certainty == Certainty::Surely && unsure)
      return pessimistic(rule, end);
    if (end == End::Asked || (end == End::Undecided && !mayDoAnything(rule)))
      return leadingToQuestions(rule);
    if (end == End::Other)
      return with(rule.tests, TargetKind::Drop);
    return copyOf(rule);
  }

  Rule pessimistic(const Rule &rule, End end) const {
    bool isIdle =
        rule.target.kind == TargetKind::None || (rule.target.kind == TargetKind::Continue && !writesMatter(rule));
    bool isHarmlessCall = rule.target.kind == TargetKind::Jump && end == End::None && harmless[rule.target.chain];
    if (!rule.broken && (isIdle || isHarmlessCall || end == End::Asked))
      return {};
    return against(rule);
  }

  // --- Around it

  /// What all kinds ask for is asked of the packet as it enters; the rest where it ends, which must not have changed.
  bool isCommon(const ir::Test &test) const { return llvm::is_contained(common, test); }

  void addQuestions() {
    std::vector<Rule> &rules = made.table.chains[made.questions].rules;
    for (const Kind &kind : kinds) {
      std::vector<ir::Test> own;
      llvm::copy_if(kind, std::back_inserter(own), [&](const ir::Test &test) { return !isCommon(test); });
      made.rewritten |= llvm::any_of(own, [&](const ir::Test &test) { return isWritten(test); });
      rules.push_back(with(std::move(own), TargetKind::None));
    }
    rules.push_back(with({}, TargetKind::Accept));
  }

  bool isWritten(const ir::Test &test) const {
    bool is = false;
    ir::forEachRead(test, [&](Field field, Value) { is |= writes[unsigned(field)]; });
    return is;
  }

  void addWalk(uint32_t base) {
    std::vector<Rule> &rules = made.table.chains[made.walk].rules;
    rules.push_back(with({}, TargetKind::Jump, base));
    ir::Policy policy = from.chains[base].policy;
    made.open |= policy == ir::Policy::Unstated;
    bool asked = policy == ir::Policy::Unstated ? certainty == Certainty::Possibly
                                                : (policy == ir::Policy::Accept) == (ending == Ending::Accepted);
    rules.push_back(asked ? with({}, TargetKind::Goto, made.questions) : with({}, TargetKind::Drop));
  }

  void addEntry(uint32_t base) {
    ir::Chain &entry = made.table.chains.back();
    entry.hook = from.chains[base].hook;
    entry.policy = ir::Policy::Drop;
    entry.rules.push_back(with(common, TargetKind::Goto, made.walk));
  }

  const ir::Table &from;
  const CallGraph &graph;
  Ending ending;
  llvm::ArrayRef<Kind> kinds;
  const Fields &uncertain;
  Certainty certainty;
  EndingTable made;
  std::vector<uint32_t> chains; ///< that the hook leads to
  Kind common;                  ///< what all kinds ask for
  Fields read;                  ///< by a test or a write of theirs, or by a kind
  Fields writes;                ///< what their targets write
  std::vector<bool> harmless;
};

} // namespace

EndingTable writeForEnding(const ir::Table &table, const CallGraph &graph, uint32_t base, Ending ending,
                           llvm::ArrayRef<Kind> kinds, const Fields &uncertain, Certainty certainty) {
  return Writer(table, graph, ending, kinds, uncertain, certainty).run(base);
}

} // namespace iptlint::analysis
