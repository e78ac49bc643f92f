#include "pass/Asking.h"
#include "tree/Askable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <fmt/format.h>

namespace iptlint::pass {

using ir::Interval;
using packet::Field;

static ir::Test rangeOf(Field field, Interval values) {
  return ir::RangeTest{field, std::nullopt, false, {values}};
}

/// "10.0.0.0/8"; without a length where it is a single address.
static std::string blockText(Field field, Interval values, packet::Family family) {
  unsigned free = 0;
  for (packet::Value differing = values.lo ^ values.hi; differing != 0; differing >>= 1)
    ++free;
  return fmt::format("{}/{}", packet::addressText(values.lo, family), packet::bits(field, family) - free);
}

static Asking askAddress(Field field, Interval values, packet::Family family) {
  std::string option = field == Field::Src ? "-s" : "-d", text = blockText(field, values, family);
  std::string name = values.lo == values.hi ? packet::addressText(values.lo, family) : text;
  return {{option, text}, {rangeOf(field, values)}, option.substr(1) + name};
}

static Asking askInterface(Field field, Interval values) {
  std::string option = field == Field::In ? "-i" : "-o", name = packet::interfaceName(values.lo);
  if (values.lo != values.hi)
    name += '+';
  return {{option, name}, {rangeOf(field, values)}, option.substr(1) + name};
}

static Asking askProtocol(Interval values) {
  std::string text = packet::protocolText(unsigned(values.lo));
  return {{"-p", text}, {rangeOf(Field::Proto, values)}, llvm::isDigit(text[0]) ? "p" + text : text};
}

/// The protocol, with the match of its header, which only whole packets and first fragments have.
static Asking askHeader(unsigned protocol, llvm::StringRef match) {
  Asking asking = askProtocol({protocol, protocol});
  asking.words.insert(asking.words.end(), {"-m", match.str()});
  asking.tests.push_back(rangeOf(Field::Fragment, tree::kWithHeader));
  return asking;
}

static Asking askPort(Field field, Interval values, unsigned protocol) {
  Asking asking = askHeader(protocol, packet::protocolText(protocol));
  unsigned lo = unsigned(values.lo), hi = unsigned(values.hi);
  std::string range = lo == hi ? fmt::format("{}", lo) : fmt::format("{}:{}", lo, hi);
  asking.words.insert(asking.words.end(), {field == Field::Sport ? "--sport" : "--dport", range});
  asking.tests.push_back(rangeOf(field, values));
  asking.name += (field == Field::Sport ? "-from" : "-") + range;
  return asking;
}

static Asking askIcmp(Interval values, unsigned protocol) {
  bool ipv4 = protocol == packet::kIcmp;
  Asking asking = askHeader(protocol, ipv4 ? "icmp" : "icmp6");
  unsigned type = unsigned(values.lo) / 256, code = unsigned(values.lo) % 256;
  std::string text = values.lo == values.hi ? fmt::format("{}/{}", type, code) : fmt::format("{}", type);
  asking.words.insert(asking.words.end(), {ipv4 ? "--icmp-type" : "--icmpv6-type", text});
  asking.tests.push_back(rangeOf(Field::Icmp, values));
  asking.name += "-" + text;
  return asking;
}

static Asking askState(Interval values) {
  struct State {
    packet::Value first;
    llvm::StringLiteral name, brief;
  } static constexpr states[] = {{packet::Value(packet::CtState::New), "NEW", "new"},
                                 {packet::Value(packet::CtState::Established), "ESTABLISHED", "established"},
                                 {packet::Value(packet::CtState::Related), "RELATED", "related"},
                                 {packet::Value(packet::CtState::Invalid), "INVALID", "invalid"},
                                 {packet::Value(packet::CtState::Untracked), "UNTRACKED", "untracked"}};
  std::string list, name;
  for (const State &state : states)
    if (values.lo <= state.first && state.first <= values.hi) {
      list += (list.empty() ? "" : ",") + state.name.str();
      name += (name.empty() ? "" : "-") + state.brief.str();
    }
  return {{"-m", "conntrack", "--ctstate", list}, {rangeOf(Field::CtState, values)}, name};
}

static Asking askMark(Interval values) {
  std::string text = fmt::format("0x{:x}", unsigned(values.lo));
  ir::MaskTest test{Field::Mark, false, packet::maxValue(Field::Mark, packet::Family::IPv4), values.lo};
  return {{"-m", "mark", "--mark", text}, {test}, "m" + text};
}

Asking askFor(Field field, Interval values, std::optional<unsigned> protocol, packet::Family family) {
  switch (field) {
  case Field::Src:
  case Field::Dst:
    return askAddress(field, values, family);
  case Field::In:
  case Field::Out:
    return askInterface(field, values);
  case Field::Proto:
    return askProtocol(values);
  case Field::Sport:
  case Field::Dport:
    return askPort(field, values, *protocol);
  case Field::Icmp:
    return askIcmp(values, *protocol);
  case Field::CtState:
    return askState(values);
  case Field::Mark:
    return askMark(values);
  default:
    llvm_unreachable("rules cannot ask for the field");
  }
}

} // namespace iptlint::pass
