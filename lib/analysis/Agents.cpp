#include "analysis/Agents.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::analysis {

using llvm::StringLiteral;
using llvm::StringRef;

namespace {

/// Names that begin and end so are an agent's; an empty agent means the user's.
struct Pattern {
  StringLiteral prefix;
  StringLiteral suffix;
  StringLiteral agent;
};

} // namespace

// The first pattern that fits decides. Each agent's own documentation or source names these chains.
static constexpr Pattern chainPatterns[] = {
    {"DOCKER-USER", "", ""},         // Docker creates it for the user to fill
    {"DOCKER", "", "Docker"},        // DOCKER, DOCKER-ISOLATION-STAGE-1, DOCKER-FORWARD ...
    {"KUBE-", "", "Kubernetes"},     // kube-proxy, kubelet, kube-router
    {"CNI-", "", "CNI"},             // portmap, bandwidth, firewall plugins; Podman
    {"CNI_", "", "CNI"},
    {"NETAVARK", "", "Podman"},      // NETAVARK-..., NETAVARK_FORWARD
    {"FLANNEL-", "", "flannel"},     // FLANNEL-FWD, FLANNEL-POSTRTG
    {"WEAVE-", "", "Weave"},         {"cali-", "", "Calico"},
    {"CILIUM_", "", "Cilium"},       {"OLD_CILIUM_", "", "Cilium"},
    {"ANTREA-", "", "Antrea"},       {"ISTIO_", "", "Istio"},
    {"neutron-", "", "OpenStack"},   {"nova-", "", "OpenStack"},
    {"LIBVIRT_", "", "libvirt"},     {"f2b-", "", "fail2ban"},
    {"fail2ban-", "", "fail2ban"},   {"sshguard", "", "SSHGuard"},
    {"CROWDSEC", "", "CrowdSec"},    {"ts-input", "", "Tailscale"},
    {"ts-forward", "", "Tailscale"}, {"ts-postrouting", "", "Tailscale"},
    {"MINIUPNPD", "", "miniupnpd"},
    // ufw fills all of its chains; the user's rules go to three of them per family.
    {"ufw-user-logging-", "", "ufw"},  {"ufw-user-limit", "", "ufw"},
    {"ufw-user-", "", ""},             {"ufw-", "", "ufw"},
    {"ufw6-user-logging-", "", "ufw"}, {"ufw6-user-limit", "", "ufw"},
    {"ufw6-user-", "", ""},            {"ufw6-", "", "ufw"},
};

// IN_public_allow, FWDI_public, POST_public_log, INPUT_ZONES, PRE_policy_allow-host-ipv6, FORWARD_direct ...
static constexpr Pattern firewalldPatterns[] = {
    {"", "_ZONES", "firewalld"},        {"", "_ZONES_SOURCE", "firewalld"}, {"", "_ZONES_IFACES", "firewalld"},
    {"", "_POLICIES_pre", "firewalld"}, {"", "_POLICIES_post", "firewalld"}, {"", "_direct", "firewalld"},
    {"IN_", "", "firewalld"},           {"FWD_", "", "firewalld"},          {"FWDI_", "", "firewalld"},
    {"FWDO_", "", "firewalld"},         {"PRE_", "", "firewalld"},          {"POST_", "", "firewalld"},
};

static constexpr Pattern interfacePatterns[] = {
    {"docker0", "", "Docker"},     {"docker_gwbridge", "", "Docker"}, {"cni-podman", "", "Podman"},
    {"cni", "", "CNI"},            {"podman", "", "Podman"},          {"flannel", "", "flannel"},
    {"cali", "", "Calico"},        {"vxlan.calico", "", "Calico"},    {"cilium_", "", "Cilium"},
    {"weave", "", "Weave"},        {"kube-", "", "Kubernetes"},       {"virbr", "", "libvirt"},
    {"lxdbr", "", "LXD"},          {"tailscale", "", "Tailscale"},
};

/// Comments begin so.
static constexpr Pattern commentPatterns[] = {
    {"flanneld ", "", "flannel"},       {"cali:", "", "Calico"},
    {"cilium", "", "Cilium"},           {"kubernetes ", "", "Kubernetes"},
    {"generated for LXD ", "", "LXD"},  {"managed by lxd", "", "LXD"},
};

static StringRef firstFit(llvm::ArrayRef<Pattern> patterns, StringRef name) {
  for (const Pattern &pattern : patterns)
    if (name.startswith(pattern.prefix) && name.endswith(pattern.suffix))
      return pattern.agent;
  return {};
}

StringRef agentOfChain(const ir::Table &table, StringRef chain) {
  if (StringRef agent = firstFit(chainPatterns, chain); !agent.empty())
    return agent;
  StringRef agent = firstFit(firewalldPatterns, chain);
  bool hasZones = !agent.empty() && llvm::any_of(table.chains, [](const ir::Chain &of) { return of.name.endswith("_ZONES"); });
  return hasZones ? agent : StringRef();
}

bool isPlaceholder(const ir::Table &table, ir::RuleId id) {
  const ir::Chain &chain = table.chains[id.chain];
  const ir::Rule &rule = chain.rules[id.rule];
  return rule.target.kind == ir::TargetKind::Return && rule.tests.empty() && isMadeByAgent(table, chain.name);
}

bool isMadeByAgent(const ir::Table &table, StringRef chain) {
  bool leftToUser = llvm::any_of(chainPatterns, [&](const Pattern &of) {
    return of.agent.empty() && chain.startswith(of.prefix);
  });
  return leftToUser || !agentOfChain(table, chain).empty();
}

/// Docker names the bridges of its networks br- and twelve hexadecimal digits.
static bool isDockerNetwork(StringRef interface) {
  return interface.consume_front("br-") && interface.size() == 12 && llvm::all_of(interface, llvm::isHexDigit);
}

StringRef agentOfInterface(StringRef interface) {
  return isDockerNetwork(interface) ? StringRef("Docker") : firstFit(interfacePatterns, interface);
}

/// Whether a test is one that agents make when they let the traffic of an interface pass.
static bool isPlumbing(const ir::Test &test) {
  const auto *range = std::get_if<ir::RangeTest>(&test);
  if (!range)
    return false;
  switch (range->field) {
  case ir::Field::In:
  case ir::Field::Out:
  case ir::Field::Src:
  case ir::Field::Dst:
  case ir::Field::CtState:
    return true;
  default:
    return false;
  }
}

/// Agents let traffic pass between interfaces. What comes to the machine itself, and a DROP of certain addresses, is
/// the user's.
static bool isPassing(const ir::Chain &chain, const ir::Rule &rule) {
  auto namesAddress = [](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    return range && (range->field == ir::Field::Src || range->field == ir::Field::Dst);
  };
  bool between = chain.hook == packet::Hook::Forward || chain.hook == packet::Hook::Postrouting;
  bool drops = rule.target.kind == ir::TargetKind::Drop;
  return between && !(drops && llvm::any_of(rule.tests, namesAddress));
}

static StringRef agentByInterface(const ir::Rule &rule) {
  if (!llvm::all_of(rule.tests, isPlumbing))
    return {};
  for (size_t i = 1; i < rule.words.size(); ++i)
    if (rule.words[i - 1] == "-i" || rule.words[i - 1] == "-o")
      if (StringRef agent = agentOfInterface(rule.words[i]); !agent.empty())
        return agent;
  return {};
}

StringRef agentOfRule(const ir::Table &table, ir::RuleId id) {
  const ir::Chain &chain = table.chains[id.chain];
  const ir::Rule &rule = chain.rules[id.rule];
  if (StringRef agent = agentOfChain(table, chain.name); !agent.empty())
    return agent;
  if (rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto)
    if (StringRef agent = agentOfChain(table, rule.target.name); !agent.empty())
      return agent;
  if (StringRef agent = firstFit(commentPatterns, rule.comment); !agent.empty())
    return agent;
  return isPassing(chain, rule) ? agentByInterface(rule) : StringRef();
}

} // namespace iptlint::analysis
