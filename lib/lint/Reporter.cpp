#include "lint/Reporter.h"
#include "lint/Check.h"

namespace iptlint::lint {

using support::Diagnostic;
using support::Place;
using support::SourceRange;

static Place placeOf(const TableFacts &table, ir::RuleId id) {
  return {table.table->name.str(), table.table->chains[id.chain].name.str(), id.rule + 1};
}

static Place placeOf(const TableFacts &table, const ir::Chain &chain) {
  return {table.table->name.str(), chain.name.str(), 0};
}

Finding &Finding::severity(support::Severity severity) {
  diagnostic.severity = severity;
  return *this;
}

Finding &Finding::note(const RuleFacts &rule, const llvm::Twine &message) {
  return note(rule.table, rule.id, message);
}

Finding &Finding::note(const TableFacts &table, ir::RuleId id, const llvm::Twine &message) {
  diagnostic.notes.push_back({table.table->chains[id.chain].rules[id.rule].at, placeOf(table, id), message.str()});
  return *this;
}

Finding &Finding::note(const TableFacts &table, const ir::Chain &chain, const llvm::Twine &message) {
  diagnostic.notes.push_back({chain.at, placeOf(table, chain), message.str()});
  return *this;
}

Finding &Finding::note(SourceRange at, const llvm::Twine &message) {
  diagnostic.notes.push_back({at, {}, message.str()});
  return *this;
}

Finding &Finding::append(const llvm::Twine &more) {
  diagnostic.message += more.str();
  return *this;
}

Finding &Finding::removing(const ir::Rule &rule) {
  if (!diagnostic.fix)
    diagnostic.fix.emplace();
  diagnostic.fix->edits.push_back({rule.at, ""});
  return *this;
}

Finding &Finding::upTo(const ir::Rule &last) {
  diagnostic.at.end = last.at.end;
  return *this;
}

Finding Reporter::start(SourceRange at, Place place, const llvm::Twine &message) {
  findings.push_back({check.id.str(), check.severity, at, std::move(place), message.str(), {}, std::nullopt});
  return Finding(findings.back());
}

Finding Reporter::add(const RuleFacts &rule, const llvm::Twine &message) {
  return start(rule.rule().at, placeOf(rule.table, rule.id), message);
}

Finding Reporter::add(const RuleFacts &rule, SourceRange at, const llvm::Twine &message) {
  return start(at, placeOf(rule.table, rule.id), message);
}

Finding Reporter::add(const TableFacts &table, const ir::Chain &chain, const llvm::Twine &message) {
  return start(chain.at, placeOf(table, chain), message);
}

Finding Reporter::add(SourceRange at, const llvm::Twine &message) { return start(at, {}, message); }

void Reporter::passOn(llvm::ArrayRef<Diagnostic> parserFindings) {
  for (const Diagnostic &finding : parserFindings)
    if (finding.check == check.id)
      findings.push_back(finding);
}

} // namespace iptlint::lint
