#include "lint/SampledRows.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

using ir::Rule;
using ir::Sampling;
using ir::TargetKind;
using Tests = std::vector<ir::Test>;

static const ir::OpaqueTest *statefulTest(const ir::Test &test) {
  const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && opaque->opacity == ir::Opacity::Stateful ? opaque : nullptr;
}

/// What a rule samples, where nothing else in it has state. What stands behind a counter would have packets
/// counted that the rule does not take.
static std::optional<Sampling> samplingOf(const Rule &rule) {
  std::optional<Sampling> sampling;
  for (const ir::Test &test : rule.tests)
    if (const ir::OpaqueTest *stateful = statefulTest(test)) {
      bool isLast = &test == &rule.tests.back();
      if (sampling || stateful->sampling.of == 0 || (stateful->sampling.counted && !isLast))
        return std::nullopt;
      sampling = stateful->sampling;
    }
  bool takesSome = sampling && sampling->taken != 0 && sampling->taken < sampling->of;
  return takesSome && !rule.broken ? sampling : std::nullopt;
}

/// What else a rule asks for.
static Tests otherTests(const Rule &rule) {
  Tests tests;
  llvm::copy_if(rule.tests, std::back_inserter(tests), [](const ir::Test &test) { return !statefulTest(test); });
  return tests;
}

static bool decides(TargetKind kind) {
  return kind == TargetKind::Accept || kind == TargetKind::Drop || kind == TargetKind::Verdict;
}

/// What packets must meet so that a chain surely decides about them; nothing where that cannot be seen at once.
static std::optional<Tests> decidedBy(const ir::Chain &chain) {
  for (const Rule &rule : chain.rules) {
    if (decides(rule.target.kind) &&
        llvm::none_of(rule.tests, [](const ir::Test &test) { return std::holds_alternative<ir::OpaqueTest>(test); }))
      return rule.tests;
    bool mayReturn = rule.target.kind == TargetKind::Return || rule.target.kind == TargetKind::Goto ||
                     rule.target.kind == TargetKind::Opaque;
    if (mayReturn)
      break;
  }
  return std::nullopt;
}

/// What packets must meet so that the rule's target keeps them; nothing if some may come back from it.
static std::optional<Tests> keptBy(const ir::Table &table, const Rule &rule) {
  if (decides(rule.target.kind))
    return Tests();
  bool leads = rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto;
  return leads && rule.target.chain != ir::kNoChain ? decidedBy(table.chains[rule.target.chain]) : std::nullopt;
}

/// Whether the targets do the same, each with something else: one of several servers, chains or queues.
static bool areAlternatives(const Rule &left, const Rule &right) {
  bool sameKind = left.target.kind == right.target.kind;
  return sameKind && (left.target.kind != TargetKind::Verdict || left.target.name == right.target.name);
}

/// Whether all packets that meet \p tests come to the rule's target.
static bool takesAll(const Rule &rule, const Tests &tests) {
  return llvm::all_of(rule.tests, [&](const ir::Test &test) { return llvm::is_contained(tests, test); });
}

static SampledRow rowFrom(const ir::Table &table, const ir::Chain &chain, uint32_t first) {
  SampledRow row{first, {}, nullptr};
  const Rule &leader = chain.rules[first];
  Tests tests = otherTests(leader);
  std::optional<Tests> kept = keptBy(table, leader);
  for (uint32_t r = first; kept && r != chain.rules.size(); ++r) {
    const Rule &rule = chain.rules[r];
    if (!areAlternatives(leader, rule) || keptBy(table, rule) != kept)
      break;
    auto sampling = samplingOf(rule);
    if (!sampling && takesAll(rule, tests))
      row.rest = &rule;
    if (!sampling || otherTests(rule) != tests)
      break;
    row.samplings.push_back(*sampling);
  }
  return row;
}

std::vector<SampledRow> sampledRows(const ir::Table &table, const ir::Chain &chain) {
  std::vector<SampledRow> rows;
  for (uint32_t r = 0; r < chain.rules.size();) {
    if (samplingOf(chain.rules[r]))
      if (SampledRow row = rowFrom(table, chain, r); !row.samplings.empty()) {
        r = row.end();
        rows.push_back(std::move(row));
        continue;
      }
    ++r;
  }
  return rows;
}

} // namespace iptlint::lint
