// `iptables -S` and `iptables -S -v`: the commands that would make a table's rules, without the table's name.
#pragma once

#include "parse/Parse.h"

namespace iptlint::parse {

/// Whether \p text, which has no line that another form alone has, is what `iptables -S` prints.
bool isRuleList(llvm::StringRef text);

/// Reads it. Several in a row are told apart by their -P lines, with which each begins, or by the command lines between them. Lines that are no
/// option are passed over, as those of a shell session.
/// Which table it is shows in the built-in chains; where several have them, in what only one table allows; else it is
/// filter.
ParsedRules parseRuleList(std::shared_ptr<const support::Source> source, const RulesOptions &options);

} // namespace iptlint::parse
