#include "Palette.h"
#include <cassert>
#include <fmt/format.h>
#include <set>

namespace iptlint::oracle {

using ir::TargetKind;
using packet::Field;
using packet::Value;

Condition any() {
  return {};
}

static Condition addresses(const char *option, Field field, uint32_t lo, uint32_t hi) {
  unsigned length = 32;
  while (lo != hi && (uint64_t(1) << (32 - length)) - 1 != hi - lo)
    --length;
  std::string prefix = packet::addressText(lo, packet::Family::IPv4);
  ir::RangeTest test{field, std::nullopt, false, {{lo, hi}}};
  return {fmt::format("{} {}/{}", option, prefix, length), {test}};
}

Condition source(uint32_t lo, uint32_t hi) {
  return addresses("-s", Field::Src, lo, hi);
}
Condition destination(uint32_t lo, uint32_t hi) {
  return addresses("-d", Field::Dst, lo, hi);
}

Condition eitherPort(uint16_t port) {
  return {fmt::format("-m multiport --ports {}", port),
          {ir::RangeTest{Field::Sport, Field::Dport, false, {{port, port}}}}};
}

Condition markIs(uint32_t value, uint32_t mask) {
  return {fmt::format("-m mark --mark {:#x}/{:#x}", value, mask), {ir::MaskTest{Field::Mark, false, mask, value}}};
}

Condition flowMarkIs(uint32_t value, uint32_t mask) {
  return {fmt::format("-m connmark --mark {:#x}/{:#x}", value, mask), {ir::MaskTest{Field::ConnMark, false, mask, value}}};
}

Condition hasFlow() {
  return {"-m conntrack ! --ctstate INVALID,UNTRACKED", {ir::RangeTest{Field::CtState, std::nullopt, false, {{0, 11}}}}};
}

Condition function(llvm::StringRef text) {
  return {fmt::format("-m string --algo bm --string {} --to 100", text.str()),
          {ir::OpaqueTest{ir::Opacity::Function, false, text, "-m string"}}};
}

Condition stateful(llvm::StringRef text) {
  return {fmt::format("-m recent --name {} --update", text.str()),
          {ir::OpaqueTest{ir::Opacity::Stateful, false, text, "-m recent"}}};
}

Condition no(Condition condition) {
  assert(condition.tests.size() == 1 && "only a single test can be turned round");
  std::visit([](auto &test) { test.negated = !test.negated; }, condition.tests.front());
  condition.words = "! " + condition.words;
  return condition;
}

Condition both(const Condition &left, const Condition &right) {
  Condition condition = left;
  condition.words += " " + right.words;
  condition.tests.insert(condition.tests.end(), right.tests.begin(), right.tests.end());
  return condition;
}

Condition oneOf(const std::vector<Condition> &conditions) {
  std::string words;
  std::vector<ir::Alternative> alternatives;
  for (const Condition &condition : conditions) {
    words += (words.empty() ? "" : " | ") + condition.words;
    ir::Alternative &alternative = alternatives.emplace_back();
    for (const ir::Test &test : condition.tests)
      if (auto *range = std::get_if<ir::RangeTest>(&test))
        alternative.push_back(*range);
      else
        alternative.push_back(std::get<ir::MaskTest>(test));
  }
  auto shared = std::make_shared<const std::vector<ir::Alternative>>(std::move(alternatives));
  return {"{" + words + "}", {ir::UnionTest{false, std::move(shared)}}};
}

static Act actOf(std::string words, TargetKind kind, llvm::StringRef name, llvm::StringRef options = "") {
  Act act;
  act.words = std::move(words);
  act.target.kind = kind;
  act.target.name = name;
  act.target.options = options;
  return act;
}

Act accept() {
  return actOf("-j ACCEPT", TargetKind::Accept, "ACCEPT");
}
Act drop() {
  return actOf("-j DROP", TargetKind::Drop, "DROP");
}
Act reject() {
  return actOf("-j REJECT", TargetKind::Verdict, "REJECT");
}
Act goBack() {
  return actOf("-j RETURN", TargetKind::Return, "RETURN");
}
Act log() {
  return actOf("-j LOG", TargetKind::Continue, "LOG");
}
Act justCount() {
  return actOf("", TargetKind::None, "");
}
Act unmodelled() {
  return actOf("-j FOO", TargetKind::Opaque, "FOO");
}

/// A text that stays where it is.
static llvm::StringRef kept(std::string text) {
  static std::set<std::string> texts;
  return *texts.insert(std::move(text)).first;
}

Act setXmark(uint32_t value, uint32_t mask) {
  llvm::StringRef options = kept(fmt::format("--set-xmark {:#x}/{:#x}", value, mask));
  Act act = actOf("-j MARK " + options.str(), TargetKind::Continue, "MARK", options);
  act.target.writes = {{Field::Mark, true, uint32_t(~mask), value}};
  return act;
}

Act mapMark(uint32_t mask) {
  llvm::StringRef options = kept(fmt::format("--map-set m{:#x} src --map-mark", mask));
  Act act = actOf("-j SET " + options.str(), TargetKind::Continue, "SET", options);
  act.target.writes = {{Field::Mark, false, uint32_t(~mask), 0}};
  return act;
}

static Act copyMark(const char *how, Field to, Field from, uint32_t mask) {
  llvm::StringRef options = kept(fmt::format("{} --nfmask {:#x} --ctmask {:#x}", how, mask, mask));
  Act act = actOf("-j CONNMARK " + options.str(), TargetKind::Continue, "CONNMARK", options);
  act.target.writes = {{.field = to, .keep = uint32_t(~mask), .from = from, .copy = mask}};
  act.target.writesIf = ir::RangeTest{Field::CtState, std::nullopt, false, {{0, 11}}};
  return act;
}

Act saveMark(uint32_t mask) {
  return copyMark("--save-mark", Field::ConnMark, Field::Mark, mask);
}
Act restoreMark(uint32_t mask) {
  return copyMark("--restore-mark", Field::Mark, Field::ConnMark, mask);
}

Act notrack() {
  Act act = actOf("-j CT --notrack", TargetKind::Continue, "CT", "--notrack");
  act.target.writes = {ir::Write::constant(Field::CtState, Value(packet::CtState::Untracked))};
  act.target.writesIf = ir::RangeTest{Field::CtState, std::nullopt, false, {{12, 12}}};
  act.target.rewritesUnmodelled = true;
  return act;
}

Act decrementTtl() {
  Act act = actOf("-j TTL --ttl-dec 1", TargetKind::Continue, "TTL", "--ttl-dec 1");
  act.target.rewritesUnmodelled = true;
  return act;
}

llvm::StringRef userChainName(uint32_t chain) {
  static constexpr llvm::StringLiteral names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "K", "L", "M"};
  assert((chain == ir::kNoChain || chain < std::size(names)) && "small worlds have few chains");
  return chain == ir::kNoChain ? llvm::StringRef("NOWHERE") : llvm::StringRef(names[chain]);
}

static Act toChain(const char *option, TargetKind kind, uint32_t chain) {
  Act act = actOf(option + userChainName(chain).str(), kind, userChainName(chain));
  act.target.chain = chain;
  return act;
}

Act jumpTo(uint32_t chain) {
  return toChain("-j ", TargetKind::Jump, chain);
}
Act goTo(uint32_t chain) {
  return toChain("-g ", TargetKind::Goto, chain);
}

Act unreadable() {
  Act act = actOf("--unreadable", TargetKind::Opaque, "");
  act.broken = true;
  return act;
}

ir::Rule makeRule(const Condition &condition, const Act &act) {
  ir::Rule rule;
  for (llvm::StringRef words : {llvm::StringRef(condition.words), llvm::StringRef(act.words)})
    if (!words.empty())
      rule.words.push_back(words);
  rule.tests = condition.tests;
  rule.target = act.target;
  rule.broken = act.broken;
  return rule;
}

static const char *textOf(ir::Policy policy) {
  switch (policy) {
  case ir::Policy::None:
  case ir::Policy::Unstated:
    return "-";
  case ir::Policy::Accept:
    return "ACCEPT";
  case ir::Policy::Drop:
    return "DROP";
  }
  return "";
}

std::string textOf(const ir::Table &table, ir::RuleId id) {
  const ir::Chain &chain = table.chains[id.chain];
  std::string line = "-A " + chain.name.str();
  for (llvm::StringRef words : chain.rules[id.rule].words)
    line += " " + words.str();
  return line;
}

std::string textOf(const ir::Table &table) {
  std::string text = "*filter\n";
  for (const ir::Chain &chain : table.chains)
    text += fmt::format(":{} {} [0:0]\n", chain.name.str(), textOf(chain.policy));
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain)
    for (uint32_t rule = 0; rule != table.chains[chain].rules.size(); ++rule)
      text += textOf(table, {chain, rule}) + "\n";
  return text + "COMMIT\n";
}

} // namespace iptlint::oracle
