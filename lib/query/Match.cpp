// Which packets of a part a rule matches, and where a condition that is not known parts them.
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using packet::AddrType;

void Walk::end(Part part, Ending ending, std::string reason, std::optional<Decider> decider) {
  Fate fate{ending, std::move(reason), "", "", decider, {}};
  answer.ends.push_back({std::move(part), std::move(fate)});
}

bool Walk::tooMany() {
  return partsMade > question.mostParts;
}

/// A quick look at tests that a part as a whole fails.
bool Walk::cannotMatch(const Part &part, const ir::Rule &rule) const {
  return llvm::any_of(rule.tests, [&](const ir::Test &test) {
    auto *range = std::get_if<ir::RangeTest>(&test);
    if (!range || range->negated || range->orField || range->field == Field::SrcType || range->field == Field::DstType)
      return false;
    if (!llvm::any_of(part.changed, [&](const auto &each) { return each.first == range->field; })) {
      if (!answer.open.test(unsigned(range->field)))
        return !has(range->ranges, answer.plain[range->field]);
      const Ranges *values = part.region.box.find(range->field);
      return values && !meet(*values, range->ranges);
    }
    std::optional<Ranges> values = valuesOf(part, range->field);
    return values && !meet(*values, range->ranges);
  });
}

static const ir::RangeTest *asksType(const ir::Test &test) {
  auto *range = std::get_if<ir::RangeTest>(&test);
  return range && (range->field == Field::SrcType || range->field == Field::DstType) ? range : nullptr;
}

Parts Walk::fork(Parts parts, const ir::OpaqueTest &test, unsigned line, Parts &others) const {
  const ir::Sampling &sampling = test.sampling;
  uint32_t meeting = test.negated ? sampling.of - sampling.taken : sampling.taken;
  bool samples = sampling.of != 0 && !sampling.counted;
  Parts met;
  for (Part &part : parts) {
    if (samples && (meeting == 0 || meeting == sampling.of)) {
      (meeting == 0 ? others : met).push_back(std::move(part));
      continue;
    }
    bool isFunction = test.opacity == ir::Opacity::Function;
    std::string key = fmt::format("{}@{}", test.text.str(), part.rewritings);
    auto known = part.functions.find(key);
    if (isFunction && known != part.functions.end()) {
      (known->second != test.negated ? met : others).push_back(std::move(part));
      continue;
    }
    for (bool holds : {true, false}) {
      Part way = part;
      std::optional<eval::Fraction> share;
      if (samples)
        share = eval::Fraction(holds ? meeting : sampling.of - meeting, sampling.of);
      if (isFunction)
        way.functions[key] = holds;
      way.conditions.push_back({test.text.str() + " matches", holds, line, share});
      // Of a function its truth is asked for, of a condition with state whether it lets the packet go on.
      ((isFunction ? holds != test.negated : holds) ? met : others).push_back(std::move(way));
    }
  }
  return met;
}

std::string Walk::nameOf(const Part &part, Field address) const {
  Held held = heldBy(part, address);
  if (held.isConstant())
    return packet::addressText(held.flip, question.family);
  return held.of == Field::Src ? "the source" : "the destination";
}

/// A test of an address's type: where routing does not know it, both ways are followed. \returns what meets the test.
Parts Walk::forkByType(Part part, const ir::RangeTest &test, unsigned line, Parts &others) {
  Field address = test.field == Field::SrcType ? Field::Src : Field::Dst;
  std::string name = nameOf(part, address);
  auto [found, isNew] = part.types.try_emplace(name);
  if (isNew)
    found->second = question.family == packet::Family::IPv4
                        ? std::vector{AddrType::Local, AddrType::Unicast, AddrType::Broadcast}
                        : std::vector{AddrType::Local, AddrType::Unicast};
  auto holds = [&](AddrType type) { return has(test.ranges, Value(type)) != test.negated; };
  std::vector<AddrType> all = found->second;
  Parts met;
  for (AddrType asked : {AddrType::Local, AddrType::Broadcast, AddrType::Unicast}) {
    if (!llvm::is_contained(all, asked))
      continue;
    bool same = llvm::all_of(all, [&](AddrType type) { return holds(type) == holds(all.front()); });
    if (same)
      break;
    Part is = part;
    is.types[name] = {asked};
    llvm::erase_value(all, asked);
    part.types[name] = all;
    std::string what = name + (asked == AddrType::Local ? " is an address of this machine"
                                                        : " is a broadcast address of this machine");
    is.conditions.push_back({what, true, line, {}});
    part.conditions.push_back({what, false, line, {}});
    (holds(asked) ? met : others).push_back(std::move(is));
  }
  (holds(all.front()) ? met : others).push_back(std::move(part));
  return met;
}

Parts Walk::cut(Part &part, const Asked &asked, bool &isLeft) {
  Parts pieces;
  isLeft = true;
  for (const Box &box : asked.boxes) {
    Part piece = part;
    if (!piece.region.restrict(box))
      continue;
    pieces.push_back(std::move(piece));
    auto exception = std::make_shared<Exception>();
    exception->box = box;
    exception->table = kNoTable;
    answer.exceptions.push_back(exception);
    isLeft = part.region.subtract(*exception);
    if (!isLeft)
      break;
  }
  partsMade += pieces.size();
  return pieces;
}

void Walk::wantType(const Part &part, const ir::RangeTest &test, Wanted &wanted) {
  Field address = test.field == Field::SrcType ? Field::Src : Field::Dst;
  std::vector<ir::Interval> holding;
  for (const auto &[type, addresses] : cells.types().known)
    if (has(test.ranges, Value(type)) != test.negated)
      llvm::append_range(holding, addresses);
  Asked known = ask(part, address, false, joined(std::move(holding))), unknown = ask(part, address, false, cells.types().unknown);
  if (known.kind == Asked::Kind::Unclear || unknown.kind == Asked::Kind::Unclear) {
    wanted.isUnclear = true;
    return;
  }
  std::vector<Typed> next;
  for (const Typed &typed : wanted.typed) {
    for (Box &box : both(typed.box, known.boxes))
      next.push_back({std::move(box), typed.types});
    for (Box &box : both(typed.box, unknown.boxes)) {
      next.push_back({std::move(box), typed.types});
      next.back().types.push_back(&test);
    }
  }
  wanted.typed = std::move(next);
}

Walk::Wanted Walk::wantedBy(const Part &part, const ir::Rule &rule) {
  Wanted wanted;
  Boxes boxes{Box()};
  std::vector<const ir::RangeTest *> types;
  for (const ir::Test &test : rule.tests) {
    if (auto *unknown = std::get_if<ir::OpaqueTest>(&test)) {
      wanted.opaque.push_back(unknown);
    } else if (const ir::RangeTest *type = asksType(test)) {
      types.push_back(type);
    } else {
      Asked asked = ask(part, test);
      if (asked.kind == Asked::Kind::Unclear)
        wanted.isUnclear = true;
      else
        boxes = both(boxes, asked.boxes);
    }
  }
  for (Box &box : boxes)
    wanted.typed.push_back({std::move(box), {}});
  for (const ir::RangeTest *type : types)
    wantType(part, *type, wanted);
  return wanted;
}

void Walk::take(Part piece, const Typed &typed, const Wanted &wanted, unsigned line, Matched &into) {
  Parts met{std::move(piece)};
  for (const ir::RangeTest *type : typed.types) {
    Parts still;
    for (Part &each : met)
      llvm::move(forkByType(std::move(each), *type, line, into.others), std::back_inserter(still));
    met = std::move(still);
  }
  for (const ir::OpaqueTest *test : wanted.opaque)
    met = fork(std::move(met), *test, line, into.others);
  for (Part &each : met) {
    if (wanted.isUnclear)
      end(std::move(each), Ending::Unknown,
          fmt::format("what the rule in line {} asks for is not known of these packets", line));
    else
      into.met.push_back(std::move(each));
  }
}

bool Walk::match(Part &part, const ir::Rule &rule, uint32_t table, uint32_t chain, uint32_t number, Matched &into) {
  Wanted wanted = wantedBy(part, rule);
  unsigned line = table == kNoTable ? 0 : lineOf(rule);
  for (const Typed &typed : wanted.typed) {
    Part piece = part;
    if (!piece.region.restrict(typed.box))
      continue;
    ++partsMade;
    take(std::move(piece), typed, wanted, line, into);
    auto exception = std::make_shared<Exception>(Exception{typed.box, table, chain, number});
    if (!part.region.subtract(*exception))
      return false;
    if (!part.region.without.empty() && part.region.without.back() == exception.get())
      answer.exceptions.push_back(std::move(exception));
  }
  return true;
}

} // namespace iptlint::query
