// Which fields of a packet rules write: a State holds these and no others.
#pragma once

#include "ir/Ruleset.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::smt {

/// The fields that some rule of \p tables writes, ascending. An opaque target writes every field that some rule reads.
std::vector<ir::Field> writtenFields(llvm::ArrayRef<const ir::Table *> tables);

} // namespace iptlint::smt
