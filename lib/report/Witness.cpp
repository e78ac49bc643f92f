#include "report/Witness.h"
#include "report/Line.h"
#include "report/PacketJson.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::report {


static llvm::StringRef name(WitnessStatus status) {
  return status == WitnessStatus::Live ? "live" : status == WitnessStatus::Dead ? "dead" : "unknown";
}

// --- text

static std::string takers(const RuleWitness &rule) {
  std::string text;
  for (const RulePlace &taker : rule.takenBy) {
    text += text.empty() ? "taken by " : ", ";
    if (taker.place.chain != rule.rule.place.chain)
      text += taker.place.chain + " ";
    text += "rule " + std::to_string(taker.place.rule) + " (line " + std::to_string(taker.line) + ")";
  }
  return text;
}

static void printAssumptions(const RuleWitness &rule, llvm::raw_ostream &out) {
  auto print = [&](const std::pair<const std::string, bool> &condition) {
    out << "    where " << printable(condition.first) << (condition.second ? " matches\n" : " does not match\n");
  };
  llvm::for_each(rule.packet->assume, print);
  for (const auto &[option, matches] : rule.assumedState)
    print({option, matches});
}

static void printWitness(const RuleWitness &rule, llvm::raw_ostream &out) {
  const support::Place &place = rule.rule.place;
  out << printable(rule.path) << ":" << rule.rule.line << ": " << printable(place.table) << " " << printable(place.chain)
      << " rule " << place.rule << " is " << name(rule.status);
  std::string reason = rule.takenBy.empty() ? rule.because : takers(rule);
  if (rule.packet)
    out << ": " << printable(packet::inIptablesWords(*rule.packet)) << "\n";
  else
    out << (reason.empty() ? "" : ": ") << printable(reason) << "\n";
  if (!rule.packet)
    return;
  printAssumptions(rule, out);
  if (!rule.sendable)
    out << "    cannot be sent: " << printable(rule.because) << "\n";
}

void printWitnesses(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out) {
  for (const RuleWitness &rule : rules)
    printWitness(rule, out);
}

// --- JSON

static void writePlace(JsonWriter &json, const RulePlace &rule) {
  json.attribute("table", rule.place.table);
  json.attribute("chain", rule.place.chain);
  json.attribute("rule", rule.place.rule);
  json.attribute("line", rule.line);
}

static void writeWitness(JsonWriter &json, const RuleWitness &rule) {
  json.object([&] {
    json.attribute("path", rule.path);
    writePlace(json, rule.rule);
    json.attribute("status", name(rule.status));
    json.name("witness");
    if (rule.packet)
      writePacket(json, *rule.packet, rule.assumedState);
    else
      json.value(nullptr);
    json.attribute("sendable", rule.sendable);
    json.attributeArray("taken_by", [&] {
      for (const RulePlace &taker : rule.takenBy)
        json.object([&] { writePlace(json, taker); });
    });
    if (!rule.because.empty())
      json.attribute("because", rule.because);
  });
}

void printWitnessesJson(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out) {
  JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeArray("rules", [&] {
      for (const RuleWitness &rule : rules)
        writeWitness(json, rule);
    });
  });
  out << "\n";
}

} // namespace iptlint::report
