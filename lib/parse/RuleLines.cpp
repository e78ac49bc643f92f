// What stands in a table: chains, policies and rules, by `:` lines and by commands.
#include "parse/Normal.h"
#include "parse/RulesReader.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// Longer words and names are refused by iptables-restore 1.8.9.
constexpr size_t kMostWordBytes = 1023, kMostChainName = 28;

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
    place(findings.error(
              word, fmt::format("'{}' is no built-in chain of '{}' and can have no policy", chain.name, table->name())),
          chain.name);
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
  parse::readCommand(line, current().family, *memory, findings, command);
  for (llvm::StringRef word : line.words)
    if (word.size() > kMostWordBytes) {
      command.broken = true;
      findings.error(word,
                     fmt::format("a word of {} bytes; iptables-restore takes {} at most", word.size(), kMostWordBytes));
    }
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
  ir::Chain &chain = table->chain(name, rule.at);
  buildRule({command, current().family, *memory, strings, findings, rule}, {table->name(), chain.hook});
  size_t at = normal ? addNormal(name, rule, verb) : insert(chain, std::move(rule), verb);
  findings.placeFrom(firstFinding, {table->name().str(), name.str(), unsigned(at + 1)});
}

/// The counters that `-c` sets, as two words or one with a comma.
static std::optional<ir::Counters> countersOf(const Use &use) {
  auto [packets, bytes] = use.values[0].split(',');
  if (use.values.size() > 1)
    bytes = use.values[1];
  ir::Counters counters;
  if (packets.getAsInteger(10, counters.packets) || bytes.getAsInteger(10, counters.bytes))
    return std::nullopt;
  return counters;
}

/// A rule for each pair of addresses of the line. \returns where in its chain the last one came to stand.
size_t RulesReader::addNormal(llvm::StringRef name, const ir::Rule &rule, const Use &verb) {
  size_t at = 0;
  for (std::vector<llvm::StringRef> &words : normalWords(command, current().family, *memory)) {
    ir::Rule one = rule;
    one.words = std::move(words);
    if (const Use *counters = command.find(0, "set-counters"); counters && !one.counters)
      one.counters = countersOf(*counters);
    at = insert(table->chain(name, rule.at), std::move(one), verb);
  }
  return at;
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

} // namespace iptlint::parse
