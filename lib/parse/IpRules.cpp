#include "parse/IpRules.h"
#include "parse/RoutesValues.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <fmt/format.h>

namespace iptlint::parse {

using ir::RoutingAction;
using ir::RoutingRule;
using packet::Family;
using support::Severity;

constexpr uint64_t kMost = ~uint32_t(0);

void IpRuleReader::fail(llvm::StringRef at, std::string message) {
  rules.back().opaque = true;
  findings.error(at, std::move(message));
}

void IpRuleReader::readLine(llvm::StringRef text) {
  NetworkLine line = lines.rule(text);
  RoutingRule &rule = rules.emplace_back();
  families.emplace_back();
  hasAction = false;
  rule.place = {source, findings.source.rangeOf(text.trim(" \t"))};
  rule.words.assign(line.words.begin() + (line.index.empty() ? 0 : 1), line.words.end());
  rule.negated = line.negated;
  bool hasPreference = !line.index.empty() || llvm::any_of(line.parts, [](const LinePart &part) {
    return part.keyword == "pref" || part.keyword == "preference" || part.keyword == "priority";
  });
  if (!line.index.empty())
    rule.preference = readNumberUpTo(line.index, kMost).value_or(0);
  for (const LinePart &part : line.parts)
    read(part);
  if (line.error)
    fail(line.error->at, line.error->message);
  else if (!hasPreference)
    fail(line.words.front(), "a rule begins with its preference and a colon");
  else if (!hasAction && !rule.opaque)
    fail(line.words.back(), "no table or action in this rule");
}

void IpRuleReader::read(const LinePart &part) {
  if (part.value.empty())
    return readLone(part.keyword);
  if (readSelector(part) || readAction(part) || readOther(part))
    return;
  rules.back().opaque = true;
  findings.add(Severity::Info, part.keyword, fmt::format("\"{}\" is not known and was kept as it is", part.keyword));
}

// --- which packets

bool IpRuleReader::readSelector(const LinePart &part) {
  RoutingRule &rule = rules.back();
  auto [keyword, value] = part;
  if (keyword == "from")
    readBlock(rule.from, value);
  else if (keyword == "to")
    readBlock(rule.to, value);
  else if (keyword == "iif" || keyword == "dev")
    readDevice(rule.in, value);
  else if (keyword == "oif")
    readDevice(rule.out, value);
  else if (keyword == "fwmark")
    readMark(value);
  else if (keyword == "tos" || keyword == "dsfield")
    readTos(value);
  else if (keyword == "ipproto")
    readProtocol(value);
  else if (keyword == "sport")
    readSpan(rule.sport, value, 0xffff);
  else if (keyword == "dport")
    readSpan(rule.dport, value, 0xffff);
  else if (keyword == "uidrange")
    readSpan(rule.uid, value, kMost);
  else if (keyword == "tun_id" || keyword == "dscp" || keyword == "flowlabel")
    rule.opaque = true;
  else
    return false;
  return true;
}

/// The kernel compares no more than the prefix, whatever stands behind it.
void IpRuleReader::readBlock(ir::Prefix &into, llvm::StringRef text) {
  if (text == "all" || text == "any" || text == "default" || text == "0/0")
    return;
  auto [addressText, lengthText] = text.split('/');
  std::optional<Address> address = readAddress(addressText, families.back());
  if (!address)
    return fail(text, fmt::format("\"{}\" is no {}address", text,
                                  families.back() ? familyName(*families.back()).str() + " " : ""));
  families.back() = address->family;
  unsigned bits = packet::bits(packet::Field::Dst, address->family);
  std::optional<unsigned> length = addressText.size() == text.size() ? bits : readLength(lengthText, address->family);
  if (!length)
    return fail(text, fmt::format("\"{}\" is no prefix length of {}", lengthText, familyName(address->family)));
  packet::Value behind = *length == 0 ? ~packet::Value(0) : (packet::Value(1) << (bits - *length)) - 1;
  into = {address->value & ~behind, *length};
}

void IpRuleReader::readDevice(llvm::StringRef &into, llvm::StringRef text) {
  if (!isDeviceName(text))
    return fail(text, fmt::format("no device can be called \"{}\"", text));
  into = text;
}

void IpRuleReader::readMark(llvm::StringRef text) {
  std::optional<MarkMask> mark = parseMarkMask(text);
  if (!mark)
    return fail(text, fmt::format("\"{}\" is no mark", text));
  rules.back().mark = mark->value;
  rules.back().markMask = mark->mask;
}

void IpRuleReader::readTos(llvm::StringRef text) {
  rules.back().tos = readDsField(text);
  if (rules.back().tos)
    return;
  rules.back().opaque = true;
  findings.add(
      Severity::Info, text,
      fmt::format("\"{}\" is a type of service that the machine itself has named: which one is not known", text));
}

/// `ip -N` writes a protocol as `ipproto-6`.
void IpRuleReader::readProtocol(llvm::StringRef text) {
  llvm::StringRef number = text;
  number.consume_front("ipproto-");
  std::optional<unsigned> protocol = parseProtocol(number);
  if (!protocol)
    return fail(text, fmt::format("\"{}\" is no protocol", text));
  rules.back().protocol = *protocol;
}

void IpRuleReader::readSpan(std::optional<RoutingRule::Span> &into, llvm::StringRef text, uint64_t max) {
  auto [loText, hiText] = text.split('-');
  std::optional<uint64_t> lo = readNumber(loText, max);
  std::optional<uint64_t> hi = text.contains('-') ? readNumber(hiText, max) : lo;
  if (!lo || !hi || *hi < *lo)
    return fail(text, fmt::format("\"{}\" is no number or range up to {}", text, max));
  into = RoutingRule::Span{uint32_t(*lo), uint32_t(*hi)};
}

// --- what happens to them

void IpRuleReader::setAction(RoutingAction action) {
  rules.back().action = action;
  hasAction = true;
}

bool IpRuleReader::readAction(const LinePart &part) {
  auto [keyword, value] = part;
  if (keyword == "lookup" || keyword == "table")
    readTable(value);
  else if (keyword == "goto")
    readGoto(value);
  else if (keyword == "map-to")
    setAction(RoutingAction::Nat);
  else
    return false;
  return true;
}

void IpRuleReader::readTable(llvm::StringRef text) {
  setAction(RoutingAction::Lookup);
  if (text == "[l3mdev-table]")
    rules.back().l3mdev = true;
  else
    rules.back().table = tableName(text);
}

/// The kernel shows `none` where it has lost the preference.
void IpRuleReader::readGoto(llvm::StringRef text) {
  setAction(RoutingAction::Goto);
  if (text == "none")
    rules.back().opaque = true;
  else
    rules.back().goesTo = readNumberUpTo(text, kMost).value_or(0);
}

/// Numbers are what `ip -N` writes for a type of route. Source: linux/rtnetlink.h, RTN_BLACKHOLE and what follows.
void IpRuleReader::readLone(llvm::StringRef word) {
  auto action = llvm::StringSwitch<std::optional<RoutingAction>>(word)
                    .Case("nop", RoutingAction::Nop)
                    .Cases("blackhole", "6", RoutingAction::Blackhole)
                    .Cases("unreachable", "7", RoutingAction::Unreachable)
                    .Cases("prohibit", "8", RoutingAction::Prohibit)
                    .Case("masquerade", RoutingAction::Nat)
                    .Default(std::nullopt);
  if (action)
    return setAction(*action);
  if (word != "[detached]" && word != "[unresolved]")
    fail(word, fmt::format("unexpected \"{}\"", word));
}

// --- the rest

bool IpRuleReader::readOther(const LinePart &part) {
  RoutingRule &rule = rules.back();
  auto [keyword, value] = part;
  if (keyword == "suppress_prefixlength")
    rule.suppressLength = readNumberUpTo(value, packet::bits(packet::Field::Dst, Family::IPv6));
  else if (keyword == "suppress_ifgroup")
    rule.suppressGroup = value;
  else if (keyword == "pref" || keyword == "preference" || keyword == "priority")
    rule.preference = readNumberUpTo(value, kMost).value_or(0);
  else
    return keyword == "realms" || keyword == "realm" || keyword == "proto" || keyword == "protocol";
  return true;
}

std::optional<uint32_t> IpRuleReader::readNumberUpTo(llvm::StringRef text, uint64_t max) {
  std::optional<uint64_t> number = readNumber(text, max);
  if (!number)
    return fail(text, fmt::format("\"{}\" is no number from 0 to {}", text, max)), std::nullopt;
  return uint32_t(*number);
}

// --- families

/// `ip` shows the rules of one family by rising preference; where it falls, the text of another call begins.
void IpRuleReader::settleFamilies() {
  size_t begin = 0;
  for (size_t i = 1; i <= rules.size(); ++i)
    if (i == rules.size() || rules[i].preference < rules[i - 1].preference) {
      settleBlock(begin, i);
      begin = i;
    }
}

/// A rule without an address has the family of the others; without any, the rule for table default, which only IPv4
/// begins with, tells.
void IpRuleReader::settleBlock(size_t begin, size_t end) {
  auto block = llvm::makeArrayRef(rules).slice(begin, end - begin);
  auto said = llvm::makeArrayRef(families).slice(begin, end - begin);
  auto known = llvm::find_if(said, [](std::optional<Family> family) { return family.has_value(); });
  bool isMixed = llvm::any_of(said, [&](std::optional<Family> family) { return family && family != *known; });
  bool hasDefault = llvm::any_of(block, [](const RoutingRule &rule) { return rule.table == "default"; });
  bool hasMain = llvm::any_of(block, [](const RoutingRule &rule) { return rule.table == "main"; });
  Family family = known != said.end() ? known->value() : hasMain && !hasDefault ? Family::IPv6 : Family::IPv4;
  for (size_t i = begin; i != end; ++i)
    rules[i].family = families[i].value_or(family);
  auto first = llvm::find_if(said, [](std::optional<Family> family) { return !family; });
  if (isMixed ? first != said.end() : known == said.end() && !hasDefault)
    findings.add(Severity::Info, findings.source.slice(rules[begin + (isMixed ? first - said.begin() : 0)].place.at),
                 fmt::format("no address says the family, taken for {}", familyName(family)));
}

std::vector<RoutingRule> IpRuleReader::finish() {
  settleFamilies();
  return std::move(rules);
}

} // namespace iptlint::parse
