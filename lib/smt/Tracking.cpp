#include "smt/Tracking.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::smt {

static bool isTrackingMatch(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("conntrack", "state", "connbytes", "connlabel", "connlimit", "connmark", true)
      .Cases("helper", "cluster", true)
      .Default(false);
}

/// CT with --notrack alone does not track; any other use of CT does.
static bool isTrackingTarget(const ir::Target &target) {
  if (target.name == "CT")
    return !target.options.contains("--notrack");
  return llvm::StringSwitch<bool>(target.name)
      .Cases("DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP", true)
      .Cases("CONNMARK", "CONNSECMARK", "SYNPROXY", "CLUSTERIP", true)
      .Default(false);
}

static bool namesTrackingMatch(llvm::ArrayRef<llvm::StringRef> words) {
  for (size_t i = 1; i < words.size(); ++i)
    if ((words[i - 1] == "-m" || words[i - 1] == "--match") && isTrackingMatch(words[i]))
      return true;
  return false;
}

static bool testsState(const ir::Test &test) {
  const auto *range = std::get_if<ir::RangeTest>(&test);
  const auto *mask = std::get_if<ir::MaskTest>(&test);
  return (range && range->field == ir::Field::CtState) || (mask && mask->field == ir::Field::CtState);
}

static bool tracks(const ir::Rule &rule) {
  return isTrackingTarget(rule.target) || namesTrackingMatch(rule.words) || llvm::any_of(rule.tests, testsState);
}

bool tracksConnections(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) { return llvm::any_of(chain.rules, tracks); });
}

} // namespace iptlint::smt
