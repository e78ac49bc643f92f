// IR to text: the one printer.
#pragma once

#include "ir/Routes.h"
#include "ir/Ruleset.h"
#include <string>

namespace iptlint::ir {
struct Network; // ir/Network.h
}

namespace iptlint::emit {

/// The rule sets of one text as iptables-save writes them, in the order of the text they came from:
/// tables, chains, rules, counters, comments. For a text that iptables-save wrote this is that
/// text, byte for byte. Rules that a pass took out are not there; the rest does not move.
/// What was read from a listing or a script (ir::Ruleset::form) is printed as saveText() does.
std::string rulesText(const std::vector<ir::Ruleset> &rulesets);

/// The same by structure, for iptables-restore: tables in the order of the text, of each its chains and then
/// their rules as -A lines; no comments, no table that a later one replaces. A header tells the families apart where
/// there are two.
std::string saveText(const std::vector<ir::Ruleset> &rulesets);

/// One rule as a line without its end: `-A INPUT -s 10.0.0.0/8 -j DROP`, counters in front where it has any.
std::string ruleText(const ir::Chain &chain, const ir::Rule &rule);

/// A route table in the form it was read from.
std::string routesText(const ir::Routes &network);

/// All that is known of what surrounds the rules, a thing a line; docs/network.md says what the words mean.
std::string networkText(const ir::Network &network);

} // namespace iptlint::emit
