// What the values of options may be, wherever they are written: on the command line or in a file.
#pragma once

#include "ir/BackEnd.h"
#include "ir/Ruleset.h"
#include "support/Diagnostic.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>

namespace iptlint::driver {

/// A name and what it stands for.
template <typename Value> struct Choice {
  llvm::StringLiteral name;
  Value value;
};

constexpr Choice<std::optional<packet::Family>> kFamilies[] = {
    {"4", packet::Family::IPv4}, {"6", packet::Family::IPv6}, {"auto", std::nullopt}};

constexpr Choice<std::optional<ir::Form>> kInputFormats[] = {{ir::name(ir::Form::Save), ir::Form::Save},
                                                             {ir::name(ir::Form::S), ir::Form::S},
                                                             {ir::name(ir::Form::L), ir::Form::L},
                                                             {ir::name(ir::Form::Commands), ir::Form::Commands},
                                                             {ir::name(ir::Form::Nftables), ir::Form::Nftables}};

constexpr Choice<std::optional<ir::BackEnd>> kBackends[] = {{"legacy", ir::BackEnd::Legacy}, {"nft", ir::BackEnd::Nft}};

constexpr Choice<support::Severity> kSeverities[] = {
    {"error", support::Severity::Error}, {"warning", support::Severity::Warning}, {"info", support::Severity::Info}};

constexpr Choice<std::optional<support::Severity>> kFailOn[] = {{"error", support::Severity::Error},
                                                                {"warning", support::Severity::Warning},
                                                                {"info", support::Severity::Info},
                                                                {"never", std::nullopt}};

/// What the name stands for; nullptr if it is none of the choices.
template <typename Value> const Value *findChoice(llvm::ArrayRef<Choice<Value>> choices, llvm::StringRef name) {
  for (const Choice<Value> &choice : choices)
    if (choice.name == name)
      return &choice.value;
  return nullptr;
}

/// "4|6|auto".
template <typename Value> std::string namesOf(llvm::ArrayRef<Choice<Value>> choices) {
  std::string names;
  for (const Choice<Value> &choice : choices)
    names += (names.empty() ? "" : "|") + choice.name.str();
  return names;
}

/// Numbers of steps and seconds are 1 to this.
constexpr uint64_t kMostUnits = 1'000'000'000;

/// The number of steps or seconds that a text gives; nothing if it is out of range or no number.
inline std::optional<uint64_t> parseUnits(llvm::StringRef text) {
  uint64_t number = 0;
  if (text.getAsInteger(10, number) || number == 0 || number > kMostUnits)
    return std::nullopt;
  return number;
}

} // namespace iptlint::driver
