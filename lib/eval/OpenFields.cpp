#include "eval/OpenFields.h"
#include "ir/Reads.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::Interval;
using packet::Field;
using packet::Packet;
using packet::Value;

static std::string flagWords(unsigned flags) {
  std::string words;
  for (unsigned bit = 0; bit != packet::kTcpFlagCount; ++bit)
    if (flags >> bit & 1)
      words += (words.empty() ? "" : ",") + packet::tcpFlagName(bit).str();
  return words.empty() ? "NONE" : words;
}

std::string valueWords(Field field, Value value, packet::Family family) {
  switch (field) {
  case Field::In:
  case Field::Out:
  case Field::PhysIn:
  case Field::PhysOut:
    return value ? packet::interfaceName(value) : "none";
  case Field::Src:
  case Field::Dst:
  case Field::CtOrigSrc:
  case Field::CtOrigDst:
  case Field::CtReplSrc:
  case Field::CtReplDst:
    return packet::addressText(value, family);
  case Field::Mark:
  case Field::ConnMark:
    return fmt::format("{:#x}", uint32_t(value));
  case Field::Mac:
    return value == packet::kNoMac ? "none" : packet::macText(value);
  case Field::CtState:
    return packet::ctstateText(unsigned(value));
  case Field::SrcType:
  case Field::DstType:
    return packet::name(packet::AddrType(uint8_t(value))).str();
  case Field::Proto:
    return packet::protocolText(unsigned(value));
  case Field::Tos:
    return fmt::format("{:#04x}", unsigned(value));
  case Field::TcpFlags:
    return flagWords(unsigned(value));
  case Field::Icmp:
    return fmt::format("{}/{}", unsigned(value) >> 8, unsigned(value) & 0xff);
  default:
    break;
  }
  Packet packet;
  packet.family = family;
  packet[field] = value;
  return packet::valueText(field, packet);
}

std::string rangesWords(Field field, llvm::ArrayRef<Interval> ranges, packet::Family family) {
  std::string words;
  for (const Interval &range : ranges) {
    words += (words.empty() ? "" : ", ") + valueWords(field, range.lo, family);
    if (range.lo != range.hi)
      words += "-" + valueWords(field, range.hi, family);
  }
  return words.empty() ? "no value" : words;
}

void OpenFields::open(Field field, Ranges ranges) {
  values[field] = Values{std::move(ranges), 0, 0, {}};
}

OpenFields::Ranges OpenFields::possible(Field field) const {
  auto found = values.find(field);
  return found == values.end() ? Ranges() : found->second.ranges;
}

bool OpenFields::reads(const ir::Test &test) const {
  bool does = false;
  ir::forEachRead(test, [&](Field field, Value) { does |= isOpen(field); });
  return does;
}

/// The values of \p left that are in \p right, or with \p outside those that are not.
static OpenFields::Ranges cut(llvm::ArrayRef<Interval> left, llvm::ArrayRef<Interval> right, bool outside) {
  OpenFields::Ranges result;
  for (Interval of : left) {
    Value next = of.lo;
    bool done = false;
    for (Interval by : right) {
      if (by.hi < of.lo || by.lo > of.hi)
        continue;
      if (!outside)
        result.push_back({std::max(of.lo, by.lo), std::min(of.hi, by.hi)});
      else if (by.lo > next)
        result.push_back({next, by.lo - 1});
      done = by.hi >= of.hi;
      next = by.hi + 1;
    }
    if (outside && !done && next <= of.hi)
      result.push_back({next, of.hi});
  }
  return result;
}

bool OpenFields::isIn(Field field, const ir::RangeTest &test, const Packet &packet, Chooser &chooser,
                      const std::string &where) {
  auto found = values.find(field);
  if (found == values.end())
    return llvm::any_of(test.ranges,
                        [&](Interval range) { return range.lo <= packet[field] && packet[field] <= range.hi; });
  Ranges &ranges = found->second.ranges;
  if (ranges.empty())
    ranges = {{0, packet::maxValue(field, packet.family)}};
  Ranges inside = cut(ranges, test.ranges, false), others = cut(ranges, test.ranges, true);
  bool is = others.empty();
  if (!inside.empty() && !others.empty())
    is = chooser.chooses(Question::whether(
        fmt::format("{} is {}", packet::name(field).str(), rangesWords(field, test.ranges, packet.family)), where));
  ranges = is ? inside : others;
  return is;
}

bool OpenFields::holds(const ir::RangeTest &test, const Packet &packet, Chooser &chooser, const std::string &where) {
  bool is = isIn(test.field, test, packet, chooser, where) ||
            (test.orField && isIn(*test.orField, test, packet, chooser, where));
  return is != test.negated;
}

/// Bits are known one by one; that some value is not there as a whole is kept as the test's answer.
bool OpenFields::holds(const ir::MaskTest &test, const Packet &packet, Chooser &chooser, const std::string &where) {
  auto found = values.find(test.field);
  if (found == values.end())
    return ((packet[test.field] & test.mask) == test.value) != test.negated;
  Values &of = found->second;
  if ((test.value & ~test.mask) || ((of.bits ^ test.value) & of.known & test.mask))
    return test.negated;
  if ((test.mask & ~of.known) == 0)
    return !test.negated;
  std::string condition =
      fmt::format("{} & {:#x} is {:#x}", packet::name(test.field).str(), uint64_t(test.mask), uint64_t(test.value));
  auto [answer, isNew] = of.answers.try_emplace(condition, false);
  if (isNew)
    answer->second = chooser.chooses(Question::whether(condition, where));
  Value open = test.mask & ~of.known;
  if (answer->second || (open & (open - 1)) == 0) {
    of.bits |= answer->second ? test.value & open : ~test.value & open;
    of.known |= open;
  }
  return answer->second != test.negated;
}

bool OpenFields::holds(const ir::UnionTest &test, const Packet &packet, Chooser &chooser, const std::string &where) {
  auto holdsPart = [&](const auto &part) {
    return std::visit([&](const auto &each) { return holds(each, packet, chooser, where); }, part);
  };
  bool any = llvm::any_of(*test.alternatives,
                          [&](const ir::Alternative &alternative) { return llvm::all_of(alternative, holdsPart); });
  return any != test.negated;
}

std::optional<bool> OpenFields::holds(const ir::Test &test, const Packet &packet, Chooser &chooser,
                                      const std::string &where) {
  if (!any() || !reads(test))
    return std::nullopt;
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    return holds(*range, packet, chooser, where);
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    return holds(*mask, packet, chooser, where);
  return holds(std::get<ir::UnionTest>(test), packet, chooser, where);
}

} // namespace iptlint::eval
