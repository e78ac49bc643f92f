// usage: iptlint-meets FAMILY RULES < PACKETS
//
// Which rules of the chain ASK a packet meets, as eval has it: what test/kernel/options.py compares with the kernel.
// A packet is a line of FIELD=VALUE, values being integers as lib/packet/Field.def says; a field that is not named is
// 0. For each there is one line of 0 and 1, one for each rule; `?` where a rule asks what is not modelled.
#include "eval/Eval.h"
#include "parse/Parse.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <iostream>

using namespace iptlint;

namespace {
/// Nothing that it would have to answer is asked of it.
class Mute : public eval::Oracle {
public:
  bool meets(const ir::OpaqueTest &) override { llvm_unreachable("rules with unknowns are not evaluated"); }
  bool holdsAfterRewrite(const ir::OpaqueTest &, unsigned) override { llvm_unreachable("nothing is rewritten"); }
  packet::Value anyValue(packet::Field) override { llvm_unreachable("nothing is rewritten"); }
  bool opaqueTargetEnds(const ir::Rule &) override { llvm_unreachable("there are no targets"); }
  bool brokenRuleMatches(const ir::Rule &) override { llvm_unreachable("broken rules are not evaluated"); }
  bool policyAccepts(const ir::Chain &) override { llvm_unreachable("no table is walked"); }
};
} // namespace

static char answer(const ir::Rule &rule, const packet::Packet &packet) {
  Mute oracle;
  if (rule.broken ||
      llvm::any_of(rule.tests, [](const ir::Test &test) { return std::holds_alternative<ir::OpaqueTest>(test); }))
    return '?';
  return llvm::all_of(rule.tests, [&](const ir::Test &test) { return eval::meets(test, packet, oracle); }) ? '1' : '0';
}

static std::optional<packet::Field> fieldNamed(llvm::StringRef name) {
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (packet::name(packet::Field(field)) == name)
      return packet::Field(field);
  return std::nullopt;
}

/// Up to 128 bits, in decimal.
static packet::Value number(llvm::StringRef digits) {
  packet::Value value = 0;
  for (char digit : digits)
    value = value * 10 + unsigned(digit - '0');
  return value;
}

static std::optional<packet::Packet> readPacket(llvm::StringRef line, packet::Family family) {
  packet::Packet packet;
  packet.family = family;
  llvm::SmallVector<llvm::StringRef, 16> words;
  line.split(words, ' ', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef word : words) {
    auto [name, digits] = word.split('=');
    auto field = fieldNamed(name);
    if (!field) {
      llvm::errs() << "there is no field '" << name << "'\n";
      return std::nullopt;
    }
    packet[*field] = number(digits);
  }
  return packet;
}

int main(int count, char **arguments) {
  if (count != 3)
    return 2;
  auto family = llvm::StringRef(arguments[1]) == "6" ? packet::Family::IPv6 : packet::Family::IPv4;
  auto source = support::Source::read(arguments[2]);
  if (!source) {
    llvm::errs() << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  parse::ParsedRules parsed = parse::parseRules(*source, {.family = family});
  for (const support::Diagnostic &finding : parsed.findings)
    llvm::errs() << (*source)->lineColumn(finding.at.begin).line << ": " << finding.message << '\n';
  auto &chains = parsed.rulesets.front().tables.front().chains;
  auto ask = llvm::find_if(chains, [](const ir::Chain &chain) { return chain.name == "ASK"; });
  for (std::string line; std::getline(std::cin, line);) {
    auto packet = readPacket(line, family);
    if (!packet)
      return 2;
    for (const ir::Rule &rule : ask->rules)
      llvm::outs() << answer(rule, *packet);
    llvm::outs() << '\n';
  }
  return 0;
}
