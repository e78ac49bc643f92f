#include "smt/Written.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include <set>

namespace iptlint::smt {

using ir::Field;
using ir::Value;

static void collectRead(const ir::Table &table, std::set<Field> &fields) {
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      auto add = [&](Field field, Value) { fields.insert(field); };
      for (const ir::Test &test : rule.tests)
        ir::forEachRead(test, add);
      if (rule.target.writesIf)
        ir::forEachRead(*rule.target.writesIf, add);
      for (const ir::Write &write : rule.target.writes)
        if (write.copy != 0)
          fields.insert(write.from);
    }
}

/// Opaque targets write everything, but what they make of a field that is not read is told by their having run.
static void collectWritten(const ir::Table &table, const std::set<Field> &read, std::set<Field> &fields) {
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      for (const ir::Write &write : rule.target.writes)
        fields.insert(write.field);
      if (rule.target.kind == ir::TargetKind::Opaque)
        llvm::copy_if(read, std::inserter(fields, fields.end()), [](Field field) { return field != Field::Hook; });
    }
}

std::vector<Field> writtenFields(llvm::ArrayRef<const ir::Table *> tables) {
  std::set<Field> read, fields;
  for (const ir::Table *table : tables)
    collectRead(*table, read);
  for (const ir::Table *table : tables)
    collectWritten(*table, read, fields);
  return {fields.begin(), fields.end()};
}

} // namespace iptlint::smt
