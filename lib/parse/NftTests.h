// What the parts of a rule in nft text mean: from clauses to tests.
#pragma once

#include "parse/Findings.h"
#include "parse/NftFields.h"

namespace iptlint::parse {

/// A rule in the making: what has been read of its line.
struct NftRule {
  ir::Rule rule;
  bool readsTransport = false; ///< of a later fragment it reads bytes that are no header of ports
  bool keepsState = false;
};

/// What an element of a map asks besides the rule that the map stands in.
struct NftKeys {
  std::vector<ir::Interval> ranges; ///< one for each expression of the selector
};

class NftTests {
public:
  NftTests(packet::Family family, Findings &findings) : family(family), findings(findings) {}

  /// Adds the tests of a Match. A finding where it is not understood.
  void add(const NftClause &clause, NftRule &into);

  /// The fields that a Map asks; what its expressions ask besides is added to \p into. Empty, with a finding, where one
  /// is not understood.
  std::vector<NftField> fieldsOf(const NftClause &map, NftRule &into);
  /// What an element asks; nothing, with a finding, where it is not understood.
  std::optional<NftKeys> keysOf(const NftElement &element, const std::vector<NftField> &fields);

private:
  std::optional<NftField> fieldOf(llvm::StringRef at, const NftValue &words, NftRule &into);
  void addMasked(const NftClause &clause, const NftField &field, NftRule &into);
  void addStatus(const NftClause &clause, NftRule &into);
  void addRanges(const NftField &field, NftRanges ranges, bool negated, NftRule &into);
  void refuse(llvm::StringRef at, const std::string &what);

  packet::Family family;
  Findings &findings;
};

} // namespace iptlint::parse
