// Which form a text of rules is written in, by its lines.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::parse {

/// The form of \p text. The first line that one form alone has decides: `*filter`, `:INPUT ACCEPT` and COMMIT are of
/// iptables-save, `Chain INPUT (policy ACCEPT)` is of a listing. A text without any such line counts as Form::Save.
ir::Form recogniseForm(llvm::StringRef text);

/// `Chain INPUT (policy ACCEPT 3 packets, 180 bytes)` or `Chain WEB (1 references)`, the line that a chain of
/// a listing begins with.
bool isChainHeading(llvm::StringRef line);

} // namespace iptlint::parse
