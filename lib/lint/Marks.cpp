#include "lint/Marks.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint {

bool showsAllMarks(const Facts &facts) {
  return facts.ruleset->form == ir::Form::Save &&
         llvm::none_of(facts.tables, [](const TableFacts &of) { return of.table->fragment; }) &&
         llvm::any_of(facts.tables, [](const TableFacts &of) { return of.table->name == "mangle"; });
}

std::string markWords(ir::Field field, ir::Value value, ir::Value mask) {
  llvm::StringRef whose = field == ir::Field::Mark ? "packet" : "connection";
  std::string words = fmt::format("the {} mark 0x{:x}", whose.str(), uint32_t(value));
  return uint32_t(mask) == ~0u ? words : words + fmt::format("/0x{:x}", uint32_t(mask));
}

} // namespace iptlint::lint
