// What is wrong with the shape of one line.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace iptlint::parse {

struct LineError {
  llvm::StringRef at; ///< the part of the line that does not fit
  std::string message;
};

} // namespace iptlint::parse
