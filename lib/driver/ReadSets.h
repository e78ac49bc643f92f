// The sets that `--sets` names.
#pragma once

#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// Reads the files one after the other. Where one cannot be opened, says so on \p err in one line and gives nothing.
std::optional<parse::ParsedSets> readSets(const std::vector<std::string> &paths, llvm::raw_ostream &err);

/// For commands that need every line: where one could not be read, that is said, too, and nothing is given. Null
/// where no file is named.
std::optional<std::shared_ptr<const ir::Sets>> readWholeSets(const std::vector<std::string> &paths, llvm::raw_ostream &err);

} // namespace iptlint::driver
