// Which table the chains of a listing belong to.
#pragma once

#include "packet/Field.h"
#include "parse/ListingRow.h"
#include <vector>

namespace iptlint::parse {

struct ListedRule {
  llvm::StringRef line;
  ListingRow row;
  bool interfaces = false; ///< the listing has columns for them
};

struct ListedChain {
  llvm::StringRef line; ///< its heading
  ListingHeading heading;
  std::vector<ListedRule> rules;
};

/// Chains of one table.
struct ListedTable {
  llvm::StringRef name;                 ///< as a line in front of it says; empty where none does
  std::optional<packet::Family> family; ///< likewise
  std::vector<ListedChain> chains;
};

/// What a line that is no part of a listing says of the table behind it: `# ip6tables -t nat -L`, `Table: nat`.
struct TableHint {
  llvm::StringRef table;
  std::optional<packet::Family> family;
};
std::optional<TableHint> tableHint(llvm::StringRef line);

/// Whether a chain of this name cannot belong to the table that is being read: built-in chains stand first,
/// in the order in which packets meet them.
bool beginsTable(const ListedTable &table, llvm::StringRef chain);

/// The table by its built-in chains, where no line names it.
/// \param sure  set to false where several tables may have these chains.
llvm::StringRef tableByChains(const ListedTable &table, bool &sure);

} // namespace iptlint::parse
