#include "tree/Key.h"
#include "ir/Reads.h"
#include "tree/Condition.h"

namespace iptlint::tree {

template <typename Number> static void append(std::string &key, Number number) {
  key.append(reinterpret_cast<const char *>(&number), sizeof number);
}

static void append(std::string &key, const List &list) {
  append(key, uint32_t(list.size()));
  for (const Entry &entry : list) {
    append(key, entry.rule.chain);
    append(key, entry.rule.rule);
    append(key, uint8_t(unsigned(entry.met) | (entry.whole ? 4 : 0) | (entry.inner ? 8 : 0)));
    append(key, entry.open);
    append(key, entry.cuttable);
    if (entry.inner)
      append(key, *entry.inner);
  }
}

/// Collects the fields that open tests read. A call that is not looked into may ask about anything.
static void addFields(const List &list, const ir::Table &table, FieldSet &fields) {
  for (const Entry &entry : list) {
    if (entry.whole)
      fields.set();
    const std::vector<ir::Test> &tests = table.chains[entry.rule.chain].rules[entry.rule.rule].tests;
    for (size_t i = 0; i != tests.size() && entry.met != Truth::Always; ++i)
      if (entry.open & bitOf(i))
        ir::forEachRead(tests[i], [&](Field field, Value) { fields.set(unsigned(field)); });
    if (entry.inner)
      addFields(*entry.inner, table, fields);
  }
}

std::string keyOf(const List &list) {
  std::string key;
  append(key, list);
  return key;
}

std::string keyOf(const List &list, const Region &region, const ir::Table &table) {
  std::string key = keyOf(list);
  FieldSet fields;
  addFields(list, table, fields);
  if (fields.test(unsigned(Field::Sport)) || fields.test(unsigned(Field::Dport)) || fields.test(unsigned(Field::Icmp)))
    fields.set(unsigned(Field::Proto)); // rules ask for these by way of the protocol (Askable.h)
  for (auto &[field, values] : region.sides())
    if (fields.test(unsigned(field))) {
      append(key, uint8_t(field));
      append(key, uint32_t(values.size()));
      for (Interval each : values) {
        append(key, each.lo);
        append(key, each.hi);
      }
    }
  return key;
}

} // namespace iptlint::tree
