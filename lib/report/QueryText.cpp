// The text form: a paragraph for each group, with its fate, which packets it holds and one of them.
#include "report/Line.h"
#include "report/Query.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::report {

static std::string endText(const QueryGroup &group) {
  std::string text = group.fate;
  if (!group.out.empty())
    text += " out of " + group.out + (group.gateway.empty() ? "" : " to " + group.gateway);
  if (!group.reason.empty())
    text += (group.fate == "reject" ? " with " : ": ") + group.reason;
  if (group.rule)
    text += group.rule->rule ? fmt::format(" by {} {} rule {} (line {}): {}", group.rule->table, group.rule->chain,
                                           group.rule->rule, group.rule->line, group.rule->words)
                             : fmt::format(" by the policy of {} {}", group.rule->table, group.rule->chain);
  return text;
}

static std::string rewrittenText(const QueryGroup &group) {
  std::string text;
  for (const auto &[field, value] : group.rewritten)
    text += fmt::format("{}{} -> {}", text.empty() ? "" : ", ", packet::name(field).str(), value.empty() ? "?" : value);
  return text;
}

static void printGroup(const QueryGroup &group, llvm::raw_ostream &out) {
  constexpr size_t kMostConditions = 5;
  out << printable(endText(group)) << "\n";
  if (!group.rewritten.empty())
    out << "  rewritten: " << rewrittenText(group) << "\n";
  for (size_t i = 0; i != std::min(group.conditions.size(), kMostConditions); ++i)
    out << (i == 0 ? "  packets: " : "       or: ") << printable(group.conditions[i]) << "\n";
  if (group.conditions.size() > kMostConditions)
    out << "       or: " << group.conditions.size() - kMostConditions << " more kinds\n";
  if (group.packet)
    out << "  example: " << printable(packet::inIptablesWords(*group.packet)) << "\n";
  else
    out << "  example: none was found, and there may be none\n";
}

void printQuery(const Query &query, llvm::raw_ostream &out) {
  for (const std::string &note : query.notes)
    out << "note: " << printable(note) << "\n";
  for (const QueryGroup &group : query.groups)
    printGroup(group, out);
  if (query.groups.empty() && query.leftOut == 0)
    out << "there are no such packets\n";
  if (query.leftOut != 0)
    out << query.leftOut << " more groups are not shown; --limit 0 shows all\n";
}

} // namespace iptlint::report
