// `iptlint checks` and `iptlint explain CHECK`.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace iptlint::driver {

/// One line for each check: its id, severity and summary.
int runChecksList(llvm::raw_ostream &out);

/// A check's page. \returns 0, or 2 if there is no such check.
int runExplain(llvm::StringRef id, llvm::raw_ostream &out, llvm::raw_ostream &err);

/// ", did you mean X?" for an id that is no check's, or nothing.
std::string closestCheck(llvm::StringRef id);

} // namespace iptlint::driver
