// The text of `iptables -L` and `ip6tables -L`, with or without -n, -v, -x and --line-numbers.
#pragma once

#include "parse/Parse.h"

namespace iptlint::parse {

/// Reads a listing, or several in a row with what a terminal shows around them.
/// docs/forms.md says what a listing hides and what is made of that.
ParsedRules parseListing(std::shared_ptr<const support::Source> source, const RulesOptions &options);

} // namespace iptlint::parse
