// The JSON form: one object a group, in the order of the text form.
#include "report/JsonWriter.h"
#include "report/PacketJson.h"
#include "report/Query.h"

namespace iptlint::report {

static void writeRule(JsonWriter &json, const QueryRule &rule) {
  json.object([&] {
    json.attribute("table", rule.table);
    json.attribute("chain", rule.chain);
    if (rule.rule != 0) {
      json.attribute("rule", rule.rule);
      json.attribute("line", rule.line);
    }
  });
}

static void writeGroup(JsonWriter &json, const QueryGroup &group) {
  json.object([&] {
    json.attribute("fate", group.fate);
    if (!group.reason.empty())
      json.attribute("reason", group.reason);
    if (!group.out.empty())
      json.attribute("out", group.out);
    if (!group.gateway.empty())
      json.attribute("gateway", group.gateway);
    if (group.rule) {
      json.name("rule");
      writeRule(json, *group.rule);
    }
    json.attributeObject("rewritten", [&] {
      for (const auto &[field, value] : group.rewritten) {
        if (value.empty())
          json.attribute(packet::name(field), nullptr);
        else
          json.attribute(packet::name(field), value);
      }
    });
    json.attributeArray("conditions", [&] {
      for (const std::string &condition : group.conditions)
        json.value(condition);
    });
    json.name("packet");
    if (group.packet)
      writePacket(json, *group.packet);
    else
      json.value(nullptr);
  });
}

void printQueryJson(const Query &query, llvm::raw_ostream &out) {
  JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeArray("notes", [&] {
      for (const std::string &note : query.notes)
        json.value(note);
    });
    json.attributeArray("groups", [&] {
      for (const QueryGroup &group : query.groups)
        writeGroup(json, group);
    });
    json.attribute("left_out", query.leftOut);
  });
  out << "\n";
}

} // namespace iptlint::report
