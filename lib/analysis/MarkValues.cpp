#include "analysis/MarkValues.h"
#include "analysis/LoadedHooks.h"
#include "analysis/State.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

using packet::Field;
using packet::Hook;

/// Rule sets that really use marks have a few dozen.
static constexpr size_t kMostPairs = 4096;

/// By chain: whether rules see packets that sockets of the machine have sent.
static std::vector<bool> chainsBehindSockets(const ir::Table &table, const CallGraph &graph) {
  constexpr uint8_t behind = 1u << unsigned(Hook::Output) | 1u << unsigned(Hook::Postrouting);
  std::vector<bool> chains;
  for (uint8_t hooks : findLoadedHooks(table, graph, /*stops=*/false).hooks)
    chains.push_back((hooks & behind) != 0);
  return chains;
}

MarkValues::MarkValues(llvm::ArrayRef<const ir::Table *> tables, llvm::ArrayRef<const CallGraph *> graphs) {
  for (size_t t = 0; t != tables.size(); ++t)
    collect(*tables[t], *graphs[t]);
  findFree();
  close();
}

void MarkValues::collect(const ir::Table &table, const CallGraph &graph) {
  std::vector<bool> own = chainsBehindSockets(table, graph);
  for (size_t c = 0; c != table.chains.size(); ++c)
    for (const ir::Rule &rule : table.chains[c].rules)
      addWrites(rule, own[c]);
}

void MarkValues::addWrites(const ir::Rule &rule, bool seesSockets) {
  if (mayDoAnything(rule))
    free = {~0u, ~0u};
  auto add = [&](const ir::Write &write) {
    if (write.field != Field::Mark && write.field != Field::ConnMark)
      return;
    bool ofFlow = write.field == Field::ConnMark;
    uint32_t unknown = write.known ? 0 : ~uint32_t(write.keep);
    writers.insert(
        {ofFlow, uint32_t(write.keep), uint32_t(write.copy), uint32_t(write.flip), unknown, ofFlow && seesSockets});
  };
  llvm::for_each(rule.target.writes, add);
  llvm::for_each(rule.target.handsOn, add);
}

void MarkValues::findFree() {
  for (const Writer &writer : writers) {
    (writer.ofFlow ? free.flow : free.packet) |= writer.unknown;
    if (writer.fromAnySocket)
      free.flow |= writer.copy;
  }
  // What is copied from free bits is free, too, and may be copied back.
  for (bool changed = true; changed;) {
    Pair before = free;
    for (const Writer &writer : writers)
      (writer.ofFlow ? free.flow : free.packet) |= writer.copy & (writer.ofFlow ? free.packet : free.flow);
    changed = before != free;
  }
}

MarkValues::Pair MarkValues::after(Pair pair, const Writer &writer) const {
  uint32_t &changed = writer.ofFlow ? pair.flow : pair.packet;
  uint32_t other = writer.ofFlow ? pair.packet : pair.flow;
  changed = (changed & writer.keep) ^ (other & writer.copy) ^ writer.flip;
  return {pair.packet & ~free.packet, pair.flow & ~free.flow};
}

void MarkValues::close() {
  std::vector<Pair> open = {{0, 0}};
  reached.insert({0, 0});
  while (!open.empty() && !unbounded) {
    Pair pair = open.back();
    open.pop_back();
    for (const Writer &writer : writers)
      if (Pair next = after(pair, writer); reached.insert(next).second)
        open.push_back(next);
    unbounded = reached.size() > kMostPairs;
  }
}

bool MarkValues::canMeet(const ir::MaskTest &test) const {
  if (unbounded)
    return true;
  bool ofFlow = test.field == Field::ConnMark;
  uint32_t mask = uint32_t(test.mask), value = uint32_t(test.value), loose = mask & (ofFlow ? free.flow : free.packet);
  if (test.negated)
    return loose != 0 ||
           llvm::any_of(reached, [&](Pair of) { return ((ofFlow ? of.flow : of.packet) & mask) != value; });
  return llvm::any_of(
      reached, [&](Pair of) { return (((ofFlow ? of.flow : of.packet) ^ value) & (mask | value) & ~loose) == 0; });
}

} // namespace iptlint::analysis
