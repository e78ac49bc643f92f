// What the checks of marks have in common: when a text tells enough of them, and how they are written.
#pragma once

#include "lint/Facts.h"
#include <string>

namespace iptlint::lint {

/// Whether no rule that marks packets or asks for marks can be missing from the text: iptables-save wrote it, whole
/// tables and mangle among them.
bool showsAllMarks(const Facts &facts);

/// "the packet mark 0x3", "the connection mark 0x3/0xff".
std::string markWords(ir::Field field, ir::Value value, ir::Value mask);

} // namespace iptlint::lint
