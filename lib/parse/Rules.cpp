// parseRules(): the lines of a text one after the other, into tables, chains and rules.
//
// Follows what iptables-restore 1.8.9 takes and refuses. What it refuses is an
// error here, and the rest of the text is read all the same.
#include "parse/Family.h"
#include "parse/Parse.h"
#include "parse/Tables.h"
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;
using support::Severity;
using support::SourceRange;

namespace {

/// Both as in iptables-restore 1.8.9: longer lines are cut, longer words refused.
constexpr size_t kMostLineBytes = 10239, kMostWordBytes = 1023;
constexpr size_t kMostChainName = 28;

class RulesReader {
public:
  RulesReader(std::shared_ptr<const support::Source> source, std::optional<Family> family)
      : source(source), asked(family), findings(*source) {}

  ParsedRules read();

private:
  void readLine(llvm::StringRef text, bool ended);
  void readComment(llvm::StringRef text);
  void readTable(llvm::StringRef text);
  void readChain(llvm::StringRef text);
  void readCommit(llvm::StringRef text, bool ended);
  void readCommand(llvm::StringRef text);
  void addRule(llvm::StringRef text, const Use &verb, size_t firstFinding);
  size_t insert(ir::Chain &chain, ir::Rule rule, const Use &verb);
  void declareChain(llvm::StringRef text, const Use &verb);
  void setPolicy(const Use &verb);
  void keepBroken(llvm::StringRef text);
  void keepLine(llvm::StringRef text) { current().comments.push_back({source->rangeOf(text)}); }

  void declare(llvm::StringRef name, SourceRange at);
  bool checkChainName(llvm::StringRef name, llvm::StringRef at);
  void place(support::Diagnostic &finding, llvm::StringRef chain = "");
  ir::Policy policyOf(const ir::Chain &chain, llvm::StringRef word);

  ir::Ruleset &current();
  TableBuilder &openTable(llvm::StringRef text);
  void closeTable(std::optional<SourceRange> commit);
  void switchFamily(Family family);
  void warnOfCr(llvm::StringRef cr);
  void noteWhatIsMissing();

  std::shared_ptr<const support::Source> source;
  std::optional<Family> asked;
  Findings findings;
  LineReader lines;
  Line line;
  Command command;
  std::shared_ptr<llvm::BumpPtrAllocator> memory = std::make_shared<llvm::BumpPtrAllocator>();
  llvm::UniqueStringSaver strings{*memory};
  std::vector<ir::Ruleset> rulesets;
  size_t currentRuleset = 0;
  std::optional<TableBuilder> table;
  bool anyTable = false, anyRule = false, crSeen = false, familyGuessed = false, familyMatters = false;
};

} // namespace

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
    findings.error(source->slice(table->header()),
                   fmt::format("the table '{}' has no COMMIT: the text seems to be cut off", table->name()));
  closeTable(std::nullopt);
  noteWhatIsMissing();
  return {std::move(rulesets), findings.take(), findings.incomplete};
}

/// The rule set that is being filled; a header of the other family starts the other one.
ir::Ruleset &RulesReader::current() { return rulesets[currentRuleset]; }

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
    findings.error(text.take_front(1), fmt::format("a line of {} bytes; iptables-restore reads {} at most", text.size(),
                                                   kMostLineBytes));
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
  if (table && !anyTable)
    findings.error(text, "the lines before this one belong to no table");
  else if (table)
    findings.error(text, fmt::format("the table '{}' has no COMMIT before this line", table->name()));
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
  table.emplace(name, source->rangeOf(text));
}

TableBuilder &RulesReader::openTable(llvm::StringRef text) {
  if (table)
    return *table;
  if (anyTable)
    findings.error(text, "this line stands outside of any table");
  table.emplace("filter", SourceRange{});
  return *table;
}

void RulesReader::closeTable(std::optional<SourceRange> commit) {
  if (table)
    current().tables.push_back(table->finish(commit));
  table.reset();
}

void RulesReader::readCommit(llvm::StringRef text, bool ended) {
  if (!table) {
    findings.error(text, "COMMIT without a table");
    return keepLine(text);
  }
  if (table->header() == SourceRange{})
    findings.error(text, "COMMIT without a table");
  else if (!ended)
    findings.add(Severity::Warning, text, "iptables-restore refuses a COMMIT that has no line end");
  closeTable(source->rangeOf(text));
}

void RulesReader::place(support::Diagnostic &finding, llvm::StringRef chain) {
  if (!table)
    return;
  finding.place.table = table->name().str();
  finding.place.chain = chain.str();
}

bool RulesReader::checkChainName(llvm::StringRef name, llvm::StringRef at) {
  std::string fault;
  if (name.size() > kMostChainName)
    fault = fmt::format("a chain's name has at most {} characters", kMostChainName);
  else if (name.empty() || name.find_first_of(" \t\"\\") != llvm::StringRef::npos)
    fault = fmt::format("'{}' is no name for a chain", name);
  else if (name[0] == '-' || name[0] == '!')
    fault = "a chain's name may not begin with '-' or '!'";
  if (!fault.empty())
    place(findings.error(at, fault));
  return fault.empty();
}

void RulesReader::declare(llvm::StringRef name, SourceRange at) {
  TableBuilder &into = openTable(source->slice(at));
  ir::Chain *known = into.find(name);
  if (known && known->declared && !known->hook)
    place(findings.error(source->slice(at), fmt::format("the chain '{}' exists already", name)), name);
  ir::Chain &chain = into.chain(name, at);
  if (!chain.declared)
    chain.at = at;
  chain.declared = true;
}

ir::Policy RulesReader::policyOf(const ir::Chain &chain, llvm::StringRef word) {
  if (word == "-")
    return chain.hook ? ir::Policy::Unstated : ir::Policy::None;
  if (!chain.hook)
    place(findings.error(word, fmt::format("'{}' is no built-in chain of '{}' and can have no policy", chain.name,
                                           table->name())), chain.name);
  else if (word == "ACCEPT")
    return ir::Policy::Accept;
  else if (word == "DROP")
    return ir::Policy::Drop;
  else
    place(findings.error(word, fmt::format("'{}' is no policy; ACCEPT, DROP and '-' are", word)), chain.name);
  return chain.policy;
}

static std::optional<ir::Counters> parseCounters(llvm::StringRef text) {
  ir::Counters counters;
  if (!text.consume_front("[") || text.consumeInteger(10, counters.packets) || !text.consume_front(":") ||
      text.consumeInteger(10, counters.bytes) || text != "]")
    return std::nullopt;
  return counters;
}

void RulesReader::readChain(llvm::StringRef text) {
  llvm::StringRef name = line.words[0];
  openTable(text);
  if (!checkChainName(name, name))
    return keepLine(text);
  declare(name, source->rangeOf(text));
  ir::Chain &chain = *table->find(name);
  chain.policy = policyOf(chain, line.words[1]);
  if (line.words.size() > 2)
    chain.counters = parseCounters(line.words[2]);
}

void RulesReader::readCommand(llvm::StringRef text) {
  openTable(text);
  size_t firstFinding = findings.size();
  for (llvm::StringRef word : line.words)
    if (word.size() > kMostWordBytes)
      findings.error(word, fmt::format("a word of {} bytes; iptables-restore takes {} at most", word.size(), kMostWordBytes));
  parse::readCommand(line, current().family, *memory, findings, command);
  // `-4` and `-6`: lines that the other family's program skips.
  bool otherFamily = command.find(0, current().family == Family::IPv4 ? "ipv6" : "ipv4");
  if (otherFamily)
    return keepLine(text);
  if (command.verb < 0) {
    if (!command.broken)
      findings.error(text, "no command in this line, such as -A with a chain");
    return keepLine(text);
  }
  const Use &verb = command.uses[command.verb];
  if (verb.is("append") || verb.is("insert"))
    return addRule(text, verb, firstFinding);
  if (verb.is("new-chain"))
    return declareChain(text, verb);
  keepLine(text);
  llvm::StringRef name = verb.values.empty() ? llvm::StringRef() : unquoted(verb.values[0], *memory);
  if (verb.is("policy"))
    setPolicy(verb);
  else if (verb.is("flush"))
    table->flush(name);
  else if (verb.is("delete-chain"))
    table->removeEmpty(name);
}

void RulesReader::declareChain(llvm::StringRef text, const Use &verb) {
  llvm::StringRef name = verb.values.empty() ? llvm::StringRef() : unquoted(verb.values[0], *memory);
  if (verb.values.empty() || !checkChainName(name, verb.values[0]))
    return keepLine(text);
  if (findTarget(name))
    place(findings.error(verb.values[0], fmt::format("'{}' is the name of a target", name)), name);
  else if (builtInHook(table->name(), name))
    place(findings.error(verb.values[0], fmt::format("the chain '{}' exists already", name)), name);
  declare(name, source->rangeOf(text));
}

void RulesReader::setPolicy(const Use &verb) {
  if (verb.values.size() != 2)
    return;
  llvm::StringRef name = unquoted(verb.values[0], *memory);
  if (!checkChainName(name, verb.values[0]))
    return;
  ir::Chain &chain = table->chain(name, source->rangeOf(verb.values[0]));
  chain.policy = policyOf(chain, verb.values[1]);
}

/// The words of a rule: all but the command, its chain and its number.
static std::vector<llvm::StringRef> wordsWithout(llvm::ArrayRef<llvm::StringRef> words, const Use &verb) {
  std::vector<llvm::StringRef> kept;
  kept.reserve(words.size() - (verb.end - verb.begin));
  kept.insert(kept.end(), words.begin(), words.begin() + verb.begin);
  kept.insert(kept.end(), words.begin() + verb.end, words.end());
  return kept;
}

/// \p firstFinding  from there on findings are about this line.
void RulesReader::addRule(llvm::StringRef text, const Use &verb, size_t firstFinding) {
  llvm::StringRef name = verb.values.empty() ? llvm::StringRef() : unquoted(verb.values[0], *memory);
  if (verb.values.empty() || !checkChainName(name, verb.values[0]))
    return keepLine(text);
  anyRule = true;
  familyMatters |= llvm::any_of(command.modules, [](const LoadedModule &loaded) {
    return loaded.module && loaded.module->id == ModuleId::Addrtype;
  });
  ir::Rule rule;
  rule.at = source->rangeOf(text);
  rule.words = wordsWithout(line.words, verb);
  if (!line.counters.empty())
    rule.counters = parseCounters(line.counters);
  buildRule({command, current().family, *memory, strings, findings, rule});
  size_t at = insert(table->chain(name, rule.at), std::move(rule), verb);
  findings.placeFrom(firstFinding, {table->name().str(), name.str(), unsigned(at + 1)});
}

/// \returns where in its chain the rule came to stand.
size_t RulesReader::insert(ir::Chain &chain, ir::Rule rule, const Use &verb) {
  size_t count = table->ruleCount(chain);
  if (verb.is("append")) {
    table->insert(chain, count, std::move(rule));
    return count;
  }
  auto number = verb.values.size() > 1 ? parseNumber(verb.values[1], 0xffffffff) : 1;
  if (!number || *number == 0) {
    findings.error(verb.values[1], fmt::format("'{}' is no number of a rule", verb.values[1]));
    number = 1;
  }
  // Rules of a chain whose policy the text leaves as it is may be there already.
  bool earlierRules = !chain.declared || chain.policy == ir::Policy::Unstated;
  if (*number > count + 1 && !earlierRules)
    findings.error(verb.values[1], fmt::format("the chain has only {} rules", count));
  rule.insertNumber = uint32_t(verb.values.size() > 1 ? *number : 0);
  size_t at = std::min<size_t>(*number - 1, count);
  table->insert(chain, at, std::move(rule));
  return at;
}

/// A line that is no command at all may still show which chain it was meant for: then a rule stands there
/// of which nothing is known.
void RulesReader::keepBroken(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 16> words;
  text.split(words, ' ', 256, /*KeepEmpty=*/false);
  if (words.size() < 2 || (words[0] != "-A" && words[0] != "-I") || !checkChainName(words[1], words[1]))
    return keepLine(text);
  ir::Rule rule;
  rule.at = source->rangeOf(text);
  rule.words.assign(words.begin() + 2, words.end());
  rule.broken = true;
  rule.target.kind = ir::TargetKind::Opaque;
  anyRule = true;
  ir::Chain &chain = openTable(text).chain(words[1], rule.at);
  table->insert(chain, table->ruleCount(chain), std::move(rule));
}

void RulesReader::noteWhatIsMissing() {
  if (!anyTable && !anyRule && !findings.incomplete)
    findings.add(Severity::Info, source->text().take_front(0), "this text holds no rules");
  if (familyGuessed && familyMatters)
    findings.add(Severity::Info, source->text().take_front(0),
                 "taken for IPv4, as nothing in this text tells its family; --family=6 says otherwise");
}

ParsedRules parseRules(std::shared_ptr<const support::Source> source, std::optional<packet::Family> family) {
  return RulesReader(std::move(source), family).read();
}

} // namespace iptlint::parse
