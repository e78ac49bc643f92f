// The table of options: what Options.def says, in C++.
//
// Data that is laid out while compiling; nothing runs when the program starts.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::parse {

enum class ModuleId : uint8_t {
#define MATCH(Id, ...) Id,
#define TARGET(Id, ...) Id,
#include "parse/Options.def"
};

enum class ModuleKind : uint8_t { Match, Target };

/// The families whose iptables has a module.
enum class Families : uint8_t { Both, IPv4, IPv6 };

/// What is made of an option.
enum class OptionState : uint8_t {
  Exact,    ///< modelled
  Partly,   ///< a module some of whose options are modelled; an option that is modelled in some forms
  Function, ///< opaque, a function of the packet
  Stateful, ///< opaque, with state or chance
  Nothing,  ///< tests and changes nothing
  Effect,   ///< says what a rule does
  Unread,   ///< has no place in a file of rules: an error
};

/// What stands behind an option.
enum class ValueKind : uint8_t {
#define VALUE_KIND(Name, Right) Name,
#include "parse/ValueKinds.def"
};

enum OptionFlags : uint8_t {
  kNegatable = 1,  ///< `!` may stand before it
  kRequired = 2,   ///< its module is useless without
  kRepeatable = 4, ///< may stand more than once
  kAlone = 8,      ///< not with another of its module that is kAlone
  kApart = 16,     ///< iptables 1.8.9 misreads a value without a blank in front of it
  kAscending = 32, ///< of a range, the first number may not be above the last
  kIgnoresNot = 64, ///< `!` may stand before it and is ignored
  kOnlyIPv6 = 128, ///< of a module for both, this one is in IPv6 alone
};

struct Option {
  ModuleId module;
  llvm::StringLiteral name;
  llvm::StringLiteral canonical;
  ValueKind value;
  uint8_t flags;
  uint32_t min, max; ///< of a number, or of the bytes of a text; 0: no bound
  OptionState state;

  bool is(llvm::StringRef canonicalName) const { return canonical == canonicalName; }
  bool has(OptionFlags flag) const { return flags & flag; }
  /// Whether two words stand behind it.
  bool takesTwo() const { return value == ValueKind::TwoTexts || value == ValueKind::SetAndFlags; }
};

struct Module {
  ModuleId id;
  ModuleKind kind;
  llvm::StringLiteral name;
  Families families;
  OptionState state;
  bool complementable;   ///< matches
  ir::TargetKind target; ///< targets
  bool rewrites;         ///< targets
  llvm::StringLiteral reason;
};

/// All modules, Base first.
llvm::ArrayRef<Module> modules();
llvm::ArrayRef<Option> optionsOf(ModuleId module);

/// By the name that -m or -j gives; null if iptables does not know it.
const Module *findMatch(llvm::StringRef name);
const Module *findTarget(llvm::StringRef name);

/// An option of Base by its letter; null if there is none.
const Option *findShort(char letter);

/// Whether \p module exists for \p family.
bool available(const Module &module, packet::Family family);

} // namespace iptlint::parse
