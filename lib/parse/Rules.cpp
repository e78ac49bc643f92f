// The lines of iptables-save text one after the other, into tables.
//
// Follows what iptables-restore 1.8.9 takes and refuses. What it refuses is an
// error here, and the rest of the text is read all the same.
#include "parse/Family.h"
#include "parse/RulesReader.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// Longer lines are cut by iptables-restore 1.8.9.
constexpr size_t kMostLineBytes = 10239;

ParsedRules RulesReader::read() {
  llvm::StringRef text = source->text();
  if (size_t nul = text.find('\0'); nul != llvm::StringRef::npos) {
    findings.error(text.substr(nul, 1), "this is not text: it has a byte of value 0");
    text = {};
  }
  std::optional<Family> family = asked ? asked : familyByContent(text);
  familyGuessed = !family;
  switchFamily(family.value_or(Family::IPv4));
  while (!text.empty()) {
    auto [first, rest] = text.split('\n');
    readLine(first, first.size() != text.size());
    text = rest;
  }
  if (table && anyTable)
    reportMissingCommit(source->slice(table->header()));
  closeTable(std::nullopt);
  noteWhatIsMissing();
  return {std::move(rulesets), findings.take(), findings.incomplete};
}

/// iptables-restore loads a table at its COMMIT and refuses a text that ends or goes on without.
void RulesReader::reportMissingCommit(llvm::StringRef at) {
  findings.incomplete = true;
  place(findings.add(Severity::Error, at,
                     fmt::format("the table '{}' has no COMMIT, so nothing of it is loaded", table->name()),
                     "missing-commit"));
}

/// The rule set that is being filled; a header of the other family starts the other one.
ir::Ruleset &RulesReader::current() {
  return rulesets[currentRuleset];
}

void RulesReader::switchFamily(Family family) {
  auto known = llvm::find_if(rulesets, [&](const ir::Ruleset &ruleset) { return ruleset.family == family; });
  currentRuleset = known - rulesets.begin();
  if (known != rulesets.end())
    return;
  ir::Ruleset &made = rulesets.emplace_back();
  made.source = source;
  made.strings = memory;
  made.family = family;
}

void RulesReader::readLine(llvm::StringRef text, bool ended) {
  if (text.endswith("\r")) {
    warnOfCr(text.take_back(1));
    text = text.drop_back();
  }
  if (text.size() > kMostLineBytes) {
    findings.error(text.take_front(1),
                   fmt::format("a line of {} bytes; iptables-restore reads {} at most", text.size(), kMostLineBytes));
    return keepBroken(text.take_front(kMostLineBytes));
  }
  lines.read(text, line);
  if (line.fault) {
    place(findings.error(line.fault->at, line.fault->message));
    return keepBroken(text);
  }
  switch (line.kind) {
  case LineKind::Blank:
    return keepLine(text);
  case LineKind::Comment:
    return readComment(text);
  case LineKind::Table:
    return readTable(text);
  case LineKind::Chain:
    return readChain(text);
  case LineKind::Commit:
    return readCommit(text, ended);
  case LineKind::Command:
    return readCommand(text);
  }
}

void RulesReader::warnOfCr(llvm::StringRef cr) {
  if (!crSeen)
    findings.add(Severity::Warning, cr, "lines end in CR LF; iptables-restore takes the CR for a part of the line",
                 "line-endings");
  crSeen = true;
}

void RulesReader::readComment(llvm::StringRef text) {
  auto family = familyOfHeader(text);
  if (family && !asked && !table) {
    familyGuessed = false;
    // Lines before the first header, comments mostly, belong to what it says.
    if (!anyTable && !anyRule && rulesets.size() == 1)
      current().family = *family;
    switchFamily(*family);
  }
  keepLine(text);
}

void RulesReader::readTable(llvm::StringRef text) {
  llvm::StringRef name = line.words.front();
  if (running) {
    if (table)
      reportMissingCommit(text);
    if (!isTable(name))
      refuseTable(name, name);
    table = &tableOf(current().family, name);
    return emptyTable();
  }
  if (table && !anyTable)
    findings.error(text, "the lines before this one belong to no table");
  else if (table)
    reportMissingCommit(source->slice(table->header()));
  closeTable(std::nullopt);
  if (!isTable(name))
    findings.error(name, fmt::format("iptables has no table '{}'", name));
  for (ir::Table &earlier : current().tables)
    if (earlier.name == name && !earlier.replaced) {
      earlier.replaced = true;
      findings.add(Severity::Warning, text, fmt::format("a second table '{}' replaces the first one", name))
          .notes.push_back({earlier.at, {}, "the first one begins here"});
    }
  anyTable = true;
  open = std::make_unique<TableBuilder>(name, source->rangeOf(text));
  table = open.get();
}

TableBuilder &RulesReader::openTable(llvm::StringRef text) {
  if (table)
    return *table;
  if (anyTable)
    findings.error(text, "this line stands outside of any table");
  open = std::make_unique<TableBuilder>("filter", SourceRange{});
  table = open.get();
  return *table;
}

void RulesReader::closeTable(std::optional<SourceRange> commit) {
  if (table && normal)
    table->normalise();
  if (table)
    current().tables.push_back(table->finish(commit));
  table = nullptr;
  open.reset();
  earlyJumps.clear();
}

void RulesReader::readCommit(llvm::StringRef text, bool ended) {
  if (!table) {
    findings.error(text, "COMMIT without a table");
    return keepLine(text);
  }
  if (running) {
    table = nullptr;
    return;
  }
  if (table->header() == SourceRange{})
    findings.error(text, "COMMIT without a table");
  else if (!ended)
    findings.add(Severity::Warning, text, "iptables-restore refuses a COMMIT that has no line end");
  closeTable(source->rangeOf(text));
}

void RulesReader::noteWhatIsMissing() {
  if (!anyTable && !anyRule && !findings.incomplete)
    findings.add(Severity::Info, source->text().take_front(0), "this text holds no rules");
  if (familyGuessed && familyMatters)
    findings.add(Severity::Info, source->text().take_front(0),
                 "taken for IPv4, as nothing in this text tells its family; --family=6 says otherwise");
}

} // namespace iptlint::parse
