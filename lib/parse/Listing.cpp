// parseListing(): lines to chains, chains to tables, tables to iptables-save text, which the one reader reads.
#include "parse/Listing.h"
#include "parse/Findings.h"
#include "parse/Hosts.h"
#include "parse/ListingPhrases.h"
#include "parse/ListingTables.h"
#include "parse/Tables.h"
#include "parse/Translation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/StringSaver.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;
using support::SourceRange;

/// Longer lines have no rule that iptables-restore would read.
constexpr size_t kMostLineBytes = 10239;

// --- lines

namespace {

/// Goes through the lines and gathers what they list.
class ListingLines {
public:
  ListingLines(llvm::StringRef text, Findings &findings) : text(text), findings(findings) {}

  std::vector<ListedTable> read() {
    while (!text.empty()) {
      auto [line, rest] = text.split('\n');
      readLine(line.rtrim(" \t\r"));
      text = rest;
    }
    llvm::erase_if(tables, [](const ListedTable &table) { return table.chains.empty(); });
    return std::move(tables);
  }

private:
  void readLine(llvm::StringRef line) {
    if (line.size() > kMostLineBytes) {
      findings.error(line.take_front(1), fmt::format("a line of {} bytes is no rule of a listing", line.size()));
      return;
    }
    if (line.empty())
      apart = true;
    else if (auto heading = readHeading(line))
      beginChain(line, *heading);
    else if (auto read = readColumns(line))
      columns = read;
    else if (!readRule(line))
      readOther(line);
  }

  void beginChain(llvm::StringRef line, const ListingHeading &heading) {
    if (tables.empty() || beginsTable(tables.back(), heading.name))
      tables.emplace_back();
    tables.back().chains.push_back({line, heading, {}});
    columns.reset();
    apart = false;
  }

  bool readRule(llvm::StringRef line) {
    if (!columns || !inChain())
      return false;
    auto row = readRow(line, *columns);
    if (row)
      tables.back().chains.back().rules.push_back({line, *row, columns->interfaces});
    return row.has_value();
  }

  /// What a terminal shows around a listing, or a rule that cannot be read.
  void readOther(llvm::StringRef line) {
    auto hint = tableHint(line);
    if (columns && !apart && !hint && !isPrompt(line)) {
      reportNoRule(line);
      return;
    }
    if (hint) {
      tables.push_back({hint->table, hint->family, {}});
      columns.reset();
    }
  }

  void reportNoRule(llvm::StringRef line) {
    if (!inChain()) {
      findings.error(line, "no line such as 'Chain INPUT (policy ACCEPT)' says which chain this is of");
      return;
    }
    support::Diagnostic &finding =
        findings.error(line, "this is no rule of a listing: 'target prot opt source destination' is what its "
                             "columns hold");
    finding.place.chain = tables.back().chains.back().heading.name.str();
  }

  bool inChain() const { return !tables.empty() && !tables.back().chains.empty(); }

  static bool isPrompt(llvm::StringRef line) {
    return line.startswith("#") || line.startswith("$") || line.endswith("#") || line.endswith("$") ||
           line.contains("# ") || line.contains("$ ");
  }

  llvm::StringRef text;
  Findings &findings;
  std::vector<ListedTable> tables;
  std::optional<ListingColumns> columns; ///< of the chain that is being read
  bool apart = false;                    ///< an empty line came since the last heading
};

} // namespace

// --- families and tables

static std::optional<Family> familyOfRow(const ListingRow &row) {
  for (llvm::StringRef address : {row.source, row.destination}) {
    address.consume_front("!");
    if (address.contains(':'))
      return Family::IPv6;
    if (!address.empty() && llvm::isDigit(address[0]) && address.contains('.'))
      return Family::IPv4;
  }
  return std::nullopt;
}

static std::optional<Family> familyOf(const ListedTable &table) {
  for (const ListedChain &chain : table.chains)
    for (const ListedRule &rule : chain.rules)
      if (auto family = familyOfRow(rule.row))
        return family;
  return table.family;
}

static bool haveCommonChain(const ListedTable &left, const ListedTable &right) {
  return llvm::any_of(left.chains, [&](const ListedChain &chain) {
    return llvm::any_of(right.chains,
                        [&](const ListedChain &other) { return other.heading.name == chain.heading.name; });
  });
}

/// Gives each table its name, and puts chains together that were listed one by one.
static std::vector<ListedTable> nameTables(std::vector<ListedTable> listed, Findings &findings) {
  std::vector<ListedTable> tables;
  for (ListedTable &table : listed) {
    bool sure = true;
    if (table.name.empty())
      table.name = tableByChains(table, sure);
    if (!sure)
      findings.add(support::Severity::Info, table.chains.front().line,
                   fmt::format("taken for the table '{}', as nothing in this text says which it is", table.name));
    table.family = familyOf(table);
    auto same = llvm::find_if(tables, [&](const ListedTable &earlier) {
      return earlier.name == table.name && earlier.family == table.family && !haveCommonChain(earlier, table);
    });
    if (same == tables.end())
      tables.push_back(std::move(table));
    else
      std::move(table.chains.begin(), table.chains.end(), std::back_inserter(same->chains));
  }
  return tables;
}

// --- to words of iptables-save

namespace {

/// Writes tables as iptables-save would.
class ListingWriter {
public:
  ListingWriter(std::shared_ptr<const support::Source> source, const RulesOptions &options, Findings &findings)
      : made(std::move(source)), findings(findings), options(options) {}

  void write(const ListedTable &table) {
    family = options.family ? *options.family : table.family.value_or(Family::IPv4);
    if (table.family && !options.family)
      line(*table.family == Family::IPv4 ? "# Generated by iptables-save" : "# Generated by ip6tables-save",
           table.chains.front().line.take_front(0));
    line("*" + table.name.str(), table.chains.front().line);
    for (const ListedChain &chain : table.chains)
      declare(table, chain);
    for (const ListedChain &chain : table.chains)
      for (const ListedRule &rule : chain.rules)
        write(chain, rule);
    line("COMMIT", lastLine(table));
  }

  Translation made;

private:
  void line(llvm::StringRef text, llvm::StringRef from) {
    made.addWord(text, rangeOf(from));
    made.endLine();
  }
  void word(llvm::StringRef text, llvm::StringRef from) { made.addWord(text, rangeOf(from)); }
  SourceRange rangeOf(llvm::StringRef part) const { return made.source()->rangeOf(part); }

  static llvm::StringRef lastLine(const ListedTable &table) {
    const ListedChain &last = table.chains.back();
    return last.rules.empty() ? last.line : last.rules.back().line;
  }

  void declare(const ListedTable &table, const ListedChain &chain) {
    made.add(":", rangeOf(chain.line));
    made.add(chain.heading.name, rangeOf(chain.heading.name));
    bool builtIn = builtInHook(table.name, chain.heading.name).has_value();
    llvm::StringRef policy = builtIn ? chain.heading.policy : llvm::StringRef();
    word(policy.empty() ? "-" : policy, policy.empty() ? chain.line : policy);
    made.add(" ", rangeOf(chain.line));
    made.endLine();
  }

  void write(const ListedChain &chain, const ListedRule &rule) {
    const ListingRow &row = rule.row;
    made.add("-A", rangeOf(rule.line));
    word(chain.heading.name, rule.line);
    addAddress("-s", row.source);
    addAddress("-d", row.destination);
    addInterface("-i", row.in);
    addInterface("-o", row.out);
    if (row.protocol != "all" && row.protocol != "0")
      addOption("-p", row.protocol);
    if (row.fragments != "--" && !row.fragments.empty())
      word(row.fragments == "-f" ? "-f" : "! -f", row.fragments);
    addPhrases(row);
    // So that the rule's place is its whole line.
    made.add(" ", rangeOf(rule.line));
    made.endLine();
  }

  /// An option with its value as a column shows it, `!` in front where it has one.
  void addOption(llvm::StringRef option, llvm::StringRef value) {
    llvm::StringRef whole = value;
    if (value.consume_front("!"))
      word("!", whole);
    word(option, whole);
    word(value, value);
  }

  void addAddress(llvm::StringRef option, llvm::StringRef address) {
    bool any = address == "anywhere" || address == "0.0.0.0/0" || address == "::/0";
    if (any)
      return;
    if (address == "!anywhere") {
      word("!", address);
      word(option, address);
      return word("0/0", address);
    }
    llvm::StringRef whole = address;
    if (address.consume_front("!"))
      word("!", whole);
    word(option, whole);
    word(resolved(address), address);
  }

  /// A listing shows one address by its name: where that is the name of one address only, this is it.
  std::string resolved(llvm::StringRef address) const {
    auto [name, mask] = address.split('/');
    llvm::ArrayRef<packet::Value> known =
        options.hosts ? options.hosts->find(name, family) : llvm::ArrayRef<packet::Value>();
    if (known.size() != 1)
      return address.str();
    return packet::addressText(known[0], family) + address.drop_front(name.size()).str();
  }

  void addInterface(llvm::StringRef option, llvm::StringRef name) {
    if (!name.empty() && name != "*" && name != "any")
      addOption(option, name);
  }

  void addPhrases(const ListingRow &row) {
    llvm::StringRef phrases = row.phrases;
    bool isGoto = phrases.consume_front("[goto]");
    ListedOptions options = readPhrases(phrases, row.target);
    if (!options.unread.empty())
      findings.error(options.unread, fmt::format("this says nothing that '{}' is known to do", row.target));
    for (const ListedWord &match : options.matches)
      word(match.text, match.from);
    if (row.target.empty())
      return;
    word(isGoto ? "-g" : "-j", row.target);
    word(row.target, row.target);
    for (const ListedWord &option : options.target)
      word(option.text, option.from);
  }

  Findings &findings;
  const RulesOptions &options;
  Family family = Family::IPv4;
};

} // namespace

// --- what a listing hides

namespace {

/// Adds to what was read what a listing does not show.
class HiddenParts {
public:
  explicit HiddenParts(const std::vector<ListedTable> &tables, const support::Source &source) {
    for (const ListedTable &table : tables)
      for (const ListedChain &chain : table.chains) {
        references[source.rangeOf(chain.line).begin] = chain.heading.references.value_or(0);
        for (const ListedRule &rule : chain.rules)
          if (!rule.interfaces)
            withoutInterfaces.insert(source.rangeOf(rule.line).begin);
      }
  }

  void add(ir::Ruleset &ruleset) const {
    for (ir::Table &table : ruleset.tables) {
      table.fragment |= isPart(table);
      for (ir::Chain &chain : table.chains)
        for (ir::Rule &rule : chain.rules)
          if (withoutInterfaces.contains(rule.at.begin))
            addUnknownInterfaces(ruleset, rule);
    }
  }

private:
  /// Whether rules may jump to chains of this table that are not shown.
  bool isPart(const ir::Table &table) const {
    std::vector<unsigned> shown(table.chains.size());
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules)
        if (rule.target.chain != ir::kNoChain)
          ++shown[rule.target.chain];
    bool anyBuiltIn = llvm::any_of(table.chains, [](const ir::Chain &chain) { return chain.hook.has_value(); });
    for (size_t i = 0; i != shown.size(); ++i)
      if (references.lookup(table.chains[i].at.begin) > shown[i])
        return true;
    return !anyBuiltIn;
  }

  /// The rule may ask for interfaces: an unknown of its own, which another rule does not share.
  static void addUnknownInterfaces(const ir::Ruleset &ruleset, ir::Rule &rule) {
    llvm::StringSaver strings(*ruleset.strings);
    ir::OpaqueTest test;
    test.text = strings.save(fmt::format("-i and -o of line {}", ruleset.lineColumn(rule.at).line));
    test.option = "interfaces are not shown by -L without -v";
    rule.tests.insert(rule.tests.begin(), test);
  }

  llvm::DenseMap<uint32_t, unsigned> references; ///< of chains, by where they begin
  llvm::DenseSet<uint32_t> withoutInterfaces;    ///< rules, by where they begin
};

} // namespace

// --- all of it

ParsedRules parseListing(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  Findings findings(*source);
  std::vector<ListedTable> tables = nameTables(ListingLines(source->text(), findings).read(), findings);
  ListingWriter writer(source, options, findings);
  for (const ListedTable &table : tables)
    writer.write(table);
  ParsedRules parsed = readTranslated(writer.made, ir::Form::L, options);
  HiddenParts hidden(tables, *source);
  for (ir::Ruleset &ruleset : parsed.rulesets)
    hidden.add(ruleset);
  std::vector<support::Diagnostic> own = findings.take();
  parsed.findings.insert(parsed.findings.begin(), own.begin(), own.end());
  parsed.incomplete |= findings.incomplete;
  return parsed;
}

} // namespace iptlint::parse
