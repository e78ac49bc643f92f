// A shell script as what it does to the rules of a machine that has just started.
//
// The script is followed as far as its own text says what happens: variables, loops over words, functions,
// conditions that ask iptables. Where it takes a shell on the machine to know, rules are kept as ones that may be there
// or not, and a finding `needs-shell` says where. docs/forms.md says what is followed and what is assumed.
#pragma once

#include "parse/Parse.h"

namespace iptlint::parse {

ParsedRules parseScript(std::shared_ptr<const support::Source> source, const RulesOptions &options);

} // namespace iptlint::parse
