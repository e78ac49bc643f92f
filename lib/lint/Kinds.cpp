#include "lint/Kinds.h"
#include "analysis/Before.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

namespace iptlint::lint {

using packet::Field;
using packet::Hook;
using packet::Value;

ir::Test oneOf(Field field, llvm::ArrayRef<ir::Interval> ranges) {
  return ir::RangeTest{field, std::nullopt, false, {ranges.begin(), ranges.end()}};
}

ir::Test is(Field field, Value value) {
  return oneOf(field, ir::Interval{value, value});
}

ir::Test unlessIn(Field field, std::vector<ir::Interval> ranges) {
  ranges = joined(std::move(ranges));
  return ir::RangeTest{field, std::nullopt, true, {ranges.begin(), ranges.end()}};
}

ir::Interval loopback() {
  return {packet::interfaceValue("lo"), packet::interfaceValue("lo")};
}

std::vector<ir::Interval> notOnTheWire(packet::Family family) {
  if (family == packet::Family::IPv6)
    return {prefix("::", 127, family), prefix("ff00::", 8, family)};
  return {prefix("0.0.0.0", 8, family), prefix("127.0.0.0", 8, family), prefix("224.0.0.0", 3, family)};
}

analysis::Kind plainNew(Hook hook) {
  return plainOf(hook, Value(packet::CtState::New));
}

analysis::Kind plainOf(Hook hook, Value ctstate) {
  analysis::Kind kind = {is(Field::CtState, ctstate), is(Field::Fragment, Value(packet::Fragment::Whole)),
                         is(Field::SrcType, Value(packet::AddrType::Unicast)),
                         is(Field::PktType, Value(packet::PktType::Host))};
  for (Field field : {Field::Mark, Field::ConnMark, Field::InGroup, Field::OutGroup, Field::Realm, Field::PolicyIn,
                      Field::PolicyOut, Field::PhysIn, Field::PhysOut, Field::CtStatus, Field::Tos})
    kind.push_back(is(field, 0));
  bool toMachine = hook == Hook::Input;
  kind.push_back(is(Field::DstType, Value(toMachine ? packet::AddrType::Local : packet::AddrType::Unicast)));
  return kind;
}

void addProtocol(analysis::Kind &kind, unsigned protocol) {
  constexpr Value syn = 2;
  kind.push_back(is(Field::Proto, protocol));
  if (protocol == packet::kTcp)
    kind.push_back(is(Field::TcpFlags, syn));
}

std::vector<ir::Interval> joined(std::vector<ir::Interval> ranges) {
  llvm::sort(ranges, [](const ir::Interval &left, const ir::Interval &right) { return left.lo < right.lo; });
  std::vector<ir::Interval> apart;
  for (const ir::Interval &range : ranges) {
    bool joins = !apart.empty() && (range.lo <= apart.back().hi || range.lo - apart.back().hi == 1);
    if (joins)
      apart.back().hi = std::max(apart.back().hi, range.hi);
    else
      apart.push_back(range);
  }
  return apart;
}

std::optional<ir::Interval> largestGap(llvm::ArrayRef<ir::Interval> joined, ir::Interval within) {
  std::optional<ir::Interval> largest;
  auto offer = [&](Value lo, Value hi) {
    if (!largest || hi - lo > largest->hi - largest->lo)
      largest = ir::Interval{lo, hi};
  };
  Value next = within.lo;
  for (const ir::Interval &range : joined) {
    if (range.hi < next)
      continue;
    if (range.lo > within.hi)
      break;
    if (range.lo > next)
      offer(next, range.lo - 1);
    if (range.hi >= within.hi)
      return largest;
    next = range.hi + 1;
  }
  offer(next, within.hi);
  return largest;
}

void addNamed(const ir::Test &test, packet::Field field, std::vector<ir::Interval> &ranges) {
  auto add = [&](const ir::RangeTest &part) {
    if (part.field == field || part.orField == field)
      ranges.insert(ranges.end(), part.ranges.begin(), part.ranges.end());
  };
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    add(*range);
  if (auto *any = std::get_if<ir::UnionTest>(&test))
    for (const ir::Alternative &alternative : *any->alternatives)
      for (const auto &part : alternative)
        if (auto *range = std::get_if<ir::RangeTest>(&part))
          add(*range);
}

ir::Interval prefix(llvm::StringRef address, unsigned length, packet::Family family) {
  Value lo = 0;
  bool isAddress = packet::parseAddress(address, family, lo);
  assert(isAddress && "prefixes here are written by us");
  (void)isAddress;
  unsigned bits = packet::bits(Field::Src, family);
  return {lo, lo | (length == bits ? 0 : (Value(1) << (bits - length)) - 1)};
}

ir::Test byOneOf(llvm::ArrayRef<std::string> interfaces) {
  std::vector<ir::Interval> ranges;
  for (llvm::StringRef name : interfaces) {
    if (name.consume_back("+")) {
      auto [lo, hi] = packet::interfacesStartingWith(name);
      ranges.push_back({std::max(lo, Value(1)), hi});
    } else {
      ranges.push_back({packet::interfaceValue(name), packet::interfaceValue(name)});
    }
  }
  return oneOf(Field::In, joined(std::move(ranges)));
}

analysis::Fields uncertainFields() {
  analysis::Fields uncertain;
  for (Field field : {Field::Mac,         Field::Uid,         Field::Gid,         Field::EspSpi,     Field::AhSpi,
                      Field::AhLen,       Field::DccpType,    Field::SctpChunks,  Field::CtReply,    Field::CtProto,
                      Field::CtOrigSrc,   Field::CtOrigDst,   Field::CtReplSrc,   Field::CtReplDst,  Field::CtOrigSport,
                      Field::CtOrigDport, Field::CtReplSport, Field::CtReplDport, Field::FragId,     Field::ExtHeaders,
                      Field::HbhLen,      Field::DstOptLen,   Field::RtType,      Field::RtSegsLeft, Field::RtLen,
                      Field::MhType,      Field::Length,      Field::Ttl})
    uncertain.set(unsigned(field));
  return uncertain;
}

std::string wordsFor(packet::Packet packet) {
  packet[Field::Mac] = packet::kNoMac;
  if (packet.hook() == Hook::Input)
    packet[Field::DstType] = Value(packet::AddrType::Unicast);
  if (packet[Field::In] == packet::interfaceValue("lo"))
    packet[Field::SrcType] = Value(packet::AddrType::Unicast);
  return packet::inIptablesWords(packet);
}

analysis::AdmitsOptions askingOf(const Facts &facts) {
  analysis::AdmitsOptions options;
  options.uncertain = uncertainFields();
  // Packets that are let in are found at once or hardly ever.
  options.budget = 20'000;
  options.defragmented =
      llvm::any_of(facts.tables, [](const TableFacts &table) { return analysis::usesConntrack(*table.table); });
  return options;
}

const TableFacts *wholeTable(const Facts &facts, llvm::StringRef name) {
  if (facts.ruleset->form == ir::Form::Commands)
    return nullptr;
  auto found = llvm::find_if(facts.tables, [&](const TableFacts &table) { return table.table->name == name; });
  return found == facts.tables.end() || found->table->fragment ? nullptr : &*found;
}

const ir::Chain *chainOf(const TableFacts &table, Hook hook) {
  auto found = llvm::find_if(table.table->chains, [&](const ir::Chain &chain) { return chain.hook == hook; });
  return found == table.table->chains.end() ? nullptr : &*found;
}

std::vector<bool> chainsBehind(const TableFacts &table, Hook hook) {
  std::vector<bool> behind(table.table->chains.size());
  std::vector<uint32_t> open;
  auto add = [&](uint32_t chain) {
    if (!behind[chain])
      open.push_back(chain);
    behind[chain] = true;
  };
  if (const ir::Chain *base = chainOf(table, hook))
    add(uint32_t(base - table.table->chains.data()));
  while (!open.empty()) {
    uint32_t chain = open.back();
    open.pop_back();
    for (const analysis::CallGraph::Site &site : table.graph.callees[chain])
      add(site.target);
  }
  return behind;
}

const ir::RangeTest *rangeOf(const ir::Rule &rule, Field field) {
  for (const ir::Test &test : rule.tests)
    if (const auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == field)
      return range;
  return nullptr;
}

llvm::ArrayRef<ir::Interval> askedOf(const ir::Rule &rule, Field field) {
  const ir::RangeTest *test = rangeOf(rule, field);
  return test && !test->negated && !test->orField ? llvm::makeArrayRef(test->ranges) : llvm::ArrayRef<ir::Interval>();
}

std::string oneInterface(const ir::Rule &rule, Field field) {
  llvm::ArrayRef<ir::Interval> asked = askedOf(rule, field);
  return asked.size() == 1 && asked.front().lo == asked.front().hi ? packet::interfaceName(asked.front().lo) : "";
}

bool hasOpaqueTest(const ir::Rule &rule) {
  return llvm::any_of(rule.tests, [](const ir::Test &test) { return std::holds_alternative<ir::OpaqueTest>(test); });
}

bool asksForIpsec(const Facts &facts) {
  bool asks = false;
  eachRule(facts, [&](const RuleFacts &rule) { asks |= llvm::is_contained(rule.rule().words, "policy"); });
  return asks;
}

bool refuses(const ir::Rule &rule) {
  return rule.target.kind == ir::TargetKind::Drop ||
         (rule.target.kind == ir::TargetKind::Verdict && rule.target.name == "REJECT");
}

bool mayBeTakenElsewhere(const Facts &facts, Hook hook, const analysis::Kind &kind) {
  return llvm::any_of(facts.tables, [&](const TableFacts &table) {
    return table.table->name != "filter" && analysis::mayActOn(*table.table, table.graph, hook, kind);
  });
}

} // namespace iptlint::lint
