#include "lint/Suppression.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <map>

namespace iptlint::lint {

using llvm::StringRef;
using support::Diagnostic;

/// The ids behind "iptlint: disable=" in \p text; none if it does not say that.
static llvm::SmallVector<StringRef, 2> disabledChecks(StringRef text) {
  llvm::SmallVector<StringRef, 2> ids;
  constexpr llvm::StringLiteral tool = "iptlint:";
  size_t start = text.find(tool);
  if (start == StringRef::npos)
    return ids;
  StringRef rest = text.substr(start + tool.size()).ltrim(" \t");
  if (!rest.consume_front("disable="))
    return ids;
  rest.take_until([](char c) { return c == ' ' || c == '\t' || c == '\r'; }).split(ids, ',', -1, /*KeepEmpty=*/false);
  return ids;
}

static bool isCommentLine(StringRef line) { return line.ltrim(" \t").startswith("#"); }

/// The next line from \p line on that is no comment.
static unsigned lineBehindComments(const support::Source &source, uint32_t offset, unsigned line) {
  for (StringRef text = source.lineAt(offset); isCommentLine(text); text = source.lineAt(offset)) {
    ++line;
    offset += text.size() + 1;
    if (offset >= source.text().size())
      break;
  }
  return line;
}

static void addCommentLines(const ir::Ruleset &ruleset, std::vector<Suppression> &out) {
  const support::Source &source = *ruleset.source;
  for (const ir::Comment &comment : ruleset.comments) {
    StringRef text = source.slice(comment.at);
    if (!isCommentLine(text))
      continue;
    for (StringRef id : disabledChecks(text)) {
      uint32_t lineStart = comment.at.begin - (source.lineColumn(comment.at.begin).column - 1);
      out.push_back({comment.at, id.str(), lineBehindComments(source, lineStart, source.lineColumn(lineStart).line)});
    }
  }
}

static void addRuleComments(const ir::Ruleset &ruleset, std::vector<Suppression> &out) {
  for (const ir::Table &table : ruleset.tables)
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules)
        for (StringRef id : disabledChecks(rule.comment))
          out.push_back({rule.at, id.str(), ruleset.lineColumn(rule.at).line});
}

std::vector<Suppression> findSuppressions(const ir::Ruleset &ruleset) {
  std::vector<Suppression> suppressions;
  addCommentLines(ruleset, suppressions);
  addRuleComments(ruleset, suppressions);
  llvm::stable_sort(suppressions, [](const Suppression &left, const Suppression &right) {
    return left.at.begin < right.at.begin;
  });
  return suppressions;
}

unsigned suppress(std::vector<Diagnostic> &findings, const support::Source &source,
                  const std::vector<Suppression> &suppressions, std::vector<bool> &used) {
  used.assign(suppressions.size(), false);
  if (suppressions.empty())
    return 0;
  std::multimap<std::pair<unsigned, StringRef>, size_t> byPlace;
  for (size_t i = 0; i != suppressions.size(); ++i)
    byPlace.insert({{suppressions[i].line, suppressions[i].check}, i});
  size_t before = findings.size();
  llvm::erase_if(findings, [&](const Diagnostic &finding) {
    // A line that could not be read is always told: the exit code says so as well.
    if (finding.check == "syntax" && finding.severity == support::Severity::Error)
      return false;
    auto [first, last] = byPlace.equal_range({source.lineColumn(finding.at.begin).line, finding.check});
    for (auto at = first; at != last; ++at)
      used[at->second] = true;
    return first != last;
  });
  return before - findings.size();
}

} // namespace iptlint::lint
