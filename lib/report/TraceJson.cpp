// The JSON form of a trace; docs/trace.md describes it.
#include "report/JsonWriter.h"
#include "report/PacketJson.h"
#include "report/Trace.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::report {

using Kind = TraceStep::Kind;

static void writeIf(JsonWriter &json, llvm::StringRef key, const std::string &text) {
  if (!text.empty())
    json.attribute(key, text);
}

static void writeChanges(JsonWriter &json, const TraceStep &step) {
  if (step.changes.empty())
    return;
  json.attributeArray("changes", [&] {
    for (const TraceChange &change : step.changes)
      json.object([&] {
        json.attribute("field", packet::name(change.field));
        json.attribute("from", change.from);
        json.name("to");
        if (change.to.empty())
          json.value(nullptr);
        else
          json.value(change.to);
        writeIf(json, "possible", change.possible);
      });
  });
}

static void writeRouting(JsonWriter &json, const TraceStep &step) {
  json.attribute("hook", "routing");
  writeIf(json, "table", step.table);
  if (step.line) {
    json.attribute("path", step.path);
    json.attribute("line", step.line);
  }
  writeIf(json, "route", step.words);
  writeIf(json, "rule", step.routingRule);
  json.attribute("effect", step.effect);
  writeIf(json, "out", step.device);
  writeIf(json, "via", step.via);
  writeIf(json, "text", step.text);
}

static void writeStep(JsonWriter &json, const TraceStep &step) {
  json.object([&] {
    if (step.kind == Kind::Routing)
      return writeRouting(json, step);
    json.attribute("hook", step.hook);
    writeIf(json, "table", step.table);
    writeIf(json, "chain", step.chain);
    if (step.kind == Kind::Rule)
      json.attribute("rule", step.rule);
    if (step.line)
      json.attribute("line", step.line);
    writeIf(json, "target", step.target);
    json.attribute("effect", step.effect);
    writeChanges(json, step);
    writeIf(json, "text", step.text);
  });
}

static void writeOpen(JsonWriter &json, const TraceLeg &leg) {
  if (leg.open.empty())
    return;
  json.attributeObject("open", [&] {
    for (const auto &[field, possible] : leg.open)
      json.attribute(packet::name(field), possible);
  });
}

/// \param fate, reason  what is told in place of the leg's own.
static void writeLeg(JsonWriter &json, const TraceLeg &leg, const std::string &fate, const std::string &reason) {
  json.attributeArray("steps", [&] {
    for (const TraceStep &step : leg.steps)
      writeStep(json, step);
  });
  json.attribute("fate", fate);
  writeIf(json, "reason", reason);
  writeIf(json, "out", leg.out);
  writeIf(json, "next_hop", leg.nextHop);
  if (!leg.copyFate.empty())
    json.attributeObject("copy", [&] {
      json.attribute("fate", leg.copyFate);
      writeIf(json, "reason", leg.copyReason);
    });
  if (leg.icmp) {
    json.attribute("icmp_type", *leg.icmp >> 8);
    json.attribute("icmp_code", *leg.icmp & 0xff);
  }
  if (!leg.ports.empty())
    json.attributeArray("ports", [&] {
      for (const std::string &port : leg.ports)
        json.value(port);
    });
  writeIf(json, "encapsulated", leg.encapsulated);
  json.name("rewritten");
  writePacket(json, leg.packet);
  writeOpen(json, leg);
}

/// The packets of the flow that are told beside the one that was asked for.
static void writeOthers(JsonWriter &json, const TracePath &path) {
  for (const TraceLeg &leg : path.legs)
    if (leg.role != "packet")
      json.attributeObject(leg.role, [&] {
        json.name("packet");
        writePacket(json, leg.sent);
        writeLeg(json, leg, leg.fate, leg.reason);
      });
}

static void writeConditions(JsonWriter &json, const TracePath &path) {
  json.attributeArray("conditions", [&] {
    for (const TraceCondition &condition : path.conditions)
      json.object([&] {
        json.attribute("condition", condition.condition);
        json.attribute("holds", condition.holds);
        writeIf(json, "where", condition.where);
      });
  });
}

static void writePath(JsonWriter &json, const TracePath &path) {
  json.object([&] {
    json.attribute("probability", path.percent / 100);
    json.attribute("share", path.share);
    json.attribute("by_chance", path.byChance);
    writeConditions(json, path);
    writeLeg(json, path.asked(), path.asked().fate, path.asked().reason);
    writeOthers(json, path);
  });
}

void printTraceJson(const Trace &trace, llvm::raw_ostream &out) {
  JsonWriter json(out);
  const TracePath &first = trace.paths.front();
  json.object([&] {
    json.attribute("version", 1);
    json.name("packet");
    writePacket(json, first.asked().sent);
    json.attributeArray("assumed", [&] {
      for (packet::Field field : trace.assumed)
        json.value(packet::name(field));
    });
    json.attributeArray("notes", [&] {
      for (const std::string &note : trace.notes)
        json.value(note);
    });
    writeLeg(json, first.asked(), trace.fate, trace.reason);
    writeOthers(json, first);
    json.attribute("complete", trace.complete);
    if (trace.paths.size() > 1)
      json.attributeArray("paths", [&] {
        for (const TracePath &path : trace.paths)
          writePath(json, path);
      });
    else
      writeConditions(json, first);
    if (!trace.whyNot.empty())
      json.attributeArray("why_not", [&] {
        for (const std::string &each : trace.whyNot)
          json.value(each);
      });
  });
  out << "\n";
}

} // namespace iptlint::report
