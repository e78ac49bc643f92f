// What stands in a table: chains, policies and rules, by `:` lines and by commands.
#include "parse/Normal.h"
#include "parse/RulesReader.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

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
    return refuse(source->slice(at), fmt::format("the chain '{}' exists already", name), name, Severity::Warning);
  ir::Chain &chain = into.chain(name, at);
  if (!chain.declared)
    chain.at = at;
  chain.declared = true;
  if (!running)
    reportEarlyJumps(chain);
}

/// A rule can lead to a chain only once that is there.
void RulesReader::reportEarlyJumps(const ir::Chain &chain) {
  auto early = earlyJumps.find(chain.name);
  if (early == earlyJumps.end() || chain.hook)
    return;
  support::Diagnostic &finding = findings.add(
      Severity::Error, source->slice(early->second),
      fmt::format("the chain '{}' is made only after this rule, which cannot be loaded", chain.name), "script-order");
  finding.notes.push_back({chain.at, {}, "here it is made"});
  place(finding);
  earlyJumps.erase(early);
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
  ir::Chain *known = running ? table->find(name) : nullptr;
  if (known && known->declared && !known->hook)
    table->flush(name); // as --noflush does with a chain that is there
  else
    declare(name, source->rangeOf(text));
  ir::Chain &chain = *table->find(name);
  if (running && line.words[1] == "-")
    return;
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
  carryOut(text, command.uses[command.verb], firstFinding);
}

void RulesReader::carryOut(llvm::StringRef text, const Use &verb, size_t firstFinding) {
  if (verb.is("append") || verb.is("insert"))
    return addRule(text, verb, firstFinding);
  if (verb.is("delete"))
    return deleteRule(text, verb);
  if (verb.is("replace"))
    return replaceRule(text, verb);
  if (verb.is("check"))
    return checkRule(text, verb);
  if (!checkOptions(verb))
    return keepLine(text);
  if (verb.is("new-chain"))
    return declareChain(text, verb);
  if (verb.is("policy"))
    return setPolicy(text, verb);
  if (verb.is("flush"))
    return flushChain(text, verb);
  if (verb.is("delete-chain"))
    return removeChain(text, verb);
  if (verb.is("rename-chain"))
    return renameChain(verb);
  keepLine(text);
}

/// What may stand beside a command that is about no rule.
/// Source: iptables/xshared.c, commands_v_options.
bool RulesReader::checkOptions(const Use &verb) {
  static constexpr llvm::StringLiteral fitting[] = {"verbose", "numeric",       "exact",    "line-numbers",
                                                    "wait",    "wait-interval", "modprobe", "set-counters"};
  for (const Use &use : command.uses)
    if (&use != &verb && (!use.option || !llvm::is_contained(fitting, use.option->canonical))) {
      place(findings.error(use.word, fmt::format("'{}' may not stand beside '{}'", use.word, verb.word)));
      return false;
    }
  return true;
}

void RulesReader::declareChain(llvm::StringRef text, const Use &verb) {
  llvm::StringRef name = verb.values.empty() ? llvm::StringRef() : unquoted(verb.values[0], *memory);
  if (verb.values.empty() || !checkChainName(name, verb.values[0]))
    return keepLine(text);
  if (findTarget(name))
    return void(place(findings.error(verb.values[0], fmt::format("'{}' is the name of a target", name)), name));
  if (builtInHook(table->name(), name))
    return refuse(verb.values[0], fmt::format("the chain '{}' exists already", name), name, Severity::Warning);
  declare(name, source->rangeOf(text));
}

void RulesReader::setPolicy(llvm::StringRef text, const Use &verb) {
  keepLine(text);
  if (verb.values.size() != 2)
    return;
  llvm::StringRef name = unquoted(verb.values[0], *memory);
  if (!checkChainName(name, verb.values[0]))
    return;
  ir::Chain &chain = table->chain(name, source->rangeOf(verb.values[0]));
  ir::Policy policy = policyOf(chain, verb.values[1]);
  chain.policy = doubtful && policy != chain.policy ? ir::Policy::Unstated : policy;
}

/// The words of a rule: all but the command, its chain and its number.
static std::vector<llvm::StringRef> wordsWithout(llvm::ArrayRef<llvm::StringRef> words, const Use &verb) {
  std::vector<llvm::StringRef> kept;
  kept.reserve(words.size() - (verb.end - verb.begin));
  kept.insert(kept.end(), words.begin(), words.begin() + verb.begin);
  kept.insert(kept.end(), words.begin() + verb.end, words.end());
  return kept;
}

/// The rule of a line, understood.
ir::Rule RulesReader::makeRule(llvm::StringRef text, const Use &verb) {
  familyMatters |= llvm::any_of(command.modules, [](const LoadedModule &loaded) {
    return loaded.module && loaded.module->id == ModuleId::Addrtype;
  });
  ir::Rule rule;
  rule.at = source->rangeOf(text);
  rule.words = wordsWithout(line.words, verb);
  if (!line.counters.empty())
    rule.counters = parseCounters(line.counters);
  std::optional<packet::Hook> hook = builtInHook(table->name(), unquoted(verb.values[0], *memory));
  buildRule({command, current().family, *memory, strings, findings, rule, sets ? &*sets : nullptr, normalTexts, backEnd},
            {table->name(), hook});
  return rule;
}

/// \p firstFinding  from there on findings are about this line.
void RulesReader::addRule(llvm::StringRef text, const Use &verb, size_t firstFinding) {
  llvm::StringRef name = verb.values.empty() ? llvm::StringRef() : unquoted(verb.values[0], *memory);
  if (verb.values.empty() || !checkChainName(name, verb.values[0]))
    return keepLine(text);
  anyRule = true;
  ir::Rule rule = makeRule(text, verb);
  if (running && (missingChain(name, verb.values[0]) || missingTarget(rule)))
    return;
  bool leads = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
  if (const ir::Chain *to = leads ? table->find(rule.target.name) : nullptr; leads && (!to || !to->declared))
    earlyJumps.try_emplace(rule.target.name, rule.at);
  if (doubtful)
    doubt(rule);
  ir::Chain &chain = table->chain(name, rule.at);
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

static size_t countDoubts(const std::deque<ir::Rule> &rules) {
  return llvm::count_if(rules, [](const ir::Rule &rule) { return rule.broken; });
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
  if (*number > count + 1 && !mayHoldMore(&chain) && llvm::none_of(table->rulesOf(chain), isSeveral)) {
    refuse(verb.values[1], fmt::format("the chain has only {} rules", count), chain.name);
    if (running)
      return count;
  }
  rule.insertNumber = uint32_t(verb.values.size() > 1 ? *number : 0);
  size_t at = std::min<size_t>(*number - 1, count);
  // Of a script, rules that may be missing before this place move it.
  size_t doubts = !running || at == 0 ? 0 : countDoubts(table->rulesOf(chain));
  table->insert(chain, at, std::move(rule));
  if (running && at != 0 && llvm::any_of(table->rulesOf(chain), isSeveral))
    table->doubt(chain, 0, count + 1);
  else if (doubts != 0)
    table->doubt(chain, at, at + doubts + 1);
  return at;
}

/// A line that is no command at all may still show which chain it was meant for: then a rule stands there
/// of which nothing is known.
void RulesReader::keepBroken(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 16> words;
  llvm::StringRef rest = text.ltrim(" \t");
  if (rest.startswith("["))
    rest = rest.drop_until([](char c) { return c == ']'; }).drop_front(rest.contains(']'));
  while (!(rest = rest.ltrim(" \t")).empty() && words.size() != 256) {
    words.push_back(rest.take_until([](char c) { return c == ' ' || c == '\t'; }));
    rest = rest.drop_front(words.back().size());
  }
  bool append = words.size() > 1 && (words[0] == "-A" || words[0] == "--append");
  bool insert = words.size() > 1 && (words[0] == "-I" || words[0] == "--insert");
  if ((!append && !insert) || !checkChainName(words[1], words[1]))
    return keepLine(text);
  ir::Rule rule;
  rule.at = source->rangeOf(text);
  doubt(rule);
  size_t first = 2, at = 0;
  std::optional<uint64_t> number;
  if (insert && words.size() > 2 && (number = parseNumber(words[2], 0xffffffff)))
    ++first;
  rule.words.assign(words.begin() + first, words.end());
  if (insert)
    rule.insertNumber = uint32_t(number.value_or(0));
  anyRule = true;
  ir::Chain &chain = openTable(text).chain(words[1], rule.at);
  size_t count = table->ruleCount(chain);
  at = insert ? std::min<size_t>(std::max<uint64_t>(number.value_or(1), 1) - 1, count) : count;
  table->insert(chain, at, std::move(rule));
}

} // namespace iptlint::parse
