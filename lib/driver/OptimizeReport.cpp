#include "driver/OptimizeReport.h"
#include "driver/Reasons.h"
#include "driver/ProofText.h"
#include "driver/Visits.h"
#include "report/JsonWriter.h"

namespace iptlint::driver {

using smt::Verdict;

Size sizeOf(const std::vector<ir::Ruleset> &rulesets) {
  Size size;
  for (const ir::Ruleset &ruleset : rulesets)
    for (const ir::Table &table : ruleset.tables)
      for (const ir::Chain &chain : table.chains) {
        ++size.chains;
        size.rules += chain.rules.size();
      }
  return size;
}

static llvm::StringRef resultText(Verdict result) {
  return result == Verdict::Equal ? "equal" : result == Verdict::Different ? "different" : "unknown";
}

static void writeSize(report::JsonWriter &json, llvm::StringRef name, Size size) {
  json.attributeObject(name, [&] {
    json.attribute("rules", int64_t(size.rules));
    json.attribute("chains", int64_t(size.chains));
  });
}

/// Of all built-in chains together, and each.
static void writeVisits(report::JsonWriter &json, const std::vector<Visited> &chains) {
  double before = 0, after = 0;
  for (const Visited &chain : chains) {
    before += chain.before;
    after += chain.after;
  }
  json.attributeObject("visited", [&] {
    json.attribute("before", before);
    json.attribute("after", after);
    json.attributeArray("chains", [&] {
      for (const Visited &chain : chains)
        json.object([&] {
          json.attribute("table", chain.table);
          json.attribute("chain", chain.chain);
          json.attribute("before", chain.before);
          json.attribute("after", chain.after);
        });
    });
  });
}

static void writeLists(report::JsonWriter &json, const std::vector<pass::LeftAsList> &lists) {
  json.attributeArray("left_as_list", [&] {
    for (const pass::LeftAsList &list : lists)
      json.object([&] {
        json.attribute("table", list.table);
        json.attribute("chain", list.chain);
        json.attribute("rules", int64_t(list.rules));
        json.attribute("why", list.why);
      });
  });
}

/// The reasons of a change stand together, those of other changes of the same kind are in lines of their own.
static void writeChanges(report::JsonWriter &json, const std::vector<ir::Ruleset> &original, const Proved &proved) {
  RulePlaces places(original);
  json.attributeArray("changes", [&] {
    for (const pass::Change *change : changesIn(proved.rulesets, proved.record.changes, original))
      json.object([&] {
        json.attribute("table", change->table);
        json.attribute("chain", change->chain);
        json.attributeArray("lines", [&] {
          for (ir::SourceRange at : change->rules)
            json.value(int64_t(original.front().lineColumn(at).line));
        });
        json.attribute("why", reasonsOf(change, places).front());
      });
  });
}

static void writeLeft(report::JsonWriter &json, llvm::StringRef name, const std::vector<LeftAlone> &all, bool tidied) {
  json.attributeArray(name, [&] {
    for (const LeftAlone &left : all)
      if (left.tidied == tidied)
        json.object([&] {
          json.attribute("table", left.table);
          json.attribute("chain", left.chain);
          json.attribute("why", left.why);
        });
  });
}

static void writeSets(report::JsonWriter &json, const std::vector<ir::Set> &sets) {
  json.attributeArray("sets", [&] {
    for (const ir::Set &set : sets)
      json.object([&] {
        json.attribute("name", set.name);
        json.attribute("type", set.type);
        json.attribute("family", int64_t(*set.family));
        json.attribute("members", int64_t(set.members.size()));
      });
  });
}

/// Rules that no packet reaches and that are there all the same.
static void writeKept(report::JsonWriter &json, const std::vector<ir::Ruleset> &original, const Proved &proved) {
  RulePlaces places(original);
  json.attributeArray("kept", [&] {
    for (const pass::Kept &kept : proved.record.kept)
      json.object([&] {
        json.attribute("table", kept.table);
        json.attribute("chain", kept.chain);
        if (const RulePlaces::Place *place = places[kept.rule])
          json.attribute("rule", int64_t(place->number));
        json.attribute("line", int64_t(original.front().lineColumn(kept.rule).line));
        json.attribute("why", kept.why);
      });
  });
}

std::string reportText(const std::vector<ir::Ruleset> &original, const Proved &proved) {
  std::string text;
  llvm::raw_string_ostream out(text);
  report::JsonWriter json(out);
  json.object([&] {
    json.attribute("version", 1);
    writeSize(json, "before", sizeOf(original));
    writeSize(json, "after", sizeOf(proved.rulesets));
    writeVisits(json, visitsOf(original, proved));
    json.attributeObject("proof", [&] {
      json.attribute("result", resultText(proved.proof.result));
      writeProofFields(json, proved.proof);
    });
    writeLeft(json, "left_alone", proved.leftAlone, /*tidied=*/false);
    writeLeft(json, "tidied_only", proved.leftAlone, /*tidied=*/true);
    writeChanges(json, original, proved);
    writeKept(json, original, proved);
    writeLists(json, proved.record.lists);
    writeSets(json, proved.sets);
  });
  out << "\n";
  return out.str();
}

} // namespace iptlint::driver
