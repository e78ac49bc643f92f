// Which form a text of rules is written in, by its lines.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::parse {

/// The form of \p text. The first line that one form alone has decides: `*filter`, `:INPUT ACCEPT` and COMMIT are of
/// iptables-save, `Chain INPUT (policy ACCEPT)` is of a listing, `iptables -A ...`
/// and `#!/bin/sh` are of a script, `table ip NAME` is for nft. Without one, a text of -P, -N and -A lines that begins with -P or -N, or is about a
/// chain that filter does not have, is of `iptables -S`. A text without any such line counts as Form::Save.
ir::Form recogniseForm(llvm::StringRef text);

} // namespace iptlint::parse
