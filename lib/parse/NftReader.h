// Reads text for `nft -f` as a rule set of iptables': the tables of docs/nftables.md, and of nft(8) what stands there.
//
// Each table is one of iptables', each base chain a built-in chain, and a map of verdicts is a rule for each of its
// elements. Whatever has no place in that is an error where it stands; nothing is passed over.
#pragma once

#include "parse/IptablesWords.h"
#include "parse/NftTests.h"
#include "parse/Parse.h"
#include "llvm/ADT/StringMap.h"
#include <set>

namespace iptlint::parse {

/// A text for nft; \p options as for parseRules().
ParsedRules parseNftables(std::shared_ptr<const support::Source> source, const RulesOptions &options);

class NftReader {
public:
  /// \param family  of a text without any table.
  NftReader(std::shared_ptr<const support::Source> source, packet::Family family)
      : source(std::move(source)), findings(*this->source), family(family) {}

  ParsedRules read();

private:
  // NftReader.cpp: lines, tables and chains.
  void readLine(llvm::StringRef text);
  void readBlock(const NftLine &line);
  void openTable(const NftLine &line);
  void closeTable();
  void openChain(const NftLine &line);
  void readBase(const NftLine &line);
  void bindJumps();
  void addFirstFragments();
  ir::Ruleset &rulesetOf(packet::Family family);

  // NftRules.cpp: rules.
  void readRule(const NftLine &line);
  void continueMap(const NftLine &line);
  void readClause(const NftClause &clause, NftRule &into);
  void addState(const NftClause &clause, NftRule &into);
  void act(const NftClause &clause, NftRule &into);
  void setAction(llvm::StringRef at, const ir::Target &target, NftRule &into);
  ir::Target targetOf(const NftVerdict &verdict);
  void addCounters(const NftClause &clause, NftRule &into);
  void beginMap(const NftClause &clause, NftRule &into);
  void addElements(llvm::ArrayRef<NftElement> elements);
  bool isDisjoint(const std::vector<ir::Interval> &keys);
  void add(NftRule made);

  /// A rule of the open table that reads a transport header, by chain and number.
  struct Place {
    uint32_t chain, rule;
  };
  struct ByStart {
    bool operator()(const std::vector<ir::Interval> &left, const std::vector<ir::Interval> &right) const {
      return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                          [](ir::Interval one, ir::Interval other) { return one.lo < other.lo; });
    }
  };
  /// A map whose elements are being read.
  struct OpenMap {
    NftRule rule; ///< what holds of every element
    std::vector<NftField> fields;
    std::vector<std::vector<ir::Interval>> ranges;       ///< of elements that are more than one value
    std::set<std::vector<ir::Interval>, ByStart> points; ///< of the others
  };

  std::shared_ptr<const support::Source> source;
  Findings findings;
  NftLineReader lines;
  std::shared_ptr<llvm::BumpPtrAllocator> memory = std::make_shared<llvm::BumpPtrAllocator>();
  llvm::UniqueStringSaver strings{*memory};
  std::vector<ir::Ruleset> rulesets;
  packet::Family family; ///< of the open table

  NftPlace place = NftPlace::Top;
  std::optional<ir::Table> table;         ///< the open one
  llvm::StringMap<uint32_t> chainNumbers; ///< by the names in the text
  std::vector<Place> transportRules;
  std::optional<NftTests> tests;
  std::optional<IptablesWords> words;
  std::optional<OpenMap> map;
};

} // namespace iptlint::parse
