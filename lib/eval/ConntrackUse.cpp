// Whether rules need conntrack.
//
// A table of nat registers with it whether it has rules or not; matches and targets that ask a flow do when they are
// loaded. NOTRACK, and CT with --notrack, turn tracking off and do not turn it on.
// Source: net/netfilter/xt_CT.c, xt_ct_tg_check(); net/netfilter/nf_nat_core.c, nf_nat_register_fn().
#include "eval/Journey.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

static bool asksFlow(const ir::Test &test) {
  if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
    return llvm::any_of(llvm::ArrayRef<llvm::StringLiteral>{"-m conn", "-m state", "-m helper", "-m cluster"},
                        [&](llvm::StringRef match) { return opaque->option.startswith(match); });
  bool asks = false;
  ir::forEachRead(test, [&](packet::Field field, packet::Value) { asks |= packet::isOfFlow(field); });
  return asks;
}

static bool needsFlow(const ir::Target &target) {
  if (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto)
    return false;
  static constexpr llvm::StringLiteral names[] = {"CT",        "CONNMARK", "CONNSECMARK", "SAME",
                                                  "CLUSTERIP", "SYNPROXY", "TPROXY"};
  return target.nat || (llvm::is_contained(names, target.name) && !target.options.contains("--notrack"));
}

bool usesConntrack(const ir::Ruleset &rules) {
  return llvm::any_of(rules.tables, [](const ir::Table &table) {
    return table.name == "nat" || llvm::any_of(table.chains, [](const ir::Chain &chain) {
             return llvm::any_of(chain.rules, [](const ir::Rule &rule) {
               return needsFlow(rule.target) || llvm::any_of(rule.tests, asksFlow);
             });
           });
  });
}

} // namespace iptlint::eval
