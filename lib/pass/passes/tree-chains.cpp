// Writes chains as decision trees, which a packet goes through in few visits.
//
// Before: dead and redundant rules are gone and others merged (drop-unreached, drop-redundant, merge-rules), or there
// is more
//         to write.
// After:  runs of rules in built-in chains, and in user chains that stay, are entered by what a packet has: addresses,
//         interfaces, protocol, ports... Where a packet is expected to save nothing by it, rules stay as they were. So
//         do, in their place and once, rules that keep state, only count or are not modelled, and calls of chains that
//         hold such rules or that a program fills. Rules that stand once keep their counters, comments stay with their
//         rules. Chains that nothing leads to any more are left for drop-unused-chains.
//
// For example, of many rules for hosts, as many for ports of each, this becomes of FORWARD:
//     -A FORWARD -d 10.0.0.0/13 -g FORWARD~d10.0.0.0/13
//     -A FORWARD -d 10.8.0.0/13 -g FORWARD~d10.8.0.0/13
//     -A FORWARD~d10.0.0.0/13 -d 10.1.2.0/24 -g FORWARD~d10.1.2.0/24~b2c1
#include "analysis/Agents.h"
#include "analysis/CallGraph.h"
#include "analysis/Reach.h"
#include "pass/Pass.h"
#include "pass/Removal.h"
#include "pass/Stretches.h"
#include "pass/TreeRules.h"
#include "tree/Build.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <set>

namespace iptlint::pass::passes {

/// A tree that saves less of the time is not worth the chains.
constexpr double kLeastSaved = 0.2;
/// Rules that are passed in the time of entering so many chains are not looked at.
constexpr double kLeastSpent = 2;
/// How dear cuts are that repeat rules (tree::CutGoal): more so than in a tree that is only looked at, whose rules need
/// not be loaded.
constexpr double kDearness = 0.5;
/// More rules than so many times those that there were, and some, are not written.
constexpr size_t kMostCopies = 4, kMoreRules = 1000;
/// Where more would be written, a tree of a part of the nodes is tried, so many times.
constexpr unsigned kTries = 3;
constexpr size_t kFewerNodes = 8;

namespace {

/// What was done to the chains of one table.
class Rewriting {
public:
  Rewriting(const ir::Table &in, const ir::Ruleset &ruleset, const Record &record, unsigned mostDepth);
  ir::Table run();
  Record done;

private:
  using Rules = std::vector<ir::Rule>;

  void rewrite(uint32_t chain);
  std::vector<pass::Section> weighedSections(uint32_t chain) const;
  std::optional<tree::Tree> treeFor(const pass::Section &section, double now, size_t mostNodes) const;
  bool appendTree(Rules &rules, const pass::Section &section, const tree::Tree &tree);
  tree::Visits appendSection(Rules &rules, const pass::Section &section);
  void leaveAsList(const pass::Section &section, size_t rules, std::string why);
  bool fitsInto(uint32_t chain, const Rules &rules) const;
  std::vector<uint32_t> stillCalled() const;
  void dropCopiedCounters();
  void tellVisits();
  tree::Effort asWritten(const pass::Section &section, const tree::WrittenCost &written) const;

  const ir::Table &in;
  packet::Family family;
  tree::CostModel costs;
  unsigned mostDepth;
  ir::Table out;
  std::vector<bool> closed;
  tree::Calls calls; ///< from all built-in chains that trees can be made of
  tree::Weights weights;
  tree::WrittenCost before, now;
  llvm::StringSaver strings;
  ChainNames names;
  TreeRules writer;
  std::vector<bool> isRewritten;
};

} // namespace

/// All chains that built-in ones lead to, but for what leads in circles.
static tree::Calls allCalls(const ir::Table &table) {
  tree::Calls all;
  std::vector<bool> seen(table.chains.size());
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain) {
    if (!table.chains[chain].hook)
      continue;
    tree::Calls calls = tree::callsFrom(table, chain);
    for (uint32_t callee : calls.calleesFirst)
      if (calls.whyNot.empty() && !seen[callee]) {
        seen[callee] = true;
        all.calleesFirst.push_back(callee);
      }
  }
  return all;
}

Rewriting::Rewriting(const ir::Table &in, const ir::Ruleset &ruleset, const Record &record, unsigned mostDepth)
    : in(in), family(ruleset.family), costs(record.costs), mostDepth(mostDepth), out(in), closed(closedChains(in)),
      calls(allCalls(in)), weights(in), before(in, weights, calls), now(before), strings(*ruleset.strings), names(in),
      writer(in, out, names, strings, family), isRewritten(in.chains.size()) {}

// --- sections

/// The sections of a chain with the weight of what stands behind each.
std::vector<pass::Section> Rewriting::weighedSections(uint32_t chain) const {
  const std::vector<ir::Rule> &rules = in.chains[chain].rules;
  std::vector<double> behind(rules.size() + 1, weights.ofPolicy(in.chains[chain]));
  for (size_t r = rules.size(); r != 0; --r)
    behind[r - 1] = behind[r] + before.endingAt(rules[r - 1]);
  std::vector<pass::Section> sections = sectionsOf(in, chain, closed);
  bool isFilled = analysis::isMadeByAgent(in, in.chains[chain].name);
  for (pass::Section &section : sections)
    if (isFilled || section.rules.end != rules.size())
      section.rules.behind = behind[section.rules.end];
  return sections;
}

tree::Effort Rewriting::asWritten(const pass::Section &section, const tree::WrittenCost &written) const {
  double behind = section.rules.behind.value_or(weights.ofPolicy(in.chains[section.rules.chain]));
  return tree::costOf(tree::Residue{tree::listOf(in, weights, section.rules), behind}, in, written);
}

static size_t rulesIn(const ir::Table &table) {
  size_t rules = 0;
  for (const ir::Chain &chain : table.chains)
    rules += chain.rules.size();
  return rules;
}

/// A tree of the rules, if it is worth it. \param spent  nanoseconds in the rules as they are written.
std::optional<tree::Tree> Rewriting::treeFor(const pass::Section &section, double spent, size_t mostNodes) const {
  tree::BuildOptions options;
  options.goal = {costs, std::nullopt, /*asRules=*/true, kDearness};
  options.mostNodes = mostNodes;
  options.mostRules = kMostCopies * rulesIn(in) + kMoreRules;
  options.mostDepth = mostDepth;
  options.follow.closed = closed;
  tree::Tree tree = tree::build(in, family, section.rules, options);
  if (tree.nodes.empty() || tree.nodes[tree.root].isLeaf())
    return std::nullopt;
  double then = tree::costOf(tree, in, now)[tree.root].expected.nanoseconds(costs);
  return then < spent * (1 - kLeastSaved) ? std::optional(std::move(tree)) : std::nullopt;
}

/// Whether the kernel takes the rules in a chain: in a built-in one it refuses what it takes in others (-i in OUTPUT).
bool Rewriting::fitsInto(uint32_t chain, const Rules &rules) const {
  std::set<uint32_t> places;
  for (const ir::Rule &was : in.chains[chain].rules)
    places.insert(was.at.begin);
  auto stoodThere = [&](const ir::Rule &rule) { return places.count(rule.at.begin) != 0; };
  return !in.chains[chain].hook || llvm::all_of(rules, stoodThere);
}

/// \returns false, with nothing changed, where it cannot be written, or not in as many rules as there may be.
bool Rewriting::appendTree(Rules &rules, const pass::Section &section, const tree::Tree &tree) {
  uint32_t chain = section.rules.chain;
  const std::vector<ir::Rule> &were = in.chains[chain].rules;
  Way way;
  if (section.rules.begin != 0)
    way.text = llvm::join(were[section.rules.begin - 1].words, " ");
  ir::SourceRange at = were[section.rules.begin].at;
  size_t chainsBefore = out.chains.size(), rulesBefore = 0;
  std::optional<Rules> root = writer.write(tree, way, at);
  size_t written = root ? root->size() : 0;
  for (size_t c = chainsBefore; c != out.chains.size(); ++c)
    written += out.chains[c].rules.size();
  rulesBefore = rulesIn(in);
  if (!root || written > kMostCopies * rulesBefore + kMoreRules) {
    out.chains.resize(chainsBefore);
    return false;
  }
  if (!section.rules.behind && fitsInto(chain, *root))
    llvm::append_range(rules, *root);
  else
    rules.push_back(writer.callOf(writer.addChain(chain, way.then(""), std::move(*root)), !section.rules.behind, at));
  return true;
}

void Rewriting::leaveAsList(const pass::Section &section, size_t rules, std::string why) {
  done.lists.push_back({in.name, in.chains[section.rules.chain].name, rules, std::move(why)});
}

static size_t undivided(const tree::Tree &tree) {
  size_t rules = 0;
  for (const tree::Node &node : tree.nodes)
    if (node.isLeaf() && node.reason != tree::LeafReason::Done)
      rules += tree::sizeOf(node.left.list);
  return rules;
}

/// Writes a section, as a tree where that pays. \returns what it costs each packet that comes to it.
tree::Visits Rewriting::appendSection(Rules &rules, const pass::Section &section) {
  const std::vector<ir::Rule> &were = in.chains[section.rules.chain].rules;
  tree::Visits visits = asWritten(section, now).expected;
  size_t nodes = tree::kUsualNodes;
  std::optional<tree::Tree> tree;
  bool isShort = visits.nanoseconds(costs) < kLeastSpent * costs.perChain;
  for (unsigned attempt = 0; section.mayBeTree && !isShort && attempt != kTries; ++attempt, nodes /= kFewerNodes) {
    tree = treeFor(section, visits.nanoseconds(costs), nodes);
    if (!tree)
      break;
    if (!appendTree(rules, section, *tree))
      continue;
    Change change{Did::MakeTree, in.name, in.chains[section.rules.chain].name, {}};
    for (uint32_t r = section.rules.begin; r != section.rules.end; ++r)
      change.rules.push_back(were[r].at);
    done.changes.push_back(std::move(change));
    if (size_t left = undivided(*tree))
      leaveAsList(section, left, "there are as many chains, or as deep, as there may be");
    return tree::costOf(*tree, in, now)[tree->root].expected;
  }
  if (tree)
    leaveAsList(section, section.rules.end - section.rules.begin, "a tree would have many times as many rules");
  rules.insert(rules.end(), were.begin() + section.rules.begin, were.begin() + section.rules.end);
  return visits;
}

// --- chains

void Rewriting::rewrite(uint32_t chain) {
  isRewritten[chain] = true;
  Rules rules;
  tree::Visits then;
  double all = 0;
  for (const pass::Section &section : weighedSections(chain)) {
    double entering = section.rules.behind.value_or(weights.ofPolicy(in.chains[chain]));
    for (uint32_t r = section.rules.begin; r != section.rules.end; ++r)
      entering += before.endingAt(in.chains[chain].rules[r]);
    all = std::max(all, entering); // that of the first
    then = then + appendSection(rules, section) * entering;
  }
  out.chains[chain].rules = std::move(rules);
  double was = before.of(chain).expected.rules;
  if (all != 0 && was > 0)
    now.scale(chain, then.rules / all / was);
}

/// Chains of the table that rules still lead to and that were not rewritten.
std::vector<uint32_t> Rewriting::stillCalled() const {
  std::vector<bool> seen(out.chains.size());
  std::vector<uint32_t> open, called;
  for (uint32_t chain = 0; chain != out.chains.size(); ++chain)
    if (out.chains[chain].hook) {
      seen[chain] = true;
      open.push_back(chain);
    }
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    if (chain < isRewritten.size() && !isRewritten[chain])
      called.push_back(chain);
    for (const ir::Rule &rule : out.chains[chain].rules)
      if (leadsToChain(rule.target) && !seen[rule.target.chain]) {
        seen[rule.target.chain] = true;
        open.push_back(rule.target.chain);
      }
  }
  return called;
}

/// A rule that stands in several places would be counted in each from what all of them had together.
void Rewriting::dropCopiedCounters() {
  std::map<uint32_t, unsigned> copies;
  analysis::CallGraph graph = analysis::buildCallGraph(out);
  auto forEachRule = [&](auto visit) {
    for (uint32_t chain = 0; chain != out.chains.size(); ++chain)
      for (ir::Rule &rule : out.chains[chain].rules)
        if (rule.counters && graph.reachedFromHook[chain])
          visit(rule);
  };
  forEachRule([&](ir::Rule &rule) { ++copies[rule.at.begin]; });
  forEachRule([&](ir::Rule &rule) {
    if (copies[rule.at.begin] > 1)
      rule.counters = std::nullopt;
  });
}

void Rewriting::tellVisits() {
  for (uint32_t chain : calls.calleesFirst)
    if (in.chains[chain].hook)
      done.faster.push_back(
          {family, in.name, in.chains[chain].name, before.of(chain).expected.rules, now.of(chain).expected.rules});
}

/// Chains that are called first, so that it is known what they cost where others call them.
ir::Table Rewriting::run() {
  for (uint32_t chain : calls.calleesFirst)
    if (in.chains[chain].hook || closed[chain])
      rewrite(chain);
  for (std::vector<uint32_t> more = stillCalled(); !more.empty(); more = stillCalled())
    for (uint32_t chain : more)
      rewrite(chain);
  if (!done.changes.empty()) {
    tellVisits();
    dropCopiedCounters();
  }
  return std::move(out);
}

// --- tables

static unsigned nestingOf(const ir::Table &table) {
  std::vector<unsigned> depths = analysis::buildCallGraph(table).depth;
  return depths.empty() ? 0 : *std::max_element(depths.begin(), depths.end());
}

/// Less and less deep, until the chains are nested no deeper than they may be.
static ir::Table rewritten(const ir::Table &table, const ir::Ruleset &ruleset, Record &record) {
  for (unsigned depth : {8, 6, 4, 3, 2, 1}) {
    Rewriting rewriting(table, ruleset, record, depth);
    ir::Table out = rewriting.run();
    if (nestingOf(out) > std::max(nestingOf(table), analysis::kNftDepthLimit))
      continue;
    if (analysis::usesConntrack(out) != analysis::usesConntrack(table))
      break;
    llvm::append_range(record.changes, rewriting.done.changes);
    llvm::append_range(record.faster, rewriting.done.faster);
    llvm::append_range(record.lists, rewriting.done.lists);
    return out;
  }
  return table;
}

static ir::Ruleset run(const ir::Ruleset &in, Record &record) {
  ir::Ruleset out = in;
  for (ir::Table &table : out.tables)
    if (!isLeftAlone(table) && !hasBrokenRule(table))
      table = rewritten(table, in, record);
  return out;
}

extern constinit const Pass tree_chains = {
    .id = "tree-chains",
    .summary = "write chains as decision trees that a packet goes through in few visits",
    .run = run,
};

} // namespace iptlint::pass::passes
