#include "smt/Tracking.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::smt {

static bool isTrackingMatch(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("conntrack", "state", "connbytes", "connlabel", "connlimit", "connmark", true)
      .Cases("helper", "cluster", "socket", true)
      .Default(false);
}

/// CT with --notrack alone does not track; any other use of CT does.
static bool isTrackingTarget(const ir::Target &target) {
  // A user chain may be called like a target.
  if (target.kind == ir::TargetKind::Jump || target.kind == ir::TargetKind::Goto)
    return false;
  if (target.name == "CT")
    return !target.options.contains("--notrack");
  return llvm::StringSwitch<bool>(target.name)
      .Cases("DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP", true)
      .Cases("CONNMARK", "CONNSECMARK", "SYNPROXY", "CLUSTERIP", "TPROXY", true)
      .Default(false);
}

static bool namesTrackingMatch(llvm::ArrayRef<llvm::StringRef> words) {
  for (size_t i = 1; i < words.size(); ++i)
    if ((words[i - 1] == "-m" || words[i - 1] == "--match") && isTrackingMatch(words[i]))
      return true;
  return false;
}

/// A match by the name the parser gave it, however it was written.
static bool testsConnection(const ir::Test &test) {
  const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  if (!opaque)
    return false;
  llvm::StringRef option = opaque->option;
  return option.consume_front("-m ") && isTrackingMatch(option.take_until([](char c) { return c == ' '; }));
}

static bool testsFlow(const ir::Test &test) {
  bool any = false;
  ir::forEachRead(test, [&](ir::Field field, ir::Value) { any |= packet::isOfFlow(field); });
  return any;
}

static bool tracks(const ir::Rule &rule) {
  return isTrackingTarget(rule.target) || namesTrackingMatch(rule.words) || llvm::any_of(rule.tests, testsFlow) ||
         llvm::any_of(rule.tests, testsConnection);
}

bool tracksConnections(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) { return llvm::any_of(chain.rules, tracks); });
}

} // namespace iptlint::smt
