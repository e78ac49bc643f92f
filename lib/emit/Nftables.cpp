#include "emit/Nftables.h"
#include "emit/NftCondition.h"
#include "emit/NftMaps.h"
#include "emit/NftNames.h"
#include "emit/NftTarget.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::emit {

using packet::Family;

/// The built-in chain counted. Source: linux/netfilter/nf_tables.h, NFT_JUMP_STACK_SIZE.
constexpr unsigned kMostNested = 16;

// --- what is known of a table

static bool callsChain(const ir::Target &target) {
  return target.chain != ir::kNoChain && (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto);
}

static bool asksFlow(llvm::ArrayRef<ir::Test> tests) {
  bool any = false;
  for (const ir::Test &test : tests)
    ir::forEachRead(test, [&](ir::Field field, ir::Value) { any |= packet::isOfFlow(field); });
  return any;
}

/// A match that has the kernel track connections whatever it asks.
static bool namesTracking(llvm::ArrayRef<llvm::StringRef> words) {
  static constexpr llvm::StringLiteral matches[] = {"conntrack", "state", "connmark"};
  for (size_t i = 1; i < words.size(); ++i)
    if ((words[i - 1] == "-m" || words[i - 1] == "--match") && llvm::is_contained(matches, words[i]))
      return true;
  return false;
}

/// The rule's tests, and one of the state where the rule names such a match and every packet meets it: what nft says
/// must have the kernel track connections, too.
static std::vector<ir::Test> testsOf(const ir::Rule &rule) {
  std::vector<ir::Test> tests = rule.tests;
  if (namesTracking(rule.words) && !asksFlow(tests))
    tests.insert(tests.begin(),
                 ir::RangeTest{ir::Field::CtState, std::nullopt, false, {{0, ir::Value(packet::CtState::Untracked)}}});
  return tests;
}

/// Whether a rule is one of those that have the kernel track connections, on both sides alike.
static bool tracks(const ir::Rule &rule) {
  static constexpr llvm::StringLiteral targets[] = {"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "CONNMARK"};
  bool calls = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
  return (!calls && llvm::is_contained(targets, rule.target.name)) || asksFlow(rule.tests) || namesTracking(rule.words);
}

static bool tracks(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) {
    return llvm::any_of(chain.rules, [](const ir::Rule &rule) { return tracks(rule); });
  });
}

/// The chains that these call, one by one; those that are there already but once.
static std::vector<uint32_t> withAllCalled(const ir::Table &table, std::vector<uint32_t> chains) {
  std::vector<bool> seen(table.chains.size());
  for (uint32_t chain : chains)
    seen[chain] = true;
  for (size_t next = 0; next != chains.size(); ++next)
    for (const ir::Rule &rule : table.chains[chains[next]].rules)
      if (callsChain(rule.target) && !seen[rule.target.chain]) {
        seen[rule.target.chain] = true;
        chains.push_back(rule.target.chain);
      }
  return chains;
}

namespace {

/// How deep chains are nested below each: 0 while it is not known, kMostNested + 1 where it is too deep or a circle.
class Depths {
public:
  explicit Depths(const ir::Table &table) : table(table), depths(table.chains.size()) {}

  unsigned of(uint32_t chain, unsigned above = 1) {
    if (above > kMostNested)
      return kMostNested + 1;
    if (depths[chain] != 0)
      return depths[chain];
    unsigned depth = 1;
    for (const ir::Rule &rule : table.chains[chain].rules)
      if (callsChain(rule.target))
        depth = std::max(depth, 1 + of(rule.target.chain, above + 1));
    return depths[chain] = std::min(depth, kMostNested + 1);
  }

private:
  const ir::Table &table;
  std::vector<unsigned> depths;
};

/// Writes one table.
class TableWriter {
public:
  TableWriter(const ir::Ruleset &ruleset, const ir::Table &table, std::vector<NftObstacle> &obstacles);

  std::string write(llvm::ArrayRef<std::string> plain);

private:
  std::vector<NftRule> rulesOf(const ir::Chain &chain);
  void appendChain(std::string &out, const ir::Chain &chain, bool maps);
  void addRule(const ir::Rule &rule, std::vector<NftRule> &into);
  void addVariant(const ir::Rule &rule, llvm::ArrayRef<ir::Test> tests, std::vector<NftRule> &into);
  void finish(const ir::Rule &rule, const std::string &statement, NftRule &made);
  void checkNesting();
  void meet(const std::string &what, const ir::Rule *rule);

  const ir::Ruleset &ruleset;
  const ir::Table &table;
  std::vector<NftObstacle> &obstacles;
  std::vector<std::string> names; ///< of the chains
  NftCondition condition;
};

} // namespace

// --- rules

TableWriter::TableWriter(const ir::Ruleset &ruleset, const ir::Table &table, std::vector<NftObstacle> &obstacles)
    : ruleset(ruleset), table(table), obstacles(obstacles), condition(ruleset.family, tracks(table)) {
  for (const ir::Chain &chain : table.chains)
    names.push_back(nftChainName(chain.name));
}

void TableWriter::meet(const std::string &what, const ir::Rule *rule) {
  auto known = llvm::find_if(
      obstacles, [&](const NftObstacle &obstacle) { return obstacle.table == table.name && obstacle.what == what; });
  if (known == obstacles.end()) {
    obstacles.push_back({table.name.str(), what, 0, rule ? ruleset.lineColumn(rule->at).line : 0});
    known = std::prev(obstacles.end());
  }
  known->rules += rule != nullptr;
}

/// Whether a packet that the rule takes sees no rule behind it in its chain.
static bool decides(ir::TargetKind kind) {
  return kind == ir::TargetKind::Accept || kind == ir::TargetKind::Drop || kind == ir::TargetKind::Verdict ||
         kind == ir::TargetKind::Return || kind == ir::TargetKind::Goto;
}

static ir::RangeTest only(const ir::RangeTest &test, ir::Field field, bool negated) {
  return {field, std::nullopt, negated, test.ranges};
}

/// The tests with one of them in place of another.
static std::vector<ir::Test> replaced(llvm::ArrayRef<ir::Test> tests, size_t at, llvm::ArrayRef<ir::Test> by) {
  std::vector<ir::Test> made(tests.begin(), tests.begin() + at);
  made.insert(made.end(), by.begin(), by.end());
  made.insert(made.end(), tests.begin() + at + 1, tests.end());
  return made;
}

/// States of conntrack, and besides what is translated, or is not, of others: a rule for each, as nft asks one or the
/// other.
static std::vector<std::vector<ir::Test>> stateVariants(const ir::RangeTest &test) {
  constexpr unsigned kStates = 3, kTranslations = 4;
  auto meets = [&](unsigned value) {
    return test.negated !=
           llvm::any_of(test.ranges, [&](ir::Interval range) { return range.lo <= value && value <= range.hi; });
  };
  auto testOf = [](const std::vector<unsigned> &values) {
    ir::RangeTest made{ir::Field::CtState, std::nullopt, false, {}};
    for (unsigned value : values)
      made.ranges.push_back({value, value});
    return made;
  };
  std::vector<unsigned> whole, others, translated;
  unsigned bits = 0;
  for (unsigned state = 0; state != kStates; ++state) {
    unsigned first = state * kTranslations, met = 0;
    for (unsigned i = 0; i != kTranslations; ++i)
      met |= unsigned(meets(first + i)) << i;
    for (unsigned i = 0; i != kTranslations && met != 0; ++i)
      (met == 0xf ? whole : others).push_back(first + i);
    if (met != 0xf && met != 0)
      bits = bits == 0 || bits == met ? met : ~0u;
  }
  for (unsigned value : {unsigned(packet::CtState::Invalid), unsigned(packet::CtState::Untracked)})
    if (meets(value))
      whole.push_back(value);
  constexpr unsigned kDnat = 0b1100, kSnat = 0b1010, kAll = 0b1111;
  bool known = bits == kDnat || bits == kSnat || bits == (kAll & ~kDnat) || bits == (kAll & ~kSnat);
  if (!known || (whole.empty() && others.size() == size_t(kStates) * kTranslations))
    return {};
  for (unsigned value = 0; value != kStates * kTranslations; ++value)
    if (bits >> value % kTranslations & 1)
      translated.push_back(value);
  if (whole.empty())
    return {{testOf(others), testOf(translated)}};
  return {{testOf(whole)}, {testOf(others), testOf(translated)}};
}

/// What a test is in parts of which no packet meets two, or any of which ends the rule's work on a packet. Nothing
/// where the test is written as it is.
static std::vector<std::vector<ir::Test>> variantsOf(const ir::Test &test, ir::TargetKind kind) {
  if (const auto *range = std::get_if<ir::RangeTest>(&test); range && range->orField) {
    ir::Test first = only(*range, range->field, range->negated), second = only(*range, *range->orField, range->negated);
    if (range->negated)
      return {{first, second}};
    return {{first}, {only(*range, range->field, true), second}};
  }
  if (const auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == ir::Field::CtState)
    return stateVariants(*range);
  const auto *anyOf = std::get_if<ir::UnionTest>(&test);
  if (!anyOf || anyOf->negated || !decides(kind))
    return {};
  std::vector<std::vector<ir::Test>> variants;
  for (const ir::Alternative &alternative : *anyOf->alternatives) {
    std::vector<ir::Test> &tests = variants.emplace_back();
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { tests.push_back(each); }, part);
  }
  return variants;
}

void TableWriter::addVariant(const ir::Rule &rule, llvm::ArrayRef<ir::Test> tests, std::vector<NftRule> &into) {
  for (size_t i = 0; i != tests.size(); ++i) {
    std::vector<std::vector<ir::Test>> variants = variantsOf(tests[i], rule.target.kind);
    for (const std::vector<ir::Test> &variant : variants)
      addVariant(rule, replaced(tests, i, variant), into);
    if (!variants.empty())
      return;
  }
  NftRule made;
  if (std::string what = condition.add(tests, made); !what.empty())
    return meet(what, &rule);
  into.push_back(std::move(made));
}

/// A rule without a target is there to count.
void TableWriter::finish(const ir::Rule &rule, const std::string &statement, NftRule &made) {
  made.statement = statement;
  made.comment = rule.comment;
  made.comesBack = rule.target.kind == ir::TargetKind::Jump;
  made.isVerdict = made.comesBack || (decides(rule.target.kind) && rule.target.kind != ir::TargetKind::Verdict);
  if (rule.target.kind != ir::TargetKind::None)
    return;
  made.statement = "counter";
  if (rule.counters)
    made.statement += fmt::format(" packets {} bytes {}", rule.counters->packets, rule.counters->bytes);
}

static bool keepsState(const ir::Test &test) {
  const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful;
}

void TableWriter::addRule(const ir::Rule &rule, std::vector<NftRule> &into) {
  if (rule.broken)
    return meet("rules that are not known to be there", &rule);
  llvm::Expected<std::string> statement = nftStatement(rule.target, names, ruleset.family);
  if (!statement)
    return meet(llvm::toString(statement.takeError()), &rule);
  std::vector<NftRule> made;
  addVariant(rule, testsOf(rule), made);
  if (made.size() > 1 && llvm::any_of(rule.tests, keepsState))
    return meet("one of several conditions beside one that keeps state", &rule);
  for (NftRule &each : made) {
    finish(rule, *statement, each);
    if (each.never && tracks(rule))
      return meet("a condition that no packet meets, on what conntrack knows", &rule);
    if (!each.never)
      into.push_back(std::move(each));
  }
}

std::vector<NftRule> TableWriter::rulesOf(const ir::Chain &chain) {
  std::vector<NftRule> rules;
  for (const ir::Rule &rule : chain.rules)
    addRule(rule, rules);
  return rules;
}

// --- chains and tables

void TableWriter::appendChain(std::string &out, const ir::Chain &chain, bool maps) {
  out += fmt::format("  chain {} {{\n", nftChainName(chain.name));
  if (chain.hook) {
    std::string hook = nftHook(table.name, *chain.hook);
    if (hook.empty())
      return meet("the table", nullptr);
    if (chain.policy == ir::Policy::Unstated)
      meet(fmt::format("the policy of {}, which is not stated", chain.name.str()), nullptr);
    out += fmt::format("    {}; policy {};\n", hook, chain.policy == ir::Policy::Drop ? "drop" : "accept");
  }
  appendNftRules(out, rulesOf(chain), ruleset.family, maps);
  out += "  }\n";
}

void TableWriter::checkNesting() {
  Depths depths(table);
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    if (depths.of(chain) > kMostNested)
      return meet(fmt::format("chains nested deeper than {}, or jumps that lead round in a circle", kMostNested),
                  nullptr);
}

std::string TableWriter::write(llvm::ArrayRef<std::string> plain) {
  checkNesting();
  std::vector<uint32_t> roots;
  for (uint32_t i = 0; i != table.chains.size(); ++i)
    if (llvm::is_contained(plain, table.chains[i].name))
      roots.push_back(i);
  roots = withAllCalled(table, std::move(roots));
  std::string name =
      fmt::format("table {} {}", ruleset.family == Family::IPv4 ? "ip" : "ip6", nftTableName(table.name));
  // Declared, deleted, made: the text can be loaded again, and replaces what it made before in one step.
  std::string out = fmt::format("{0}\ndelete {0}\n{0} {{\n", name);
  for (uint32_t i = 0; i != table.chains.size(); ++i)
    appendChain(out, table.chains[i], !llvm::is_contained(roots, i));
  return out + "}\n";
}

NftablesText nftablesText(const std::vector<ir::Ruleset> &rulesets, llvm::ArrayRef<NftPlainChain> plain) {
  NftablesText written;
  for (size_t i = 0; i != rulesets.size(); ++i)
    for (const ir::Table &table : rulesets[i].tables) {
      if (table.replaced)
        continue;
      std::vector<std::string> chains;
      for (const NftPlainChain &each : plain)
        if (each.ruleset == i && each.table == table.name)
          chains.push_back(each.chain);
      written.text += TableWriter(rulesets[i], table, written.obstacles).write(chains);
    }
  if (!written.obstacles.empty())
    written.text.clear();
  return written;
}

} // namespace iptlint::emit
