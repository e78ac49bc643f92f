// usage: iptlint-lookup FOLDER < QUESTIONS
//
// Where packets go, as eval has it: what test/kernel/lookup.py compares with `ip route get`. FOLDER holds the texts of
// a machine: routes4, routes6, rules4, rules6, addresses, settings; one that is missing is not known. A question is a
// line of words: FAMILY SRC DST IN OUT MARK TOS PROTOCOL SPORT DPORT UID, `-` standing for no address and no interface.
// The answer is a line of JSON: a list of decisions.
#include "eval/Routing.h"
#include "parse/Parse.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <fmt/format.h>
#include <iostream>

using namespace iptlint;

static void readInto(parse::NetworkTexts::Sources &into, const std::string &path) {
  if (!llvm::sys::fs::exists(path))
    return;
  auto source = support::Source::read(path);
  if (!source) {
    llvm::errs() << llvm::toString(source.takeError()) << '\n';
    std::exit(2);
  }
  into.push_back(*source);
}

static parse::ParsedNetwork readMachine(const std::string &folder) {
  parse::NetworkTexts texts;
  for (const char *name : {"routes4", "routes6"})
    readInto(texts.routes, folder + "/" + name);
  for (const char *name : {"rules4", "rules6"})
    readInto(texts.rules, folder + "/" + name);
  readInto(texts.addresses, folder + "/addresses");
  readInto(texts.settings, folder + "/settings");
  return parse::parseNetwork(texts);
}

static std::optional<packet::Value> readAddress(llvm::StringRef word, packet::Family family) {
  packet::Value address = 0;
  if (word == "-")
    return 0;
  return packet::parseAddress(word, family, address) ? std::optional(address) : std::nullopt;
}

static std::optional<eval::Flow> readQuestion(llvm::StringRef line) {
  llvm::SmallVector<llvm::StringRef, 11> words;
  line.split(words, ' ');
  if (words.size() != 11)
    return std::nullopt;
  eval::Flow flow;
  flow.family = words[0] == "6" ? packet::Family::IPv6 : packet::Family::IPv4;
  auto src = readAddress(words[1], flow.family), dst = readAddress(words[2], flow.family);
  flow.in = words[3] == "-" ? "" : words[3];
  flow.out = words[4] == "-" ? "" : words[4];
  bool wrong = words[5].getAsInteger(0, flow.mark) || words[6].getAsInteger(0, flow.tos) ||
               words[7].getAsInteger(0, flow.protocol) || words[8].getAsInteger(0, flow.sport) ||
               words[9].getAsInteger(0, flow.dport) || words[10].getAsInteger(0, flow.uid);
  if (wrong || !src || !dst)
    return std::nullopt;
  flow.src = *src;
  flow.dst = *dst;
  return flow;
}

static std::string quoted(llvm::StringRef text) {
  std::string out = "\"";
  for (char each : text)
    out += each == '"' || each == '\\' ? std::string("\\") + each : std::string(1, each);
  return out + "\"";
}

static std::string address(const std::optional<packet::Value> &value, packet::Family family) {
  return value ? quoted(packet::addressText(*value, family)) : "null";
}

static std::string toJson(const eval::Decision &decision, packet::Family family) {
  return fmt::format(R"({{"fate":{},"martian":{},"device":{},"gateway":{},"source":{},"table":{},"rule":{},"route":{},)"
                     R"("weight":{},"weights":{},"reason":{},"supposing":{}}})",
                     quoted(eval::name(decision.fate)), quoted(eval::name(decision.martian)), quoted(decision.device),
                     address(decision.gateway, decision.gatewayFamily), address(decision.source, family),
                     quoted(decision.table), quoted(decision.ruleText), quoted(decision.routeText), decision.weight,
                     decision.weights, quoted(decision.reason), quoted(decision.supposing));
}

int main(int count, char **arguments) {
  if (count != 2)
    return 2;
  parse::ParsedNetwork parsed = readMachine(arguments[1]);
  for (const parse::ParsedNetwork::File &file : parsed.files)
    for (const support::Diagnostic &finding : file.findings)
      if (finding.severity != support::Severity::Info) // which family a text was taken for
        llvm::errs() << file.source->path() << ':' << file.source->lineColumn(finding.at.begin).line << ": "
                     << finding.message << '\n';
  eval::Routing routing(*parsed.network);
  for (std::string line; std::getline(std::cin, line);) {
    std::optional<eval::Flow> flow = readQuestion(line);
    if (!flow) {
      llvm::errs() << "not a question: " << line << '\n';
      return 2;
    }
    std::string all;
    for (const eval::Decision &decision : routing.decide(*flow))
      all += (all.empty() ? "" : ",") + toJson(decision, flow->family);
    llvm::outs() << '[' << all << "]\n";
  }
  return 0;
}
