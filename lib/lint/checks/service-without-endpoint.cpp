// A Kubernetes service that has no endpoint, so that nobody answers who asks for it.
//
// kube-proxy says so in a rule of filter that refuses the packets. Where an older one, or somebody else, left the
// service's chain without a way to an endpoint, the chain says so.
#include "lint/Check.h"
#include "lint/Kube.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include <fmt/format.h>

namespace iptlint::lint::checks {

using ir::TargetKind;

/// Where a packet may get a new destination, or what becomes of it is not known.
static bool mayServe(const ir::Rule &rule) {
  bool leadsNowhere = (rule.target.kind == TargetKind::Jump || rule.target.kind == TargetKind::Goto) &&
                      rule.target.chain == ir::kNoChain;
  return rule.broken || leadsNowhere || rule.target.kind == TargetKind::Verdict ||
         rule.target.kind == TargetKind::Opaque;
}

/// Whether the chain, or one that it leads to, may translate packets.
static bool mayLeadToEndpoint(const TableFacts &table, uint32_t from) {
  std::vector<bool> seen(table.table->chains.size());
  std::vector<uint32_t> open{from};
  seen[from] = true;
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    if (llvm::any_of(table.table->chains[chain].rules, mayServe))
      return true;
    for (const analysis::CallGraph::Site &site : table.graph.callees[chain])
      if (!seen[site.target]) {
        seen[site.target] = true;
        open.push_back(site.target);
      }
  }
  return false;
}

static void findIdleChains(const TableFacts &table, Reporter &report) {
  for (uint32_t c = 0; c != table.table->chains.size(); ++c) {
    const ir::Chain &chain = table.table->chains[c];
    if (isServiceChain(chain.name) && table.graph.reachedFromHook[c] && !mayLeadToEndpoint(table, c))
      report.add(table, chain, fmt::format("the chain{} leads to no endpoint", ofService(serviceOf(table, c))));
  }
}

/// The service whose packets a rule of kube-proxy's refuses since there is no endpoint; empty if it does not.
static llvm::StringRef refusedService(const RuleFacts &rule) {
  llvm::StringRef comment = rule.rule().comment;
  bool refuses = rule.rule().target.name == "REJECT" || rule.rule().target.kind == TargetKind::Drop;
  bool says = comment.consume_back(" has no endpoints");
  bool isKubes = rule.chain().name.startswith("KUBE-");
  return refuses && says && isKubes && rule.inUsedChain() ? serviceOfComment(comment) : "";
}

static void run(const Facts &facts, Reporter &report) {
  for (const TableFacts &table : facts.tables)
    if (!table.table->fragment && table.table->name == "nat")
      findIdleChains(table, report);
  llvm::StringSet<> said;
  eachRule(facts, [&](const RuleFacts &rule) {
    llvm::StringRef service = refusedService(rule);
    if (!service.empty() && said.insert(service).second)
      report.add(rule, fmt::format("service {} has no endpoint: its packets are refused", service.str()));
  });
}

extern constinit const Check service_without_endpoint = {
    .id = "service-without-endpoint",
    .summary = "a Kubernetes service that has no endpoint",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
