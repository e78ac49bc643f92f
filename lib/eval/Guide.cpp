#include "eval/Guide.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::AddrType;
using packet::Field;
using packet::Packet;
using packet::Value;

std::string Guide::where() const {
  const ir::Ruleset &rules = *situation.machine.rules;
  const ir::Rule &rule = rules.tables[table].chains[current.chain].rules[current.rule];
  return fmt::format("line {}", rules.lineColumn(rule.at).line);
}

void Guide::comesTo(ir::RuleId rule, const Packet &packet) {
  current = rule;
  if (!situation.machine.watched.empty() && situation.machine.watched.count({table, rule}))
    situation.trip.visits.push_back({{table, rule}, packet.hook(), packet, {}});
}

void Guide::fails(ir::RuleId rule, size_t test) {
  if (!situation.machine.watched.empty() && situation.machine.watched.count({table, rule}))
    situation.trip.visits.back().failed = test;
}

bool Guide::readsType(const ir::Test &test, Field field) const {
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    return range->field == field;
  if (!std::holds_alternative<ir::UnionTest>(test))
    return false;
  bool does = false;
  ir::forEachRead(test, [&](Field read, Value) { does |= read == field; });
  return does;
}

bool Guide::holdsPlainly(const ir::Test &test, const Packet &packet) {
  plainly = true;
  bool holds = eval::meets(test, packet, *this);
  plainly = false;
  return holds;
}

/// The types that are left are told apart no further than the test does.
bool Guide::holdsByType(const ir::Test &test, Packet packet, Field field) {
  Value address = packet[field == Field::SrcType ? Field::Src : Field::Dst];
  AddressTypes &left = situation.typesOf(address);
  auto holdsFor = [&](AddrType type) {
    packet[field] = Value(type);
    return holdsPlainly(test, packet);
  };
  auto split = llvm::partition_point(left, [&](AddrType type) { return holdsFor(type) == holdsFor(left.front()); });
  if (split == left.end())
    return holdsFor(left.front());
  std::string name = packet::addressText(address, packet.family);
  bool ofLocal = left.front() == AddrType::Local && split == left.begin() + 1;
  std::string what = ofLocal ? "address of this machine" : "broadcast address of this machine";
  std::string article = ofLocal ? " is an " : " is a ";
  bool is = situation.chooser.choose({where(), {{name + " is no " + what, true, {}}, {name + article + what, true, {}}}}) == 1;
  AddrType asked = ofLocal ? AddrType::Local : AddrType::Broadcast;
  llvm::erase_if(left, [&](AddrType type) { return (type == asked) != is; });
  return holdsByType(test, packet, field);
}

std::optional<bool> Guide::knows(const ir::Test &test, const Packet &packet, unsigned rewrites) {
  if (auto *opaque = std::get_if<ir::OpaqueTest>(&test))
    return opaque->opacity == ir::Opacity::Function
               ? std::optional(holdsAfterRewrite(*opaque, rewrites) != opaque->negated)
               : std::nullopt;
  if (!plainly)
    for (Field field : {Field::SrcType, Field::DstType})
      if (readsType(test, field) && !situation.open.isOpen(field == Field::SrcType ? Field::Src : Field::Dst))
        return holdsByType(test, packet, field);
  return situation.open.any() ? situation.open.holds(test, packet, situation.chooser, where()) : std::nullopt;
}

/// Chance has known shares; a counter, whose value is not known, has none.
bool Guide::meets(const ir::OpaqueTest &test) {
  std::string condition = test.text.str() + " matches";
  const ir::Sampling &sampling = test.sampling;
  if (sampling.of == 0 || sampling.counted)
    return situation.chooser.chooses(Question::whether(std::move(condition), where()));
  uint32_t meeting = test.negated ? sampling.of - sampling.taken : sampling.taken;
  if (meeting == 0 || meeting == sampling.of)
    return meeting != 0;
  return situation.chooser.chooses(Question::whether(std::move(condition), where(), Fraction(meeting, sampling.of),
                                                     Fraction(sampling.of - meeting, sampling.of)));
}

bool Guide::holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) {
  auto [known, isNew] = situation.functions.try_emplace({test.text.str(), situation.rewritings + rewrites}, false);
  if (isNew)
    known->second = situation.chooser.chooses(Question::whether(test.text.str() + " matches", where()));
  return known->second;
}

Value Guide::anyValue(Field field) {
  situation.open.open(field);
  return 0;
}

bool Guide::opaqueTargetEnds(const ir::Rule &rule) {
  if (why.empty())
    why = fmt::format("what {} does ({}) is not known", rule.target.name.str(), where());
  return true;
}

bool Guide::brokenRuleMatches(const ir::Rule &) {
  why = fmt::format("the rule in {} could not be read", where());
  return true;
}

bool Guide::policyAccepts(const ir::Chain &chain) {
  const ir::Table &of = situation.machine.rules->tables[table];
  return situation.chooser.chooses(
      Question::whether(fmt::format("the policy of {} {} is ACCEPT", of.name.str(), chain.name.str())));
}

} // namespace iptlint::eval
