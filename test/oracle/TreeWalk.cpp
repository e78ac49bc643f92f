#include "TreeWalk.h"
#include "tree/Askable.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::oracle {

using ir::TargetKind;
using packet::Packet;

namespace {

/// How a packet comes out of a list.
enum class Way : uint8_t { End, Left, Decided };

class ListWalk {
public:
  ListWalk(const ir::Table &table, const Packet &packet, eval::Oracle &oracle) : table(table), oracle(oracle) {
    outcome.packet = packet;
  }
  Way walk(const tree::List &list);
  eval::Outcome outcome;

private:
  bool holds(const ir::Test &test);
  bool matches(const tree::Entry &entry, const ir::Rule &rule);
  Way obey(const tree::Entry &entry, const ir::Rule &rule);
  Way lead(const tree::Entry &entry, const ir::Rule &rule);
  Way walkWritten(uint32_t chain);
  Way decide(std::string verdict);
  void act(const ir::Target &target);
  void write(const ir::Write &write);

  const ir::Table &table;
  eval::Oracle &oracle;
  unsigned rewrites = 0;
};

} // namespace

static std::string textOf(const ir::Target &target) {
  return target.options.empty() ? target.name.str() : (target.name + " " + target.options).str();
}

bool ListWalk::holds(const ir::Test &test) {
  auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  if (opaque && opaque->opacity == ir::Opacity::Function && rewrites != 0)
    return oracle.holdsAfterRewrite(*opaque, rewrites) != opaque->negated;
  return eval::meets(test, outcome.packet, oracle);
}

bool ListWalk::matches(const tree::Entry &entry, const ir::Rule &rule) {
  if (entry.met == tree::Truth::Always)
    return true;
  bool met = llvm::all_of(rule.tests, [&](const ir::Test &test) { return holds(test); });
  return met && entry.met != tree::Truth::Never;
}

void ListWalk::write(const ir::Write &write) {
  packet::Value copied = outcome.packet[write.from] & write.copy;
  packet::Value &value = outcome.packet[write.field];
  packet::Value kept = value & write.keep;
  value = write.known ? kept ^ copied ^ write.flip : kept | (oracle.anyValue(write.field) & ~write.keep);
}

void ListWalk::act(const ir::Target &target) {
  outcome.effects.push_back(textOf(target));
  if (target.writesIf && !eval::meets(*target.writesIf, outcome.packet, oracle))
    return;
  for (const ir::Write &each : target.writes)
    write(each);
  rewrites += target.rewritesUnmodelled;
}

Way ListWalk::decide(std::string verdict) {
  outcome.verdict = std::move(verdict);
  return Way::Decided;
}

/// A chain as it is written is a list of which nothing is known.
Way ListWalk::walkWritten(uint32_t chain) {
  tree::List list(table.chains[chain].rules.size());
  for (uint32_t r = 0; r != list.size(); ++r) {
    list[r].rule = {chain, r};
    TargetKind kind = table.chains[chain].rules[r].target.kind;
    list[r].whole = kind == TargetKind::Jump || kind == TargetKind::Goto;
  }
  return walk(list);
}

Way ListWalk::lead(const tree::Entry &entry, const ir::Rule &rule) {
  Way way = entry.whole ? walkWritten(rule.target.chain) : walk(*entry.inner);
  if (way == Way::Decided)
    return way;
  return rule.target.kind == TargetKind::Goto ? Way::Left : Way::End;
}

Way ListWalk::obey(const tree::Entry &entry, const ir::Rule &rule) {
  switch (rule.target.kind) {
  case TargetKind::None:
    return Way::End;
  case TargetKind::Accept:
    return decide("ACCEPT");
  case TargetKind::Drop:
    return decide("DROP");
  case TargetKind::Verdict:
    return decide(textOf(rule.target));
  case TargetKind::Return:
    return Way::Left;
  case TargetKind::Jump:
  case TargetKind::Goto:
    return lead(entry, rule);
  case TargetKind::Continue:
    act(rule.target);
    return Way::End;
  case TargetKind::Opaque:
    if (oracle.opaqueTargetEnds(rule))
      return decide("?");
    outcome.effects.push_back(textOf(rule.target));
    for (unsigned field = 0; field != packet::kFieldCount; ++field)
      if (packet::Field(field) != packet::Field::Hook)
        write(ir::Write::anything(packet::Field(field)));
    ++rewrites;
    return Way::End;
  }
  return Way::End;
}

Way ListWalk::walk(const tree::List &list) {
  for (const tree::Entry &entry : list) {
    const ir::Rule &rule = table.chains[entry.rule.chain].rules[entry.rule.rule];
    if (!matches(entry, rule))
      continue;
    if (Way way = obey(entry, rule); way != Way::End)
      return way;
  }
  return Way::End;
}

/// Whether rules could be written for a node that a packet comes to.
static bool isWritable(const tree::Node &node, const Packet &packet) {
  bool isOfProtocol = !tree::isOfHeader(node.field) || packet[packet::Field::Proto] == node.protocol;
  return isOfProtocol && llvm::all_of(node.branches, [&](const tree::Branch &branch) {
           return branch.to == *node.rest || tree::isAskable(node.field, branch.values, packet.family);
         });
}

static const tree::Node *leafFor(const tree::Tree &tree, const Packet &packet) {
  const tree::Node *node = &tree.nodes[tree.root];
  while (!node->isLeaf()) {
    if (node->rest && !isWritable(*node, packet))
      return nullptr;
    if (node->rest && tree::isOfHeader(node->field) && packet::isLaterFragment(packet[packet::Field::Fragment])) {
      node = &tree.nodes[*node->rest];
      continue;
    }
    auto takes = [&](const tree::Branch &branch) {
      return branch.values.lo <= packet[node->field] && packet[node->field] <= branch.values.hi;
    };
    if (llvm::count_if(node->branches, takes) != 1)
      return nullptr;
    node = &tree.nodes[llvm::find_if(node->branches, takes)->to];
  }
  return node;
}

eval::Outcome walkTree(const tree::Tree &tree, const ir::Table &table, const Packet &packet, eval::Oracle &oracle) {
  ListWalk walk(table, packet, oracle);
  const tree::Node *leaf = leafFor(tree, packet);
  if (!leaf)
    walk.outcome.verdict = "fell through";
  else if (walk.walk(leaf->left.list) != Way::Decided) {
    const ir::Chain &chain = table.chains[tree.chain];
    bool accepts =
        chain.policy == ir::Policy::Unstated ? oracle.policyAccepts(chain) : chain.policy == ir::Policy::Accept;
    walk.outcome.verdict = accepts ? "ACCEPT" : "DROP";
  }
  return std::move(walk.outcome);
}

} // namespace iptlint::oracle
