// The JSON form: chains and calls as lists, names in place of numbers.
#include "report/Graph.h"
#include "report/JsonWriter.h"

namespace iptlint::report {

static void writePackets(JsonWriter &json, std::optional<uint64_t> packets) {
  json.name("packets");
  if (packets)
    json.value(*packets);
  else
    json.value(nullptr);
}

static void writeChain(JsonWriter &json, const GraphChain &chain) {
  json.attribute("name", chain.name);
  json.attribute("line", chain.line);
  json.attribute("rules", chain.rules);
  if (!chain.policy.empty())
    json.attribute("policy", chain.policy);
  json.attribute("reached", chain.reached);
  json.attribute("missing", chain.missing);
  writePackets(json, chain.packets);
}

static void writeCall(JsonWriter &json, const ChainGraph &graph, const GraphCall &call) {
  json.attribute("from", graph.chains[call.from].name);
  json.attribute("to", graph.chains[call.to].name);
  json.attribute("jumps", call.jumps);
  json.attribute("gotos", call.gotos);
  writePackets(json, call.packets);
  if (!call.conditions.empty())
    json.attribute("conditions", call.conditions);
}

static void writeGraph(JsonWriter &json, const ChainGraph &graph) {
  json.attribute("path", graph.path);
  json.attribute("table", graph.table);
  json.attribute("family", unsigned(graph.family));
  json.attributeArray("chains", [&] {
    for (const GraphChain &chain : graph.chains)
      json.object([&] { writeChain(json, chain); });
  });
  json.attributeArray("calls", [&] {
    for (const GraphCall &call : graph.calls)
      json.object([&] { writeCall(json, graph, call); });
  });
}

void printGraphsJson(const std::vector<ChainGraph> &graphs, llvm::raw_ostream &out) {
  JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeArray("graphs", [&] {
      for (const ChainGraph &graph : graphs)
        json.object([&] { writeGraph(json, graph); });
    });
  });
  out << "\n";
}

} // namespace iptlint::report
