// `-m statistic`: chance or a counter, which nothing models, and the share of packets that it takes.
//
// Source: net/netfilter/xt_statistic.c, statistic_mt(), and iptables' extensions/libxt_statistic.c.
#include "parse/Tests.h"
#include "parse/Values.h"
#include <cmath>

namespace iptlint::parse {

static ir::Sampling byChance(RuleBuilder &builder, const Use &use) {
  constexpr uint32_t all = 0x80000000;
  double probability = 0;
  if (builder.value(use).getAsDouble(probability) || probability < 0 || probability > 1)
    return {};
  return {uint32_t(std::lround(probability * all)), all, /*counted=*/false};
}

static ir::Sampling byCounter(RuleBuilder &builder, const Use &use) {
  auto every = parseNumber(builder.value(use), 0xffffffff);
  return every && *every != 0 ? ir::Sampling{1, uint32_t(*every), /*counted=*/true} : ir::Sampling{};
}

static ir::Sampling samplingOf(RuleBuilder &builder, unsigned module) {
  const Use *probability = builder.command.find(module, "probability"), *every = builder.command.find(module, "every");
  const Use *use = probability ? probability : every;
  if (!use || use->values.empty())
    return {};
  ir::Sampling sampling = probability ? byChance(builder, *use) : byCounter(builder, *use);
  if (use->negated)
    sampling.taken = sampling.of - sampling.taken;
  return sampling;
}

void addStatisticTests(RuleBuilder &builder, unsigned module) {
  addOpaqueTest(builder, module);
  std::get<ir::OpaqueTest>(builder.rule.tests.back()).sampling = samplingOf(builder, module);
}

} // namespace iptlint::parse
