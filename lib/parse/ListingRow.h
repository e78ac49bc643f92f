// One line of a listing, cut at its columns and not yet understood.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace iptlint::parse {

/// Which columns a listing has, as its heading says: those of --line-numbers and of -v.
struct ListingColumns {
  bool number = false;
  bool counters = false;
  bool interfaces = false;
  size_t target = 0; ///< where that column begins, in bytes
};

/// `num   pkts bytes target     prot opt in     out     source               destination`
std::optional<ListingColumns> readColumns(llvm::StringRef line);

/// All texts are slices of the line; what the line has not is empty.
struct ListingRow {
  llvm::StringRef target, protocol, fragments, in, out, source, destination;
  llvm::StringRef phrases; ///< what stands behind the columns
};

/// Nothing for a line that is no rule.
/// A target may be missing, and may be longer than its column, which moves the rest of the row.
std::optional<ListingRow> readRow(llvm::StringRef line, const ListingColumns &columns);

/// `Chain INPUT (policy ACCEPT 3 packets, 180 bytes)`, `Chain WEB (2 references)`
struct ListingHeading {
  llvm::StringRef name;
  llvm::StringRef policy;             ///< empty for a chain of the user's
  std::optional<unsigned> references; ///< of a chain of the user's, where they are known
};
std::optional<ListingHeading> readHeading(llvm::StringRef line);

} // namespace iptlint::parse
