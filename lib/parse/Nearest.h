// The name that a misspelt one may stand for.
#pragma once

#include "parse/Command.h"

namespace iptlint::parse {

/// Whether \p word is \p name with a letter too many, too few, wrong or two that changed places; of eight letters or
/// more, with two such. A number behind a name makes another name of it, as in `quota2`.
bool isNear(llvm::StringRef word, llvm::StringRef name);

/// The match or target of iptables with a name near to this one; empty if there is none.
llvm::StringRef nearestModule(llvm::StringRef name, ModuleKind kind);

/// What may be meant by an option that no module of \p command has: "; did you mean '--dport'?". Empty if nothing comes
/// near.
std::string optionHint(llvm::StringRef name, const Command &command, packet::Family family);

} // namespace iptlint::parse
