// What a check is: a name, a severity, and a function from facts to findings; or from the network's texts.
//
// A check lives in checks/ID.cpp with its page docs/checks/ID.md and its test test/lint/ID.test. CMake turns
// the folder into a table (Registry.h); nothing else names a check.
#pragma once

#include "lint/Facts.h"
#include "lint/Reporter.h"

namespace iptlint::lint {

class NetworkReporter;

/// When a check runs.
enum class Round : uint8_t {
  First,
  AfterSuppressing, ///< when it is known which suppressions were of use
};

/// Checks that are turned on together.
enum class Group : uint8_t {
  Defects, ///< what is wrong or does nothing: on unless taken out
  Hygiene, ///< what many think better done otherwise: off unless asked for
};

/// "defects", "hygiene".
inline llvm::StringRef name(Group group) {
  return group == Group::Defects ? "defects" : "hygiene";
}

struct Check {
  llvm::StringLiteral id;
  llvm::StringLiteral summary; ///< one line for `iptlint checks`
  support::Severity severity;  ///< what its findings have unless the check says otherwise
  void (*run)(const Facts &facts, Reporter &report) = nullptr; ///< over each rule set; null: nothing is asked of them
  Round round = Round::First;
  Group group = Group::Defects;
  /// Whether settings turn it on though its group is off; null: none do.
  bool (*wantedBy)(const Settings &settings) = nullptr;
  bool analysis::Extras::*needs = nullptr; ///< what has to be found out for this check alone
  /// Over what surrounds the rules, once for all files; null: nothing is asked of it.
  void (*runOnNetwork)(const ir::Network &network, NetworkReporter &report) = nullptr;
};

} // namespace iptlint::lint
