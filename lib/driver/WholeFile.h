// Texts written whole or not at all.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace iptlint::driver {

/// Writes \p text to \p path by way of a file beside it that is then renamed. A file that was there
/// keeps its permissions; a link is followed, not replaced. What is no regular file (a pipe, /dev/null)
/// is written to directly.
llvm::Error writeWhole(llvm::StringRef path, llvm::StringRef text);

struct TextFile {
  std::string path, text;
};

/// The same for several texts, in their order: each is written beside its place before the first is renamed, so that
/// where one cannot be written, none is.
llvm::Error writeTogether(llvm::ArrayRef<TextFile> files);

} // namespace iptlint::driver
