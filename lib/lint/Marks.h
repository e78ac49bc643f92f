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

/// The hooks that a table's chains are called from, by chain: a bit for each packet::Hook.
std::vector<uint8_t> hooksByChain(const TableFacts &table);

constexpr uint8_t bitOf(packet::Hook hook) {
  return uint8_t(1u << unsigned(hook));
}

} // namespace iptlint::lint
