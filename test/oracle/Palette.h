// The conditions and targets that small worlds are made of, each with the words it is printed with.
//
// Worlds have three fields: the source address tells 0.0.0.0, 0.0.0.1 and the rest apart, the destination
// 0.0.0.0 and the rest, and the mark its lowest bit from the other ones.
#pragma once

#include "ir/Ruleset.h"
#include <string>

namespace iptlint::oracle {

struct Condition {
  std::string words;
  std::vector<ir::Test> tests;
};

/// A target, or a whole rule that could not be read.
struct Act {
  std::string words;
  ir::Target target;
  bool broken = false;
};

Condition any();
/// Addresses from \p lo to \p hi, printed as the prefix they make.
Condition source(uint32_t lo, uint32_t hi);
Condition destination(uint32_t lo, uint32_t hi);
Condition eitherPort(uint16_t port);
Condition markIs(uint32_t value, uint32_t mask);
Condition flowMarkIs(uint32_t value, uint32_t mask);
Condition hasFlow();
Condition function(llvm::StringRef text);
Condition stateful(llvm::StringRef text);
/// All tests of a condition turned round; it must have one test.
Condition no(Condition condition);
Condition both(const Condition &left, const Condition &right);
/// At least one of these holds, as the members of a set; they must be of tests of fields.
Condition oneOf(const std::vector<Condition> &alternatives);

Act accept();
Act drop();
Act reject();
Act goBack(); ///< RETURN
Act log();
Act justCount(); ///< no target
/// MARK --set-xmark: mark = (mark & ~mask) ^ value.
Act setXmark(uint32_t value, uint32_t mask);
/// SET --map-mark: the bits of \p mask become unknown.
Act mapMark(uint32_t mask);
/// CONNMARK --save-mark and --restore-mark: the bits of \p mask are copied, if the packet has a flow.
Act saveMark(uint32_t mask);
Act restoreMark(uint32_t mask);
/// CT --notrack, which changes what opaque functions may look at where conntrack has not seen the packet, and else nothing.
Act notrack();
Act decrementTtl(); ///< changes what opaque functions may look at
Act unmodelled();   ///< a target that is not modelled
/// To the chain of this index; ir::kNoChain: one that does not exist.
Act jumpTo(uint32_t chain);
Act goTo(uint32_t chain);
Act unreadable();

/// "X", "Y" ... for the index of a user chain.
llvm::StringRef userChainName(uint32_t chain);

ir::Rule makeRule(const Condition &condition, const Act &act);

/// The table as iptables-save would write it.
std::string textOf(const ir::Table &table);
std::string textOf(const ir::Table &table, ir::RuleId id);

} // namespace iptlint::oracle
