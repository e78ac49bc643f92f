// The texts that `--routes`, `--rules`, `--addresses`, `--bridges` and `--sysctl` name.
#pragma once

#include "driver/Options.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::driver {

/// Reads them all. Where a file cannot be opened, says so on \p err in one line and gives nothing.
/// \param hosts  what names in place of addresses stand for; may be null.
std::optional<parse::ParsedNetwork> readNetwork(const NetworkFiles &files, std::shared_ptr<const parse::Hosts> hosts,
                                                llvm::raw_ostream &err);

/// For commands that need every line: all findings, notes among them, are printed on \p err, and where a line could not
/// be read nothing is given. Null where nothing is named.
std::optional<std::shared_ptr<const ir::Network>>
readWholeNetwork(const NetworkFiles &files, std::shared_ptr<const parse::Hosts> hosts, llvm::raw_ostream &err);

} // namespace iptlint::driver
