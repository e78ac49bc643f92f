// The names of hosts that `--hosts` names files of.
#pragma once

#include "parse/Hosts.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>
#include <vector>

namespace iptlint::driver {

/// Reads the files one after the other. Where one cannot be read, says so on \p err in one line and gives null.
std::shared_ptr<const parse::Hosts> readHosts(const std::vector<std::string> &paths, llvm::raw_ostream &err);

} // namespace iptlint::driver
