#include "Space.h"
#include <cassert>
#include <map>
#include <set>

namespace iptlint::oracle {

namespace {

/// What the rules of a table do with one field.
struct Uses {
  std::vector<ir::Interval> ranges;
  std::vector<ir::MaskTest> masks;
  std::vector<ir::Write> writes;
};

using FieldUses = std::array<Uses, packet::kFieldCount>;

} // namespace

static bool isInterface(Field field) {
  return field == Field::In || field == Field::Out;
}

static void addUses(const ir::RangeTest &test, FieldUses &uses) {
  for (Field field : {test.field, test.orField.value_or(test.field)})
    llvm::append_range(uses[unsigned(field)].ranges, test.ranges);
}

static void addUses(const ir::MaskTest &test, FieldUses &uses) { uses[unsigned(test.field)].masks.push_back(test); }

static void addUses(const ir::UnionTest &test, FieldUses &uses) {
  for (const ir::Alternative &alternative : *test.alternatives)
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { addUses(each, uses); }, part);
}

static void addUses(const ir::OpaqueTest &, FieldUses &) {}

static void addUses(const ir::Rule &rule, FieldUses &uses, std::set<std::string> &functions) {
  for (const ir::Test &test : rule.tests) {
    std::visit([&](const auto &each) { addUses(each, uses); }, test);
    if (auto *opaque = std::get_if<ir::OpaqueTest>(&test); opaque && opaque->opacity == ir::Opacity::Function)
      functions.insert(opaque->text.str());
  }
  for (const ir::Write &write : rule.target.writes)
    uses[unsigned(write.field)].writes.push_back(write);
  if (rule.target.writesIf)
    addUses(*rule.target.writesIf, uses);
}

/// What is done with a field that is copied is done with the one it is copied to, and the other way round.
static void shareUses(const ir::Table &table, FieldUses &uses) {
  std::set<Field> copied;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      for (const ir::Write &write : rule.target.writes)
        if (write.copy != 0)
          copied.insert({write.field, write.from});
  Uses all;
  for (Field field : copied) {
    llvm::append_range(all.masks, uses[unsigned(field)].masks);
    llvm::append_range(all.writes, uses[unsigned(field)].writes);
  }
  for (Field field : copied)
    uses[unsigned(field)] = all;
}

/// The first value of each run of values that all ranges treat alike. Written values come with a
/// neighbour, so that setting a value shows as a change.
static std::set<Value> valuesByRanges(const Uses &uses, Value max) {
  assert(uses.masks.empty() && "a field is tested by ranges or by masks");
  std::set<Value> values = {0};
  for (ir::Interval range : uses.ranges) {
    values.insert(range.lo);
    if (range.hi < max)
      values.insert(range.hi + 1);
  }
  for (const ir::Write &write : uses.writes) {
    assert(write.keep == 0 && "a field that is tested by ranges is written as a whole");
    values.insert(write.flip);
    values.insert(write.flip == 0 ? 1 : write.flip - 1);
  }
  return values;
}

/// What every mask and write does to one bit: bits with the same signature are treated alike.
static std::vector<bool> signatureOf(unsigned bit, const Uses &uses) {
  std::vector<bool> signature;
  auto add = [&](Value value) { signature.push_back(value >> bit & 1); };
  for (const ir::MaskTest &test : uses.masks)
    add(test.mask), add(test.value);
  for (const ir::Write &write : uses.writes)
    add(write.keep), add(write.flip), add(write.copy);
  return signature;
}

/// A group of bits that are treated alike is all 0, all 1, or mixed; mixed and all 1 differ only
/// where the group is tested.
static std::set<Value> valuesByBits(const Uses &uses, unsigned bits) {
  std::map<std::vector<bool>, Value> groups;
  for (unsigned bit = 0; bit != bits; ++bit)
    groups[signatureOf(bit, uses)] |= Value(1) << bit;
  std::set<Value> values = {0};
  for (auto &[signature, group] : groups) {
    std::set<Value> patterns = {0, group & -group};
    if (llvm::any_of(uses.masks, [&, group = group](const ir::MaskTest &test) { return (test.mask & group) != 0; }))
      patterns.insert(group);
    std::set<Value> combined;
    for (Value value : values)
      for (Value pattern : patterns)
        combined.insert(value | pattern);
    values = std::move(combined);
  }
  return values;
}

/// Both ends of a prefix and every exact name, where they are names, one that no rule knows, and none.
static std::set<Value> interfacesOf(const Uses &uses) {
  std::set<Value> values = {0, packet::interfaceValue("zz9")};
  for (ir::Interval range : uses.ranges)
    if (packet::isInterface(range.lo))
      values.insert(range.lo);
  return values;
}

static std::set<Value> valuesOf(Field field, const Uses &uses, packet::Family family) {
  if (isInterface(field))
    return interfacesOf(uses);
  if (!uses.ranges.empty() || field == Field::CtState)
    return valuesByRanges(uses, packet::maxValue(field, family));
  if (!uses.masks.empty() || !uses.writes.empty())
    return valuesByBits(uses, packet::bits(field, family));
  return {0};
}

Space spaceOf(const ir::Table &table, packet::Family family) {
  Space space;
  space.family = family;
  FieldUses uses;
  std::set<std::string> functions;
  for (const ir::Chain &chain : table.chains) {
    if (chain.hook)
      space.hooks.push_back(*chain.hook);
    for (const ir::Rule &rule : chain.rules)
      addUses(rule, uses, functions);
  }
  shareUses(table, uses);
  space.functions.assign(functions.begin(), functions.end());
  for (unsigned field = 0; field != packet::kFieldCount; ++field) {
    std::set<Value> values = valuesOf(Field(field), uses[field], family);
    space.values[field].assign(values.begin(), values.end());
  }
  return space;
}

bool possibleAt(packet::Hook hook, Field field, Value value) {
  if (!isInterface(field))
    return true;
  packet::Presence presence = packet::presence(hook, field);
  return presence == packet::Presence::Either || (value != 0) == (presence == packet::Presence::Present);
}

double packetCount(const Space &space) {
  double count = double(space.hooks.size()) * double(uint64_t(1) << space.functions.size());
  for (const std::vector<Value> &values : space.values)
    count *= double(values.size());
  return count;
}

/// Each packet of \p packets once for each value of \p field.
static void multiply(std::vector<Packet> &packets, Field field, const std::vector<Value> &values) {
  std::vector<Packet> multiplied;
  for (Packet &packet : packets)
    for (Value value : values)
      if (possibleAt(packet.hook(), field, value)) {
        packet[field] = value;
        multiplied.push_back(packet);
      }
  packets = std::move(multiplied);
}

static void multiply(std::vector<Packet> &packets, const std::string &function) {
  std::vector<Packet> multiplied;
  for (Packet &packet : packets)
    for (bool holds : {false, true}) {
      packet.assume[function] = holds;
      multiplied.push_back(packet);
    }
  packets = std::move(multiplied);
}

std::vector<Packet> everyPacket(const Space &space) {
  std::vector<Packet> packets;
  for (packet::Hook hook : space.hooks) {
    packets.emplace_back().family = space.family;
    packets.back()[Field::Hook] = unsigned(hook);
  }
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (Field(field) != Field::Hook)
      multiply(packets, Field(field), space.values[field]);
  for (const std::string &function : space.functions)
    multiply(packets, function);
  return packets;
}

} // namespace iptlint::oracle
