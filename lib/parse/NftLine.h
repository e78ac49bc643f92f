// One line of nft text, split by its shape and not yet understood.
//
// Here ends what ANTLR is for: the rest of the reader works on the slices below.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace iptlint::parse {

/// Where a line stands, which decides what it may be.
enum class NftPlace : uint8_t { Top, Table, Chain, Map };

enum class NftLineKind : uint8_t {
  TableOpen,    ///< `table ip NAME {`
  TableMade,    ///< `table ip NAME`
  TableDeleted, ///< `delete table ip NAME`
  TableClose,
  ChainOpen, ///< `chain NAME {`
  ChainClose,
  Base, ///< `type filter hook input priority 0; policy accept;`
  Rule,
  MapPart, ///< elements of a map that other lines began
  MapEnd,  ///< the last of them, or none, and its brace
};

/// Parts of a concatenation, as they are written.
using NftValue = llvm::SmallVector<llvm::StringRef, 2>;

/// `goto NAME`; a chain is named behind `jump` and `goto` alone.
struct NftVerdict {
  llvm::StringRef verb, chain;
};

struct NftElement {
  llvm::StringRef at;
  NftValue value;
  NftVerdict verdict;
};

enum class NftClauseKind : uint8_t {
  Match,
  Map, ///< a verdict map
  SetMark,
  Chance,
  Limit,
  Log,
  Reject,
  Nat,     ///< dnat, snat
  PortNat, ///< masquerade, redirect
  Notrack,
  Counter,
  Verdict,
  Comment,
};

/// A part of a rule. All texts are slices of the line.
struct NftClause {
  NftClauseKind kind = NftClauseKind::Match;
  llvm::StringRef at;
  std::vector<llvm::StringRef> words; ///< all of it, one token after the other; none of a Map
  // Match and Map
  std::vector<NftValue> selector; ///< `ip saddr`: its words, of each expression
  llvm::StringRef mask;           ///< behind `&`; empty if none
  bool negated = false;
  bool flags = false; ///< values with commas between and no braces: any of these bits
  std::vector<NftValue> values;
  std::vector<NftElement> elements; ///< of a Map
  bool open = false;                ///< of a Map: more lines follow
  NftVerdict verdict;               ///< of a Verdict
};

/// With a fault, the rest is not to be used.
struct NftLine {
  NftLineKind kind = NftLineKind::Rule;
  std::vector<llvm::StringRef> words; ///< of all kinds but Rule and those of maps: every token
  std::vector<NftClause> clauses;     ///< of a Rule; of a MapEnd, those behind the brace
  std::vector<NftElement> elements;   ///< of a MapPart or a MapEnd
  llvm::StringRef faultAt;
  std::string fault; ///< empty: none
};

/// Reads lines one by one, keeping the generated parser between them. Not for two threads at once.
class NftLineReader {
public:
  /// A longer line than this, in bytes, is an error.
  static constexpr size_t kMaxBytes = 1 << 22;

  NftLineReader();
  ~NftLineReader();

  NftLine read(llvm::StringRef line, NftPlace place);

private:
  struct Machine;
  std::unique_ptr<Machine> machine;
};

} // namespace iptlint::parse
