#include "smt/Shrink.h"
#include "packet/Usual.h"
#include "smt/Story.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

using std::chrono::milliseconds;

constexpr milliseconds kPerQuestion{500};
constexpr milliseconds kInAll{3000};

static void addBounds(const ir::RangeTest &test, Bounds &bounds) {
  for (ir::Interval interval : test.ranges)
    for (Field field : {test.field, test.orField.value_or(test.field)}) {
      bounds[unsigned(field)].push_back(interval.lo);
      bounds[unsigned(field)].push_back(interval.hi + 1);
    }
}
static void addBounds(const ir::MaskTest &, Bounds &) {}
static void addBounds(const ir::OpaqueTest &, Bounds &) {}
static void addBounds(const ir::UnionTest &test, Bounds &bounds) {
  for (const ir::Alternative &alternative : *test.alternatives)
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { addBounds(each, bounds); }, part);
}

void collectBounds(const ir::Table &table, Bounds &bounds) {
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      for (const ir::Test &test : rule.tests)
        std::visit([&](const auto &each) { addBounds(each, bounds); }, test);
  for (std::vector<Value> &values : bounds) {
    llvm::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
}

/// What a person would write for a field without thinking.
static std::vector<Value> plainValues(Field field, const packet::Packet &packet) {
  bool v4 = packet.family == packet::Family::IPv4;
  switch (field) {
  case Field::In:
  case Field::Out:
    return {packet::interfaceValue("eth0"), packet::interfaceValue("eth1"), packet::interfaceValue("lo"), 0};
  case Field::Src: // 192.0.2.1 and 2001:db8::1, of the blocks for documentation
    return {v4 ? Value(0xc0000201) : Value(0x20010db8) << 96 | 1, 0};
  case Field::Dst:
    return {v4 ? Value(0xc6336401) : Value(0x20010db8) << 96 | 2, 0};
  case Field::Proto:
    return {packet::kTcp, packet::kUdp, v4 ? packet::kIcmp : packet::kIcmpv6};
  case Field::Icmp: // echo request
    return {v4 ? 8u << 8 : 128u << 8, 0};
  case Field::TcpFlags: // SYN
    return {2, 0};
  case Field::Sport:
    return {40000, 0};
  case Field::SrcType:
  case Field::DstType:
    return {unsigned(packet::AddrType::Unicast)};
  case Field::Mac:
    return {packet::kNoMac, 0};
  default:
    return {packet::usualValue(field, packet)};
  }
}

/// The least value that no range test tells from \p value.
static Value leastAlike(Value value, const std::vector<Value> &bounds) {
  auto above = llvm::upper_bound(bounds, value);
  return above == bounds.begin() ? 0 : *(above - 1);
}

/// Fields in the order they are settled: what decides most of a packet's look first.
static std::vector<Field> fieldsInOrder() {
  std::vector<Field> fields{Field::Fragment, Field::Proto, Field::Mark};
  for (unsigned i = 0; i != packet::kFieldCount; ++i)
    if (!llvm::is_contained(fields, Field(i)))
      fields.push_back(Field(i));
  return fields;
}

namespace {
/// What is settled so far, and a model of it.
struct Search {
  Asking &asking;
  std::vector<z3::expr> settled;
  z3::model model;
  Asking::Clock::time_point end = Asking::Clock::now() + kInAll;

  bool holds(const z3::expr &wish) const { return model.eval(wish, true).is_true(); }

  /// Settles a wish if it can be had.
  bool settle(const z3::expr &wish) {
    settled.push_back(wish);
    if (holds(wish))
      return true;
    if (Asking::Clock::now() < end && asking.ask(settled, kPerQuestion) == z3::sat) {
      model = asking.model();
      return true;
    }
    settled.pop_back();
    return false;
  }
};
} // namespace

static void settleField(Search &search, Field field, Terms &terms, Unknowns &unknowns,
                        const std::vector<Value> &bounds) {
  z3::expr term = terms.entering(field);
  unsigned bits = term.get_sort().bv_size();
  Value present = valueOf(search.model.eval(term, true));
  std::vector<Value> wishes = plainValues(field, packetIn(search.model, terms, unknowns));
  wishes.push_back(leastAlike(present, bounds));
  wishes.push_back(present);
  llvm::any_of(wishes, [&](Value wish) { return search.settle(term == terms.number(wish, bits)); });
}

z3::model shrink(Asking &asking, std::vector<z3::expr> assumptions, Terms &terms, Unknowns &unknowns,
                 const Bounds &bounds) {
  Search search{asking, std::move(assumptions), asking.model()};
  for (const auto &[text, number] : unknowns.opaqueConditions())
    if (!search.settle(!unknowns.entryTruth(number)))
      search.settle(unknowns.entryTruth(number));
  for (Field field : fieldsInOrder())
    if (!isOpen(field, terms))
      settleField(search, field, terms, unknowns, bounds[unsigned(field)]);
  return search.model;
}

} // namespace iptlint::smt
