// A rule as iptables-save 1.8.9 (legacy) prints it once the kernel has it: the normal form.
//
// Two ways of writing one condition have one normal form: names of options and
// protocols, numbers, addresses, what is left out and in which order are the program's.
// What is not understood stays as it was written. Made only where somebody asks for it.
#pragma once

#include "parse/Command.h"

namespace iptlint::parse {

/// The words of each rule that iptables makes of a line, in the order in which it appends them: one
/// rule for each pair of a source and a destination. They live in \p memory, or are words of the line.
/// A line with an error gives one rule with its words as they are.
std::vector<std::vector<llvm::StringRef>> normalWords(const Command &command, packet::Family family,
                                                      llvm::BumpPtrAllocator &memory);

/// The options of one match or target in normal form, without `-m` or `-j` and its name; nothing where
/// one of them is not understood.
std::optional<std::vector<std::string>> normalOptions(const Command &command, unsigned module, packet::Family family,
                                                      llvm::BumpPtrAllocator &memory);

} // namespace iptlint::parse
