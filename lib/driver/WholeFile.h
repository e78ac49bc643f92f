// A text written whole or not at all.
#pragma once

#include "llvm/Support/Error.h"

namespace iptlint::driver {

/// Writes \p text to \p path by way of a file beside it that is then renamed. A file that was there
/// keeps its permissions; a link is followed, not replaced. What is no regular file (a pipe, /dev/null)
/// is written to directly.
llvm::Error writeWhole(llvm::StringRef path, llvm::StringRef text);

} // namespace iptlint::driver
