#include "parse/NftTests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::Interval;
using ir::Value;
using packet::Field;

void NftTests::refuse(llvm::StringRef at, const std::string &what) {
  findings.error(at, what);
}

/// The protocol that a rule asks for so far, where it is one.
static std::optional<unsigned> protocolOf(const ir::Rule &rule) {
  for (const ir::Test &test : rule.tests)
    if (const auto *range = std::get_if<ir::RangeTest>(&test); range && range->field == Field::Proto &&
                                                               !range->negated && range->ranges.size() == 1 &&
                                                               range->ranges[0].lo == range->ranges[0].hi)
      return unsigned(range->ranges[0].lo);
  return std::nullopt;
}

static void addOnce(ir::Rule &rule, ir::Test test) {
  if (!llvm::is_contained(rule.tests, test))
    rule.tests.push_back(std::move(test));
}

/// What an expression asks besides its field.
std::optional<NftField> NftTests::fieldOf(llvm::StringRef at, const NftValue &words, NftRule &into) {
  constexpr Value kLastWithFlow = Value(packet::CtState::Invalid) - 1;
  std::optional<NftField> field = nftFieldOf(words, family, protocolOf(into.rule));
  if (!field) {
    refuse(at, fmt::format("'{}' is not read", llvm::join(words, " ")));
    return std::nullopt;
  }
  if (field->protocol)
    addOnce(into.rule, ir::RangeTest{Field::Proto, std::nullopt, false, {{*field->protocol, *field->protocol}}});
  if (field->needsFlow)
    addOnce(into.rule, ir::RangeTest{Field::CtState, std::nullopt, false, {{0, kLastWithFlow}}});
  into.readsTransport |= field->inTransport;
  return field;
}

/// A test that fails for packets which lack the field asks for it, `!=` or not.
void NftTests::addRanges(const NftField &field, NftRanges ranges, bool negated, NftRule &into) {
  normalise(ranges);
  std::optional<Value> last;
  if (field.field == Field::Mac)
    last = packet::kNoMac - 1;
  if (field.field == Field::Uid || field.field == Field::Gid)
    last = packet::kNoFile - 1;
  if (negated && last)
    into.rule.tests.push_back(ir::RangeTest{field.field, std::nullopt, false, {{0, *last}}});
  if (field.field == Field::Tos && field.shift != 0 && ranges.size() == 1) {
    Value mask = packet::maxValue(Field::Tos, family) >> field.shift << field.shift;
    if ((ranges[0].lo & mask) == (ranges[0].hi & mask))
      return into.rule.tests.push_back(ir::MaskTest{Field::Tos, negated, mask, ranges[0].lo});
  }
  into.rule.tests.push_back(ir::RangeTest{field.field, std::nullopt, negated, std::move(ranges)});
}

void NftTests::add(const NftClause &clause, NftRule &into) {
  if (clause.selector.size() != 1)
    return refuse(clause.at, "a concatenation is read in maps of verdicts alone");
  std::optional<NftField> field = fieldOf(clause.at, clause.selector[0], into);
  if (!field)
    return;
  if (!clause.mask.empty())
    return addMasked(clause, *field, into);
  if (field->kind == NftValueKind::Status)
    return addStatus(clause, into);
  if (clause.flags && field->kind != NftValueKind::State)
    return refuse(clause.at, "values with commas between stand in braces");
  NftRanges ranges;
  for (const NftValue &value : clause.values) {
    auto more = value.size() == 1 ? nftValuesOf(*field, value[0], family) : std::nullopt;
    if (!more)
      return refuse(value[0], fmt::format("'{}' is no value of '{}' that is read", value[0].str(),
                                          llvm::join(clause.selector[0], " ")));
    ranges.append(more->begin(), more->end());
  }
  addRanges(*field, std::move(ranges), clause.negated, into);
}

/// The states of flows of which a bit says that they are translated, or that they are not.
static ir::RangeTest translated(unsigned bit, bool is) {
  NftRanges ranges;
  for (Value state = 0; state != Value(packet::CtState::Invalid); ++state)
    if (bool(state & bit) == is)
      ranges.push_back({state, state});
  normalise(ranges);
  return {Field::CtState, std::nullopt, false, std::move(ranges)};
}

/// (field & mask) == value, or not.
void NftTests::addMasked(const NftClause &clause, const NftField &field, NftRule &into) {
  constexpr uint64_t kMost = 0xffffffff, kOffsetBits = 0x1fff;
  auto number = [&](llvm::StringRef text) -> std::optional<Value> {
    Value address = 0;
    if (field.kind == NftValueKind::Address)
      return packet::parseAddress(text, family, address) ? std::optional(address) : std::nullopt;
    auto plain = nftNumber(text, kMost);
    return plain ? std::optional<Value>(*plain) : std::nullopt;
  };
  bool one = clause.values.size() == 1 && clause.values[0].size() == 1 && !clause.flags;
  auto mask = number(clause.mask), value = one ? number(clause.values[0][0]) : std::nullopt;
  bool bits = field.kind == NftValueKind::Number || field.kind == NftValueKind::Address ||
              field.kind == NftValueKind::Status || field.kind == NftValueKind::FragOff;
  if (!mask || !value || !bits || field.shift != 0)
    return refuse(clause.at, "a mask that is not read");
  // Source: linux/netfilter/nf_conntrack_common.h, IPS_SRC_NAT and IPS_DST_NAT.
  constexpr Value kSourceBit = 0x10, kDestinationBit = 0x20;
  if (field.kind == NftValueKind::Status && *value == 0 && (*mask == kSourceBit || *mask == kDestinationBit))
    return into.rule.tests.push_back(
        translated(*mask == kSourceBit ? packet::kCtSnat : packet::kCtDnat, clause.negated));
  if (field.kind == NftValueKind::Status && *mask > packet::maxValue(field.field, family))
    return refuse(clause.at, "bits of the status that are not read");
  if (field.kind != NftValueKind::FragOff)
    return into.rule.tests.push_back(ir::MaskTest{field.field, clause.negated, *mask, *value});
  if (*mask != kOffsetBits || *value != 0)
    return refuse(clause.at, "of the offset of a fragment, only whether it is 0 is read");
  Value later = Value(packet::Fragment::Later), last = Value(packet::Fragment::Last);
  into.rule.tests.push_back(ir::RangeTest{
      Field::Fragment, std::nullopt, false, {clause.negated ? Interval{later, last} : Interval{0, later - 1}}});
}

/// `ct status dnat`: a bit that the state of the flow has in the model.
void NftTests::addStatus(const NftClause &clause, NftRule &into) {
  llvm::StringRef name = clause.values[0][0];
  bool one = clause.values.size() == 1 && clause.values[0].size() == 1 && !clause.negated;
  if (!one || (name != "dnat" && name != "snat"))
    return refuse(clause.at, "of the status, 'dnat', 'snat' and masks are read");
  into.rule.tests.push_back(translated(name == "dnat" ? packet::kCtDnat : packet::kCtSnat, true));
}

std::vector<NftField> NftTests::fieldsOf(const NftClause &map, NftRule &into) {
  std::vector<NftField> fields;
  for (const NftValue &words : map.selector) {
    std::optional<NftField> field = fieldOf(map.at, words, into);
    if (!field)
      return {};
    fields.push_back(*field);
  }
  return fields;
}

std::optional<NftKeys> NftTests::keysOf(const NftElement &element, const std::vector<NftField> &fields) {
  NftKeys keys;
  if (element.value.size() != fields.size()) {
    refuse(element.at, fmt::format("{} values where the map asks for {}", element.value.size(), fields.size()));
    return std::nullopt;
  }
  for (size_t i = 0; i != fields.size(); ++i) {
    auto ranges = nftValuesOf(fields[i], element.value[i], family);
    if (!ranges || ranges->size() != 1) {
      refuse(element.value[i], fmt::format("'{}' is no value that is read here", element.value[i].str()));
      return std::nullopt;
    }
    keys.ranges.push_back((*ranges)[0]);
  }
  return keys;
}

} // namespace iptlint::parse
