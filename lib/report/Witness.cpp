#include "report/Witness.h"
#include "report/Line.h"
#include "report/PacketJson.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::report {

static llvm::StringRef name(WitnessStatus status) {
  return status == WitnessStatus::Live ? "live" : status == WitnessStatus::Dead ? "dead" : "unknown";
}

// --- text

/// "rule 1 (line 4), FROM-LAN rule 2 (line 9)", as seen from the chain of \p rule.
static std::string listed(llvm::ArrayRef<RulePlace> places, const RuleWitness &rule) {
  std::string text;
  for (const RulePlace &of : places) {
    if (!text.empty())
      text += ", ";
    if (of.place.chain != rule.rule.place.chain)
      text += of.place.chain + " ";
    text += "rule " + std::to_string(of.place.rule) + " (line " + std::to_string(of.line) + ")";
  }
  return text;
}

static std::string takers(const RuleWitness &rule) {
  return "taken by " + listed(rule.takenBy, rule) + (rule.takenByMore ? " and others" : "");
}

static std::string proofText(const Certificate &certificate, const RuleWitness &rule) {
  switch (certificate.result) {
  case Certificate::Result::Proved:
    break;
  case Certificate::Result::Refuted:
    return "refuted by " + certificate.solver;
  case Certificate::Result::Open:
    return "not proved: " + certificate.reason;
  }
  std::string who = certificate.byAllRules    ? "all rules together leave it no packet"
                    : certificate.by.empty() ? "the conditions on its way leave it no packet"
                                             : listed(certificate.by, rule) + (certificate.by.size() == 1 ? " alone leaves" : " alone leave") + " it no packet";
  return "proved by " + certificate.solver + ": " + who;
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
  if (rule.certificate)
    out << "    " << printable(proofText(*rule.certificate, rule)) << "\n";
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

static llvm::StringRef name(Certificate::Result result) {
  return result == Certificate::Result::Proved ? "proved" : result == Certificate::Result::Refuted ? "refuted" : "open";
}

static void writePlaces(JsonWriter &json, llvm::StringRef name, llvm::ArrayRef<RulePlace> places) {
  json.attributeArray(name, [&] {
    for (const RulePlace &place : places)
      json.object([&] { writePlace(json, place); });
  });
}

static void writeCertificate(JsonWriter &json, const Certificate &certificate) {
  json.attributeObject("certificate", [&] {
    json.attribute("result", name(certificate.result));
    json.attribute("by_all_rules", certificate.byAllRules);
    writePlaces(json, "by", certificate.by);
    if (!certificate.reason.empty())
      json.attribute("reason", certificate.reason);
    json.attribute("solver", certificate.solver);
    json.attribute("queries", certificate.queries);
    json.attribute("seconds", certificate.seconds);
  });
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
    writePlaces(json, "taken_by", rule.takenBy);
    if (rule.takenByMore)
      json.attribute("taken_by_more", true);
    if (rule.certificate)
      writeCertificate(json, *rule.certificate);
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
