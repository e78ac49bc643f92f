// The pages of docs/checks, inside the program: `iptlint explain` needs no network and no installed files.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace iptlint::driver {

struct Page {
  llvm::StringLiteral id;   ///< the check's
  llvm::StringLiteral text; ///< Markdown
};

/// Sorted by id. CMake makes the table.
llvm::ArrayRef<Page> allPages();

} // namespace iptlint::driver
