#include "parse/Translation.h"
#include "parse/RulesReader.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

namespace iptlint::parse {

void Translation::add(llvm::StringRef part, SourceRange from) {
  pieces.push_back({uint32_t(made.size()), from});
  made += part;
}

void Translation::addWord(llvm::StringRef word, SourceRange from) {
  if (!made.empty() && made.back() != '\n')
    made += ' ';
  add(word, from);
}

void Translation::endLine() { made += '\n'; }

const Translation::Piece &Translation::pieceAt(uint32_t offset) const {
  assert(!pieces.empty() && "a text without pieces has no places");
  auto next = llvm::partition_point(pieces, [&](const Piece &piece) { return piece.begin <= offset; });
  return next == pieces.begin() ? *next : *std::prev(next);
}

uint32_t Translation::endOf(const Piece &piece) const {
  const Piece *next = &piece + 1;
  return next == pieces.data() + pieces.size() ? uint32_t(made.size()) : next->begin;
}

SourceRange Translation::originOf(SourceRange range) const {
  if (pieces.empty())
    return {};
  const Piece &first = pieceAt(range.begin);
  const Piece &last = pieceAt(range.end > range.begin ? range.end - 1 : range.end);
  SourceRange origin{first.from.begin, last.from.end};
  auto isCopy = [&](const Piece &piece) {
    llvm::StringRef copied = original->slice(piece.from);
    return llvm::StringRef(made).substr(piece.begin, endOf(piece) - piece.begin).startswith(copied);
  };
  if (isCopy(first))
    origin.begin = std::min(first.from.begin + (range.begin - first.begin), first.from.end);
  if (isCopy(last))
    origin.end = std::min(last.from.begin + (range.end - last.begin), last.from.end);
  // Words of a command may have been put in another order.
  return origin.begin <= origin.end ? origin : first.from;
}

static void moveToOrigin(ir::Table &table, const Translation &translation) {
  auto move = [&](SourceRange &range) { range = translation.originOf(range); };
  move(table.at);
  if (table.commit)
    move(*table.commit);
  for (ir::Chain &chain : table.chains) {
    move(chain.at);
    for (ir::Rule &rule : chain.rules) {
      move(rule.at);
      for (ir::Demand &demand : rule.demands)
        move(demand.at);
      for (ir::InterfaceName &interface : rule.interfaces)
        move(interface.at);
    }
  }
}

void moveToOrigin(ParsedRules &parsed, const Translation &translation, std::shared_ptr<const support::Source> made,
                  ir::Form form) {
  for (ir::Ruleset &ruleset : parsed.rulesets) {
    ruleset.source = translation.source();
    ruleset.translated = made;
    ruleset.form = form;
    for (ir::Table &table : ruleset.tables)
      moveToOrigin(table, translation);
    for (ir::Comment &comment : ruleset.comments)
      comment.at = translation.originOf(comment.at);
  }
  for (support::Diagnostic &finding : parsed.findings) {
    finding.at = translation.originOf(finding.at);
    for (support::Note &note : finding.notes)
      note.at = translation.originOf(note.at);
  }
}

ParsedRules readTranslated(const Translation &translation, ir::Form form, const RulesOptions &options) {
  auto made = support::Source::fromText(translation.text(), translation.source()->path());
  ParsedRules parsed = RulesReader(made, options).read();
  moveToOrigin(parsed, translation, std::move(made), form);
  return parsed;
}

} // namespace iptlint::parse
