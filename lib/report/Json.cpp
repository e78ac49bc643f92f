#include "report/Json.h"
#include "report/JsonWriter.h"

namespace iptlint::report {

using llvm::StringRef;
using support::Diagnostic;
using support::Source;

static void writeTextOrNull(JsonWriter &json, StringRef key, StringRef text) {
  if (text.empty())
    json.attribute(key, nullptr);
  else
    json.attribute(key, text);
}

static void writePlace(JsonWriter &json, const support::Place &place) {
  writeTextOrNull(json, "table", place.table);
  writeTextOrNull(json, "chain", place.chain);
  if (place.rule == 0)
    json.attribute("rule", nullptr);
  else
    json.attribute("rule", place.rule);
}

static void writeStart(JsonWriter &json, const Source &source, support::SourceRange at) {
  support::LineColumn start = source.lineColumn(at.begin);
  json.attribute("path", source.path());
  json.attribute("line", start.line);
  json.attribute("column", start.column);
}

static void writeNote(JsonWriter &json, const Source &source, const support::Note &note) {
  json.object([&] {
    writeStart(json, source, note.at);
    writePlace(json, note.place);
    json.attribute("message", note.message);
  });
}

static void writeFix(JsonWriter &json, const Source &source, const support::Fix &fix) {
  json.attributeObject("fix", [&] {
    json.attributeArray("edits", [&] {
      for (const support::Edit &edit : fix.edits)
        json.object([&] {
          json.attribute("line", source.lineColumn(edit.lines.begin).line);
          json.attribute("end_line", source.lineColumn(edit.lines.end).line);
          json.attribute("text", edit.text);
        });
    });
    json.attribute("proved", fix.proved);
  });
}

static void writeFinding(JsonWriter &json, const Source &source, const Diagnostic &finding) {
  support::LineColumn end = source.lineColumn(finding.at.end);
  json.object([&] {
    json.attribute("check", finding.check);
    json.attribute("severity", support::name(finding.severity));
    writeStart(json, source, finding.at);
    json.attribute("end_line", end.line);
    json.attribute("end_column", end.column);
    writePlace(json, finding.place);
    json.attribute("message", finding.message);
    json.attributeArray("notes", [&] {
      for (const support::Note &note : finding.notes)
        writeNote(json, source, note);
    });
    json.attribute("witness", nullptr);
    if (finding.fix)
      writeFix(json, source, *finding.fix);
    else
      json.attribute("fix", nullptr);
  });
}

static void writeRuleset(JsonWriter &json, const Source &source, const RulesetSummary &ruleset) {
  json.object([&] {
    json.attribute("path", source.path());
    json.attribute("family", int(ruleset.family));
    json.attribute("form", ir::name(ruleset.form));
    json.attributeArray("tables", [&] {
      for (const std::string &table : ruleset.tables)
        json.value(table);
    });
    json.attribute("chains", int64_t(ruleset.chains));
    json.attribute("rules", int64_t(ruleset.rules));
    json.attributeArray("unmodelled", [&] {
      for (const UnmodelledOption &unmodelled : ruleset.unmodelled)
        json.object([&] {
          json.attribute("option", unmodelled.option);
          json.attribute("rules", unmodelled.rules);
        });
    });
  });
}

static void writeSummary(JsonWriter &json, const Totals &totals) {
  json.attributeObject("summary", [&] {
    json.attribute("error", totals.errors);
    json.attribute("warning", totals.warnings);
    json.attribute("info", totals.infos);
    json.attribute("suppressed", totals.suppressed);
  });
}

void printJson(const std::vector<FileReport> &files, const Tool &tool, llvm::raw_ostream &out) {
  JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeObject("tool", [&] {
      json.attribute("name", "iptlint");
      json.attribute("version", tool.version);
    });
    json.attributeArray("files", [&] {
      for (const FileReport &file : files)
        for (const RulesetSummary &ruleset : file.rulesets)
          writeRuleset(json, *file.source, ruleset);
    });
    json.attributeArray("findings", [&] {
      for (const FileReport &file : files)
        for (const Diagnostic &finding : file.findings)
          writeFinding(json, *file.source, finding);
    });
    writeSummary(json, totalsOf(files));
  });
  out << "\n";
}

} // namespace iptlint::report
