// What the conditions and targets of a rule mean: from options to ir::Test and ir::Target.
//
// One function for each group of modules; each reads its options out of a Command
// and appends to the rule. A value that iptables would refuse is a finding, and the
// rule is broken then.
#pragma once

#include "parse/Command.h"
#include "llvm/Support/StringSaver.h"

namespace iptlint::parse {

/// A rule being made.
struct RuleBuilder {
  const Command &command;
  packet::Family family;
  llvm::BumpPtrAllocator &memory;
  llvm::UniqueStringSaver &strings;
  Findings &findings;
  ir::Rule &rule;
  /// A list of addresses has members that overlap. The kernel makes a rule of each, and a packet in
  /// two of them meets the target twice where the first time does not decide.
  bool overlaps = false;

  /// Of one word only the first error is said.
  void error(llvm::StringRef at, std::string message) {
    rule.broken = true;
    if (!findings.saidAt(at))
      findings.error(at, std::move(message));
  }
  /// A value of an option, without its quotes.
  llvm::StringRef value(const Use &use, unsigned index = 0) const;
  /// A finding: the value is no \p what.
  void refuse(const Use &use, llvm::StringRef what, unsigned index = 0);

  /// field in ranges, or not in them. No test for what every packet meets.
  void addRanges(packet::Field field, llvm::SmallVector<ir::Interval, 1> ranges, bool negated);
  void addRange(packet::Field field, packet::Value lo, packet::Value hi, bool negated);
  /// (field & mask) == value, or not. No test for what every packet meets.
  void addMask(packet::Field field, packet::Value mask, packet::Value value, bool negated);
  /// Later fragments carry no transport header: whatever reads one does not match them.
  void addFirstFragment();
};

/// -s -d -i -o -p -f.
void addBaseTests(RuleBuilder &builder);
/// tcp, udp, sctp, dccp: ports and flags.
void addTransportTests(RuleBuilder &builder, unsigned module);
void addMultiportTests(RuleBuilder &builder, unsigned module);
void addIcmpTests(RuleBuilder &builder, unsigned module);
/// conntrack and state.
void addStateTests(RuleBuilder &builder, unsigned module);
void addMarkTests(RuleBuilder &builder, unsigned module);
void addIprangeTests(RuleBuilder &builder, unsigned module);
void addAddrtypeTests(RuleBuilder &builder, unsigned module);
void addMacTests(RuleBuilder &builder, unsigned module);
/// The module as a whole as one unknown.
void addOpaqueTest(RuleBuilder &builder, unsigned module);
/// -j and -g. Chains are bound later.
void addTarget(RuleBuilder &builder);

/// Options that exclude or need each other, and values that are one of a few words.
void checkRelations(RuleBuilder &builder);

/// Where a rule stands.
struct Place {
  llvm::StringRef table;
  std::optional<packet::Hook> hook; ///< of a built-in chain
};
/// What the rule demands of its place and of itself, where that is not met for certain.
void addDemands(RuleBuilder &builder, const Place &place);

/// Whether a value is one that \p option takes, as far as its kind tells.
bool fits(llvm::StringRef text, const Option &option, packet::Family family);

/// Everything behind the chain's name. \p rule is empty but for its place.
void buildRule(RuleBuilder builder, const Place &place);

} // namespace iptlint::parse
