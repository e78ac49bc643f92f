// What differs between two texts, as a unified diff.
//
// Made for texts of which one came out of the other by taking lines out and putting others in their place. It is right
// for any two texts, but for such it is the shortest too, in linear time.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace iptlint::driver {

/// Why the lines of a hunk differ, one reason each; they stand before it as lines that begin with #, which patch skips.
/// \param gone  the lines of the first text that the hunk takes out, from 1, ascending.
using HunkReasons = llvm::function_ref<std::vector<std::string>(const std::vector<unsigned> &gone)>;

/// Empty where the texts are the same.
/// \param name  of the file, for both sides: patch -p0 changes the file of that name.
std::string unifiedDiff(llvm::StringRef before, llvm::StringRef after, llvm::StringRef name, HunkReasons reasons);

} // namespace iptlint::driver
