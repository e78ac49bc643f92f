// Which rules a program wrote by itself.
//
// kube-proxy, Docker, ufw, firewalld, fail2ban and their like add rules without knowing each other's, so
// that one's rules often make another's dead; nobody can mend that in the rules. They are known by the names of
// their chains, of their interfaces, and by what they put into comments; Agents.cpp has the table. Chains that
// an agent leaves to the user (DOCKER-USER, ufw-user-input) are not an agent's.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::analysis {

/// The agent that fills chains of this name: "Docker"; empty if none does. firewalld's names are common words
/// (IN_public), so they count only in a table that has its chains of zones.
llvm::StringRef agentOfChain(const ir::Table &table, llvm::StringRef chain);

/// Whether an agent makes chains of this name, to fill them itself or for the user to fill.
bool isMadeByAgent(const ir::Table &table, llvm::StringRef chain);

/// Whether an agent put this rule where the user's rules go: the RETURN without conditions in DOCKER-USER.
bool isPlaceholder(const ir::Table &table, ir::RuleId id);

/// The agent that makes interfaces of this name; empty if none does. A trailing + is allowed.
llvm::StringRef agentOfInterface(llvm::StringRef interface);

/// The agent that wrote a rule: by its chain, the chain it jumps to, its comment, or, for a rule of a
/// built-in chain that tests nothing but interfaces, addresses and connection state, by an interface it
/// names. Empty if it is taken for the user's.
llvm::StringRef agentOfRule(const ir::Table &table, ir::RuleId id);

} // namespace iptlint::analysis
