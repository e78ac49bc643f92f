// The kinds of packets that checks ask about, and where to look for the answer.
#pragma once

#include "analysis/Admits.h"
#include "lint/Facts.h"

namespace iptlint::lint {

/// Both ends inclusive.
ir::Test oneOf(packet::Field field, llvm::ArrayRef<ir::Interval> ranges);
ir::Test is(packet::Field field, packet::Value value);

/// In none of \p ranges.
ir::Test unlessIn(packet::Field field, std::vector<ir::Interval> ranges);

/// The interface lo.
ir::Interval loopback();

/// The addresses of a prefix.
ir::Interval prefix(llvm::StringRef address, unsigned length, packet::Family family);

/// Addresses that a packet from the wire does not come from, nor goes to unless to a group.
std::vector<ir::Interval> notOnTheWire(packet::Family family);

/// Sorted, and put together where they meet.
std::vector<ir::Interval> joined(std::vector<ir::Interval> ranges);

/// The largest part of \p within that none of the ranges, as joined() leaves them, has; nothing if there is none.
std::optional<ir::Interval> largestGap(llvm::ArrayRef<ir::Interval> joined, ir::Interval within);

/// Adds the ranges that a test names of a field, negated or not.
void addNamed(const ir::Test &test, packet::Field field, std::vector<ir::Interval> &ranges);

/// A packet that starts a flow and is as plain as one from the wire can be: whole, without a mark, a group of
/// interfaces or a tunnel, and addressed to the machine itself where \p hook is INPUT.
analysis::Kind plainNew(packet::Hook hook);

/// The same of another state: a packet::CtState with packet::kCtSnat and packet::kCtDnat.
analysis::Kind plainOf(packet::Hook hook, packet::Value ctstate);

/// Of this protocol; of TCP the packet that opens a connection.
void addProtocol(analysis::Kind &kind, unsigned protocol);

/// An interface of the names given, where a + stands for all that begin so.
ir::Test byOneOf(llvm::ArrayRef<std::string> interfaces);

/// What of a packet nobody can know who looks at the rules alone, or what hangs together with other fields: hardware
/// addresses, sockets, the flow's own addresses ...
analysis::Fields uncertainFields();

/// The packet in iptables words, without what goes without saying: that some card sent it, that a packet in INPUT is
/// addressed to the machine, and that one by lo comes from it.
std::string wordsFor(packet::Packet packet);

/// The options to ask about one of a rule set's tables with.
analysis::AdmitsOptions askingOf(const Facts &facts);

/// The table of that name, if it is whole: not in a fragment, nor in a script, which may add to rules and policies
/// that are not shown.
const TableFacts *wholeTable(const Facts &facts, llvm::StringRef name);
inline const TableFacts *wholeFilter(const Facts &facts) {
  return wholeTable(facts, "filter");
}

/// The chain of a hook; nullptr if the table does not name it.
const ir::Chain *chainOf(const TableFacts &table, packet::Hook hook);

/// By chain: the ones that the hook's chain leads to, and that itself.
std::vector<bool> chainsBehind(const TableFacts &table, packet::Hook hook);

/// Calls \p visit for every rule that the hook's chain leads to, in the order of the chains.
template <typename Visitor> void eachRuleBehind(const TableFacts &table, packet::Hook hook, Visitor visit) {
  std::vector<bool> behind = chainsBehind(table, hook);
  for (uint32_t c = 0; c != behind.size(); ++c)
    for (uint32_t r = 0; behind[c] && r != table.table->chains[c].rules.size(); ++r)
      visit(RuleFacts{table, {c, r}});
}

/// The first range that a rule asks a field to be in, or not to be in; nullptr if there is none.
const ir::RangeTest *rangeOf(const ir::Rule &rule, packet::Field field);

/// What a rule asks a field to be in; nothing if it asks for nothing, or for what is not in something.
llvm::ArrayRef<ir::Interval> askedOf(const ir::Rule &rule, packet::Field field);

/// The one interface that a rule asks for, of packets that come (Field::In) or leave (Field::Out); empty if there are
/// several, or none.
std::string oneInterface(const ir::Rule &rule, packet::Field field);

/// Whether a part of the rule's condition is not modelled.
bool hasOpaqueTest(const ir::Rule &rule);

/// Whether rules ask for IPsec, which sends and takes packets past routes and the reverse-path filter.
bool asksForIpsec(const Facts &facts);

/// By DROP or REJECT.
bool refuses(const ir::Rule &rule);

/// Whether a table other than filter may get in the way of packets of \p kind that come to \p hook.
bool mayBeTakenElsewhere(const Facts &facts, packet::Hook hook, const analysis::Kind &kind);

} // namespace iptlint::lint
