// Which packets of a part a rule matches, and where a condition that is not known parts them.
#include "ir/BackEnds.h"
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

bool Walk::match(Part &part, const ir::Rule &rule, uint32_t table, uint32_t chain, uint32_t number, Matched &into) {
  std::vector<Box> boxes{Box()};
  std::vector<const ir::RangeTest *> types;
  std::vector<const ir::OpaqueTest *> opaque;
  bool isUnclear = false;
  auto narrow = [&](llvm::ArrayRef<Box> by) {
    std::vector<Box> narrower;
    for (const Box &box : boxes)
      for (Box each : by)
        if (each.restrict(box))
          narrower.push_back(std::move(each));
    boxes = std::move(narrower);
  };
  for (const ir::Test &test : rule.tests) {
    if (machine.nft && ir::isDroppedByNft(test, rule))
      continue;
    if (auto *unknown = std::get_if<ir::OpaqueTest>(&test)) {
      opaque.push_back(unknown);
    } else if (const ir::RangeTest *type = asksType(test)) {
      types.push_back(type);
    } else {
      Asked asked = ask(part, test);
      isUnclear |= asked.kind == Asked::Kind::Unclear;
      if (asked.kind == Asked::Kind::Boxes)
        narrow(asked.boxes);
    }
  }
  unsigned line = table == kNoTable ? 0 : lineOf(rule);
  // Types that are known are boxes as well; of the others, the packets are taken apart below.
  std::vector<std::pair<Box, std::vector<const ir::RangeTest *>>> open;
  for (const Box &box : boxes)
    open.push_back({box, {}});
  for (const ir::RangeTest *type : types) {
    Field address = type->field == Field::SrcType ? Field::Src : Field::Dst;
    std::vector<ir::Interval> holding;
    for (const auto &[kind, addresses] : cells.types().known)
      if (has(type->ranges, Value(kind)) != type->negated)
        holding.insert(holding.end(), addresses.begin(), addresses.end());
    Asked known = ask(part, address, false, joined(holding)),
          unknown = ask(part, address, false, cells.types().unknown);
    if (known.kind == Asked::Kind::Unclear || unknown.kind == Asked::Kind::Unclear) {
      isUnclear = true;
      continue;
    }
    decltype(open) next;
    for (const auto &[box, forks] : open)
      for (bool forked : {false, true})
        for (Box each : (forked ? unknown : known).boxes)
          if (each.restrict(box)) {
            next.push_back({std::move(each), forks});
            if (forked)
              next.back().second.push_back(type);
          }
    open = std::move(next);
  }
  for (const auto &[box, forks] : open) {
    Part piece = part;
    if (!piece.region.restrict(box))
      continue;
    ++partsMade;
    Parts met;
    met.push_back(std::move(piece));
    for (const ir::RangeTest *type : forks) {
      Parts still;
      for (Part &each : met)
        for (Part &one : forkByType(std::move(each), *type, line, into.others))
          still.push_back(std::move(one));
      met = std::move(still);
    }
    for (const ir::OpaqueTest *test : opaque)
      met = fork(std::move(met), *test, line, into.others);
    for (Part &each : met) {
      if (isUnclear)
        end(std::move(each), Ending::Unknown,
            fmt::format("what the rule in line {} asks for is not known of these packets", line));
      else
        into.met.push_back(std::move(each));
    }
    auto exception = std::make_shared<Exception>(Exception{box, table, chain, number});
    bool isLeft = part.region.subtract(*exception);
    if (!isLeft)
      return false;
    if (!part.region.without.empty() && part.region.without.back() == exception.get())
      answer.exceptions.push_back(std::move(exception));
  }
  return true;
}

} // namespace iptlint::query
