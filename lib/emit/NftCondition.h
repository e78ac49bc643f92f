// The condition of a rule in the words of nft(8), made from what the rule tests and not from how it was written.
//
// What nft would answer differently for some packet is not written: the caller is told what it is.
#pragma once

#include "emit/NftRule.h"

namespace iptlint::emit {

class NftCondition {
public:
  /// \param tracked  the table tracks connections, so that no packet in it is a fragment.
  NftCondition(packet::Family family, bool tracked) : family(family), tracked(tracked) {}

  /// The parts of \p tests, added to \p rule.
  /// \returns what cannot be written; empty if all is.
  std::string add(llvm::ArrayRef<ir::Test> tests, NftRule &rule);

private:
  void add(const ir::RangeTest &test);
  void add(const ir::MaskTest &test);
  void add(const ir::OpaqueTest &test);
  void add(const ir::UnionTest &test);
  void addKeys(const ir::RangeTest &test);
  void addInterfaces(const ir::RangeTest &test);
  void addFragment(const ir::RangeTest &test);
  void addIcmp(const ir::RangeTest &test);
  void addStates(const ir::RangeTest &test);
  void addAddressTypes(const ir::RangeTest &test);
  void addNames(const ir::RangeTest &test, llvm::StringRef selector, llvm::ArrayRef<llvm::StringLiteral> names);
  void addMac(const ir::RangeTest &test);
  void addNumbers(const ir::RangeTest &test, llvm::StringRef selector);
  void addOwner(const ir::RangeTest &test, llvm::StringRef selector);
  void addTos(const ir::MaskTest &test);
  void addSet(const ir::RangeTest &test, llvm::StringRef selector, std::vector<std::string> values);
  void addText(std::string text, bool steady = false) {
    rule->parts.push_back({std::move(text), std::nullopt, steady});
  }
  bool isFlow(const ir::RangeTest &test) const;
  void refuse(const std::string &what) {
    if (refused.empty())
      refused = what;
  }

  packet::Family family;
  bool tracked;
  NftRule *rule = nullptr;
  std::string refused;
  bool readsConnMark = false; ///< a later part asks the flow for its mark, which only packets with a flow have
};

} // namespace iptlint::emit
