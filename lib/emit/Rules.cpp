// Prints rule sets as iptables-save does, line by line in the order of the text they came from.
#include "emit/Emit.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include <deque>

namespace iptlint::emit {

namespace {

/// What a line prints; of lines that would stand at the same place, in this order.
enum class Part : uint8_t { Comment, Table, Chain, Rule, Commit };

struct Entry {
  uint32_t offset = 0; ///< in the source
  Part part = Part::Comment;
  const ir::Ruleset *ruleset = nullptr;
  const ir::Table *table = nullptr;
  const ir::Chain *chain = nullptr;
  const ir::Rule *rule = nullptr;
  support::SourceRange at; ///< comments
};

class Printer {
public:
  std::string print(const std::vector<ir::Ruleset> &rulesets);

private:
  void collect(const ir::Ruleset &ruleset);
  void collect(const ir::Ruleset &ruleset, const ir::Table &table);
  void collect(const ir::Ruleset &ruleset, const ir::Table &table, const ir::Chain &chain);
  void print(const Entry &entry);
  void printChain(const Entry &entry);
  void printRule(const ir::Chain &chain, const ir::Rule &rule, bool asWritten);
  void printCounters(const ir::Counters &counters);

  std::vector<Entry> entries;
  llvm::SmallPtrSet<const ir::Chain *, 8> inserted; ///< chains whose -I lines still say what they said
  std::string out;
  friend std::string emit::ruleText(const ir::Chain &, const ir::Rule &);
};

} // namespace

std::string Printer::print(const std::vector<ir::Ruleset> &rulesets) {
  for (const ir::Ruleset &ruleset : rulesets)
    collect(ruleset);
  llvm::stable_sort(entries, [](const Entry &left, const Entry &right) {
    return std::tie(left.offset, left.part) < std::tie(right.offset, right.part);
  });
  for (const Entry &entry : entries) {
    print(entry);
    out += '\n';
  }
  return std::move(out);
}

void Printer::collect(const ir::Ruleset &ruleset) {
  for (const ir::Comment &comment : ruleset.comments)
    entries.push_back({comment.at.begin, Part::Comment, &ruleset, nullptr, nullptr, nullptr, comment.at});
  for (const ir::Table &table : ruleset.tables)
    collect(ruleset, table);
}

void Printer::collect(const ir::Ruleset &ruleset, const ir::Table &table) {
  if (table.at != support::SourceRange{})
    entries.push_back({table.at.begin, Part::Table, &ruleset, &table, nullptr, nullptr, {}});
  if (table.commit)
    entries.push_back({table.commit->begin, Part::Commit, &ruleset, &table, nullptr, nullptr, {}});
  for (const ir::Chain &chain : table.chains)
    collect(ruleset, table, chain);
}

/// Where an -A or -I line puts its rule in a chain of \p count rules.
static size_t placeOf(const ir::Rule &rule, size_t count) {
  if (!rule.insertNumber)
    return count;
  return std::min<size_t>(std::max(*rule.insertNumber, 1u) - 1, count);
}

/// Whether the -A and -I lines, carried out in the order of the text, put every rule where it is.
static bool insertsRight(const ir::Chain &chain) {
  std::vector<const ir::Rule *> written;
  std::deque<const ir::Rule *> made;
  for (const ir::Rule &rule : chain.rules)
    written.push_back(&rule);
  llvm::stable_sort(written, [](const ir::Rule *left, const ir::Rule *right) { return left->at.begin < right->at.begin; });
  for (const ir::Rule *rule : written)
    made.insert(made.begin() + placeOf(*rule, made.size()), rule);
  for (size_t i = 0; i != made.size(); ++i)
    if (made[i] != &chain.rules[i])
      return false;
  return true;
}

/// Rules of one chain stay in the chain's order: they take the places that the chain's rules have in the text.
void Printer::collect(const ir::Ruleset &ruleset, const ir::Table &table, const ir::Chain &chain) {
  if (chain.declared)
    entries.push_back({std::max(chain.at.begin, table.at.begin), Part::Chain, &ruleset, &table, &chain, nullptr, {}});
  std::vector<uint32_t> offsets;
  for (const ir::Rule &rule : chain.rules)
    offsets.push_back(std::max(rule.at.begin, table.at.begin));
  bool anyInsert = llvm::any_of(chain.rules, [](const ir::Rule &rule) { return rule.insertNumber.has_value(); });
  if (anyInsert && insertsRight(chain))
    inserted.insert(&chain);
  else
    llvm::sort(offsets);
  for (size_t i = 0; i != offsets.size(); ++i)
    entries.push_back({offsets[i], Part::Rule, &ruleset, &table, &chain, &chain.rules[i], {}});
}

void Printer::print(const Entry &entry) {
  switch (entry.part) {
  case Part::Comment:
    out += entry.ruleset->source->slice(entry.at);
    return;
  case Part::Table:
    out += '*';
    out += entry.table->name;
    return;
  case Part::Chain:
    return printChain(entry);
  case Part::Rule:
    return printRule(*entry.chain, *entry.rule, inserted.contains(entry.chain));
  case Part::Commit:
    out += "COMMIT";
    return;
  }
}

static llvm::StringRef policyText(ir::Policy policy) {
  switch (policy) {
  case ir::Policy::Accept:
    return "ACCEPT";
  case ir::Policy::Drop:
    return "DROP";
  case ir::Policy::None:
  case ir::Policy::Unstated:
    break;
  }
  return "-";
}

/// As `:NAME POLICY`; a chain that was made by -N is printed so again.
void Printer::printChain(const Entry &entry) {
  const ir::Chain &chain = *entry.chain;
  bool byCommand = chain.at.begin != chain.at.end && !entry.ruleset->source->slice(chain.at).startswith(":");
  out += byCommand ? "-N " : ":";
  out += chain.name;
  if (byCommand)
    return;
  out += ' ';
  out += policyText(chain.policy);
  if (chain.counters) {
    out += ' ';
    printCounters(*chain.counters);
  }
}

void Printer::printCounters(const ir::Counters &counters) {
  out += '[';
  out += llvm::utostr(counters.packets);
  out += ':';
  out += llvm::utostr(counters.bytes);
  out += ']';
}

void Printer::printRule(const ir::Chain &chain, const ir::Rule &rule, bool asWritten) {
  if (rule.counters) {
    printCounters(*rule.counters);
    out += ' ';
  }
  bool insert = asWritten && rule.insertNumber;
  out += insert ? "-I " : "-A ";
  out += chain.name;
  if (insert && *rule.insertNumber)
    out += ' ' + llvm::utostr(*rule.insertNumber);
  for (llvm::StringRef word : rule.words) {
    out += ' ';
    out += word;
  }
}

std::string ruleText(const ir::Chain &chain, const ir::Rule &rule) {
  Printer printer;
  printer.printRule(chain, rule, /*asWritten=*/false);
  return std::move(printer.out);
}

std::string rulesText(const std::vector<ir::Ruleset> &rulesets) { return Printer().print(rulesets); }

} // namespace iptlint::emit
