// One match or target of a rule, while its options are written as iptables-save does.
#pragma once

#include "parse/Command.h"
#include "parse/NormalForms.h"

namespace iptlint::parse::normal {

class Printer {
public:
  Printer(const Command &command, unsigned module, packet::Family family, llvm::BumpPtrAllocator &memory)
      : command(command), module(module), family(family), memory(memory) {}

  /// An option of the module; null where the rule has none.
  const Use *find(llvm::StringRef canonical) const { return command.find(module, canonical); }
  bool has(llvm::StringRef canonical) const { return find(canonical); }
  bool negated(llvm::StringRef canonical) const { return find(canonical) && find(canonical)->negated; }
  /// All options of the module, in the order written.
  llvm::SmallVector<const Use *, 8> uses() const;
  /// A value without its quotes; \p otherwise where the rule does not have the option.
  llvm::StringRef value(llvm::StringRef canonical, llvm::StringRef otherwise = "") const;
  /// An option's values in a form.
  Text text(const Use &use, Form form) const;

  /// `! --printed VALUE`; a value with blanks is several words unless it stands in quotes.
  void add(llvm::StringRef printed, llvm::StringRef value = "", bool negated = false);
  /// The same with what the rule says, where it has the option. \returns false where the value is not understood.
  bool addUse(const Use *use, llvm::StringRef printed, Form form);

  const packet::Family &familyOf() const { return family; }
  std::vector<std::string> words;

private:
  const Command &command;
  unsigned module;
  packet::Family family;
  llvm::BumpPtrAllocator &memory;
};

/// Options that hang together. \returns false where something is not understood.
using Special = bool (*)(Printer &);
bool printConnlimit(Printer &printer);
bool printHashlimit(Printer &printer);
bool printHmarkCt(Printer &printer);
bool printHmarkTuple(Printer &printer);
bool printIpvs(Printer &printer);
bool printMarkMasks(Printer &printer);
bool printPolicy(Printer &printer);
bool printQueues(Printer &printer);
bool printRateest(Printer &printer);
bool printRateestTarget(Printer &printer);
bool printRecentSide(Printer &printer);
bool printSetUpdates(Printer &printer);
bool printStatistic(Printer &printer);
bool printStringPattern(Printer &printer);
bool printTime(Printer &printer);

} // namespace iptlint::parse::normal
