// What the conditions and targets of a rule mean: from options to ir::Test and ir::Target.
//
// One function for each group of modules; each reads its options out of a Command
// and appends to the rule. A value that iptables would refuse is a finding, and the
// rule is broken then.
#pragma once

#include "ir/BackEnd.h"
#include "parse/Command.h"
#include "llvm/Support/StringSaver.h"

namespace iptlint::parse {

class KnownSets;

/// How a length in a header counts bytes: unit * value + least.
struct HeaderLength {
  unsigned unit = 1;
  unsigned least = 0;
  bool zeroIsNone = false; ///< a length of 0 in a rule tests nothing
};

/// A rule being made.
struct RuleBuilder {
  const Command &command;
  packet::Family family;
  llvm::BumpPtrAllocator &memory;
  llvm::UniqueStringSaver &strings;
  Findings &findings;
  ir::Rule &rule;
  KnownSets *sets = nullptr; ///< null: nothing is known of sets
  bool normalTexts = false; ///< as RulesOptions has it
  std::optional<ir::BackEnd> backEnd = std::nullopt; ///< as RulesOptions has it
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
  /// The same by its name; empty where the rule does not have the option.
  llvm::StringRef valueOf(unsigned module, llvm::StringRef option) const {
    const Use *use = command.find(module, option);
    return use && !use->values.empty() ? value(*use) : llvm::StringRef();
  }
  /// A finding: the value is no \p what.
  void refuse(const Use &use, llvm::StringRef what, unsigned index = 0);

  /// Keeps the name of an interface that an option asks about, with its place.
  void noteInterface(const Use &use);

  /// field in ranges, or not in them. No test for what every packet meets.
  void addRanges(packet::Field field, llvm::SmallVector<ir::Interval, 1> ranges, bool negated);
  void addRange(packet::Field field, packet::Value lo, packet::Value hi, bool negated);
  /// The range of numbers that an option gives; the wrong way round it holds none. A finding where it is none, or
  /// above \p most: no \p what.
  void addNumbers(const Use &use, packet::Field field, uint64_t most, llvm::StringRef what);
  /// The length in bytes that an option gives, of a header whose length field is \p field.
  void addHeaderLength(const Use &use, packet::Field field, HeaderLength length);
  /// (field & mask) == value, or not. No test for what every packet meets.
  void addMask(packet::Field field, packet::Value mask, packet::Value value, bool negated);
  /// All of \p tests, or with \p negated not all of them.
  void addAll(ir::Alternative tests, bool negated);
  /// Any of \p alternatives, or with \p negated none of them.
  void addUnion(std::vector<ir::Alternative> alternatives, bool negated);
  /// Later fragments carry no transport header: whatever reads one does not match them.
  void addFirstFragment();
};

/// What a value is where getaddrinfo() knows no such port.
constexpr llvm::StringLiteral kNoServicePort =
    "port, nor a range of ports; decimal numbers up to 65535 and names of services may stand here";

/// -s -d -i -o -p -f.
void addBaseTests(RuleBuilder &builder);

// One for each match, or for a few that are alike.
void addTransportTests(RuleBuilder &builder, unsigned module);
void addMultiportTests(RuleBuilder &builder, unsigned module);
void addIcmpTests(RuleBuilder &builder, unsigned module);
void addStateTests(RuleBuilder &builder, unsigned module);
void addConntrackTests(RuleBuilder &builder, unsigned module);
void addConnmarkTests(RuleBuilder &builder, unsigned module);
void addMarkTests(RuleBuilder &builder, unsigned module);
void addIprangeTests(RuleBuilder &builder, unsigned module);
void addAddrtypeTests(RuleBuilder &builder, unsigned module);
void addRealmTests(RuleBuilder &builder, unsigned module);
void addMacTests(RuleBuilder &builder, unsigned module);
/// With sets that are known; without, one unknown.
void addSetTests(RuleBuilder &builder, unsigned module);
/// Sets that a target names must be there.
void checkSetsOfTarget(RuleBuilder &builder);
void addPkttypeTests(RuleBuilder &builder, unsigned module);
void addPhysdevTests(RuleBuilder &builder, unsigned module);
void addDevgroupTests(RuleBuilder &builder, unsigned module);
void addOwnerTests(RuleBuilder &builder, unsigned module);
void addTosTests(RuleBuilder &builder, unsigned module);
void addDscpTests(RuleBuilder &builder, unsigned module);
void addEcnTests(RuleBuilder &builder, unsigned module);
void addTtlTests(RuleBuilder &builder, unsigned module);
void addLengthTests(RuleBuilder &builder, unsigned module);
void addEspTests(RuleBuilder &builder, unsigned module);
void addAhTests(RuleBuilder &builder, unsigned module);
void addPolicyTests(RuleBuilder &builder, unsigned module);
void addOptionsHeaderTests(RuleBuilder &builder, unsigned module);
void addRoutingHeaderTests(RuleBuilder &builder, unsigned module);
void addFragTests(RuleBuilder &builder, unsigned module);
void addIpv6headerTests(RuleBuilder &builder, unsigned module);
void addMhTests(RuleBuilder &builder, unsigned module);

/// `--dccp-types`.
void addDccpTypes(RuleBuilder &builder, const Use &use);
/// `--chunk-types`.
void addSctpChunks(RuleBuilder &builder, const Use &use);
/// One unknown, with the share of packets that it takes.
void addStatisticTests(RuleBuilder &builder, unsigned module);
/// The module as a whole as one unknown.
void addOpaqueTest(RuleBuilder &builder, unsigned module);
/// One option by itself as an unknown. With `!` it is true exactly where it is false without, given that the rule's
/// tests before it hold.
void addOpaqueOption(RuleBuilder &builder, const Use &use);
/// What a target that lets the packet go on writes to fields: a part of addTarget().
void addWrites(RuleBuilder &builder, unsigned module);
/// What a target that ends the table writes for later tables: a part of addTarget().
void addHandsOn(RuleBuilder &builder, unsigned module);
/// Which address and port a target of nat chooses: a part of addTarget().
void addNat(RuleBuilder &builder, unsigned module);
/// -j and -g. Chains are bound later.
void addTarget(RuleBuilder &builder);

/// Options that exclude or need each other, and values that are one of a few words.
void checkRelations(RuleBuilder &builder);
/// What a module's options say together: a part of checkRelations().
void checkCombinations(RuleBuilder &builder, unsigned module);

/// Where a rule stands.
struct Place {
  llvm::StringRef table;
  std::optional<packet::Hook> hook; ///< of a built-in chain
};
/// What the rule demands of its place and of itself, where that is not met for certain.
void addDemands(RuleBuilder &builder, const Place &place);

/// Everything behind the chain's name. \p rule is empty but for its place.
void buildRule(RuleBuilder builder, const Place &place);

} // namespace iptlint::parse
