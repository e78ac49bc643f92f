// Lines of iptables-save text, as both printers of rule sets write them.
#pragma once

#include "ir/Ruleset.h"
#include <string>

namespace iptlint::emit {

/// `ACCEPT`, `DROP`; `-` where there is no policy or none is known.
llvm::StringRef policyText(ir::Policy policy);

/// `[12:3456]`
void appendCounters(std::string &out, const ir::Counters &counters);

/// `:INPUT ACCEPT [0:0]`; without counters where the chain has none.
void appendChain(std::string &out, const ir::Chain &chain);

/// A blank and a word, for each of the rule's words.
void appendWords(std::string &out, const ir::Rule &rule);

} // namespace iptlint::emit
