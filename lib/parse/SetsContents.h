// What a set holds, while commands are read that add to it and take from it.
//
// Members are kept as the boxes that were written, not element by element: 10.0.0.0/16 in a hash:ip is one
// member, not 65,536. What is taken out is cut out of the boxes that hold it.
#pragma once

#include "parse/SetsEntry.h"
#include <unordered_map>

namespace iptlint::parse {

class SetContents {
public:
  /// \param most  elements that the set has room for (`maxelem`); 0: no bound.
  SetContents(ir::Set &set, SetShape shape, uint64_t most) : set(&set), shape(shape), most(most) {}

  const SetShape &form() const { return shape; }
  ir::Set &of() const { return *set; }
  /// Members come and go by themselves: every one has a timeout unless it says otherwise.
  bool membersExpire = false;
  /// Why nothing is known of what it holds, whatever is added; empty: nothing speaks against it.
  std::string alwaysUnknown;

  /// What ipset makes of a command; where it refuses it, why. Where the set then holds some of what was asked
  /// for, its Set::unknown says so.
  std::string add(const ir::SetMember &member, bool exist);
  std::string remove(const ir::SetMember &member, bool exist);
  void flush();
  /// Whether a list holds the set of this name.
  bool holdsSet(llvm::StringRef name) const;
  /// Exchanges all but the names.
  void swap(SetContents &other);
  /// Hands the members to the set.
  void finish();

private:
  using Parts = std::array<ir::SetValue, 3>;
  struct Key {
    Parts parts;
    llvm::StringRef name;
    bool physdev;
    bool operator==(const Key &) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key &key) const;
  };

  Key keyOf(const ir::SetMember &member) const;
  bool isRange(const ir::SetMember &member) const;
  bool overlaps(const Parts &left, const Parts &right) const;
  bool overlapsAny(const ir::SetMember &member);
  uint64_t elements(const Parts &parts) const;
  uint64_t cutOut(const Parts &parts);
  void keep(const ir::SetMember &member);
  void drop(size_t index);

  ir::Set *set;
  SetShape shape;
  uint64_t most;
  std::vector<ir::SetMember> members;
  std::vector<bool> gone;          ///< by member
  std::vector<size_t> ranges;      ///< those of more than one element
  std::unordered_map<Key, size_t, KeyHash> known;
  uint64_t count = 0;              ///< of elements, those in two ranges twice
  bool overlapping = false;        ///< some are in two ranges
  uint64_t comparisons = 0;
};

} // namespace iptlint::parse
