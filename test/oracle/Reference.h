// A second, slow account of what analysis finds out: which rules packets reach, and which live ones are not needed.
//
// It carries whole sets of packets forwards through the chains, one for each mark they may have. It shares nothing with
// lib/analysis, and unlike eval it looks at all packets at once, so that it can judge rule sets of a thousand rules.
// Left out is what such sets do not have: targets that are not known, writes to other fields than the
// mark, cycles (`whyNot` says which).
#pragma once

#include "Classes.h"
#include "Diagram.h"
#include "Marks.h"
#include <functional>
#include <map>

namespace iptlint::oracle {

class Reference {
public:
  using Set = Diagrams::Set;
  /// Why a table cannot be judged; empty if it can.
  static std::string whyNot(const ir::Table &table);
  Reference(const ir::Table &table, packet::Family family);

  /// By chain and rule: whether some packet reaches the rule and meets its condition.
  const std::vector<std::vector<bool>> &reached() const { return isReached; }
  /// Whether live redundancy can be judged: no rule asks for marks or keeps state.
  bool judgesRedundancy() const { return marks.all().size() == 1 && !hasState; }
  /// By chain and rule: whether all packets that reach the rule would, without it, end in just the same way within its
  /// chain. Through callers more may be so.
  std::vector<std::vector<bool>> redundant();

private:
  /// By mark, the packets that have it.
  using States = std::map<uint32_t, Set>;
  /// By verdict, the packets that surely get it, nothing else being done to them.
  using Fates = std::map<std::string, Set>;
  using Visit = std::function<void(uint32_t rule, uint32_t mark, Set packets)>;

  Set inRanges(ir::Field field, llvm::ArrayRef<ir::Interval> ranges, bool negated);
  Set setOf(const ir::RangeTest &test, uint32_t mark);
  Set setOf(const ir::MaskTest &test, uint32_t mark);
  Set setOf(const ir::OpaqueTest &test, uint32_t mark);
  Set setOf(const ir::UnionTest &test, uint32_t mark);
  Set condition(const ir::Rule &rule, uint32_t mark);
  void add(States &states, uint32_t mark, Set packets);
  void addAll(States &to, const States &from, Set among);
  Set entering(packet::Hook hook);
  States walk(uint32_t chain, States here, const Visit &visit);
  void obey(const ir::Rule &rule, uint32_t mark, Set packets, States &next, States &back);
  const States &returning(uint32_t chain, uint32_t mark);
  void orderCallersFirst(uint32_t chain, std::vector<bool> &seen);
  void enter(uint32_t chain);
  const Fates &fates(uint32_t chain);
  Fates fatesOf(const ir::Rule &rule, const Fates &behind, const std::string &atReturn);
  std::vector<bool> redundantIn(uint32_t chain);

  const ir::Table &table;
  packet::Family family;
  Classes classes;
  Diagrams sets;
  Marks marks;
  std::vector<std::string> functions;
  bool hasState = false;
  std::map<std::pair<const ir::Rule *, uint32_t>, Set> conditions;
  std::map<std::pair<uint32_t, uint32_t>, States> returns; ///< by chain and mark
  std::vector<uint32_t> callersLast;
  std::vector<States> entries; ///< by chain
  std::vector<std::vector<bool>> isReached;
  std::vector<std::vector<Set>> reaching; ///< by chain and rule, whatever the mark
  std::map<uint32_t, Fates> knownFates;
};

} // namespace iptlint::oracle
