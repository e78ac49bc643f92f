// The types of sets, and which options ipset takes for each.
#pragma once

#include "ir/Sets.h"

namespace iptlint::parse {

/// Whose addresses the sets of a type can hold.
enum class SetFamily : uint8_t {
  Chosen, ///< `family inet` or `inet6`
  IPv4,
  None,   ///< a set has no addresses: both families' packets are asked for
};

struct SetType {
  llvm::StringLiteral name;
  llvm::StringLiteral oldName; ///< before ipset 6; empty if it had none
  SetFamily family;
  std::array<ir::SetPart, 3> parts;
  unsigned dimension; ///< how many of \p parts there are
};

/// Null: ipset has no such type.
const SetType *findSetType(llvm::StringRef name);

/// What an option of `create` or of a member is.
enum class SetOption : uint8_t {
  None,     ///< no option
  Flag,     ///< stands alone
  Value,    ///< has a value behind it
};

/// Options of `create`. Source: ipset 7.17, lib/ipset_*.c.
SetOption findCreateOption(llvm::StringRef name);
/// Options of a member.
SetOption findMemberOption(llvm::StringRef name);

} // namespace iptlint::parse
