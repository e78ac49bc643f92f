// Commands that change or take away rules and chains that are there: -D, -R, -C, -F, -X, -E.
//
// iptables-restore carries them out like those that add. Where it is not known which rule is meant, since rules before
// it may be there or not, all that it may be are doubted.
#include "parse/RulesReader.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// A command that iptables would refuse: a text for iptables-restore is not loaded then, a script goes on without it.
void RulesReader::refuse(llvm::StringRef at, std::string message, llvm::StringRef chain, Severity inScript) {
  outcome = doubtful ? Outcome::Unknown : Outcome::Failed;
  if (running && (doubtful || running->mayFail))
    return;
  place(findings.add(running ? inScript : Severity::Error, at, std::move(message), "script-order"), chain);
}

bool RulesReader::mayHoldMore(const ir::Chain *chain) const {
  if (chain)
    return !chain->declared || (!running && chain->policy == ir::Policy::Unstated);
  return llvm::none_of(table->chains(), [](const ir::Chain &each) { return each.hook && each.declared; });
}

/// The chain that a command names; null, having said so, where there is none.
ir::Chain *RulesReader::chainOf(const Use &verb) {
  if (verb.values.empty())
    return nullptr;
  llvm::StringRef name = unquoted(verb.values[0], *memory);
  if (!checkChainName(name, verb.values[0]))
    return nullptr;
  ir::Chain *chain = table->find(name);
  if (chain)
    return chain;
  if (builtInHook(table->name(), name))
    return &table->chain(name, source->rangeOf(verb.values[0]));
  if (!mayHoldMore(nullptr))
    refuse(verb.values[0], fmt::format("there is no chain '{}'", name), name, Severity::Warning);
  else
    outcome = Outcome::Unknown;
  return nullptr;
}

bool isSeveral(const ir::Rule &rule) {
  static constexpr llvm::StringLiteral addresses[] = {"-s", "-d", "--source", "--src", "--destination", "--dst"};
  for (size_t i = 0; i + 1 < rule.words.size(); ++i)
    if (rule.words[i + 1].contains(',') && llvm::is_contained(addresses, rule.words[i]))
      return true;
  return false;
}

std::optional<RulesReader::Numbered> RulesReader::numbered(const ir::Chain &chain, llvm::StringRef word) {
  auto number = parseNumber(word, 0xffffffff);
  if (!number || *number == 0) {
    place(findings.error(word, fmt::format("'{}' is no number of a rule", word)), chain.name);
    return std::nullopt;
  }
  const std::deque<ir::Rule> &rules = table->rulesOf(chain);
  size_t place = *number - 1;
  if (mayHoldMore(&chain) || llvm::any_of(rules, isSeveral))
    return Numbered{0, std::min<size_t>(*number, rules.size()), false};
  if (place >= rules.size()) {
    refuse(word, fmt::format("the chain has only {} rules", rules.size()), chain.name, Severity::Warning);
    return std::nullopt;
  }
  auto isBroken = [](const ir::Rule &rule) { return rule.broken; };
  size_t doubts = llvm::count_if(rules, isBroken);
  if (running && running->repeated)
    return Numbered{place, rules.size(), false};
  bool certain = !doubtful && std::none_of(rules.begin(), rules.begin() + place + 1, isBroken);
  return Numbered{place, certain ? place + 1 : place + 1 + doubts, certain};
}

void RulesReader::deleteRule(llvm::StringRef text, const Use &verb) {
  if (mayHoldMore(nullptr))
    keepLine(text);
  ir::Chain *chain = chainOf(verb);
  if (!chain)
    return;
  if (verb.values.size() > 1)
    return deleteNumber(*chain, verb);
  deleteFirst(*chain, text, verb);
}

void RulesReader::deleteNumber(ir::Chain &chain, const Use &verb) {
  if (!checkOptions(verb))
    return;
  auto numbers = numbered(chain, verb.values[1]);
  if (!numbers)
    return;
  if (numbers->certain)
    return table->erase(chain, numbers->first);
  table->doubt(chain, numbers->first, numbers->end);
  outcome = Outcome::Unknown;
}

/// How a rule that is there compares with one that a command describes.
Sameness RulesReader::compare(const ir::Rule &rule, const ir::Rule &wanted, llvm::StringRef signature) {
  if (rule.broken || wanted.broken)
    return Sameness::Unknown;
  if (rule.target.kind != wanted.target.kind || rule.target.name != wanted.target.name)
    return Sameness::Different;
  Line words;
  words.words.assign(rule.words.begin(), rule.words.end());
  Findings unheard(*source);
  Command taken;
  if (!words.words.empty())
    parse::readCommand(words, current().family, *memory, unheard, taken);
  else
    taken.modules.assign(1, LoadedModule{&modules().front(), "", ""});
  return compareRules(rule, signatureOf(taken, current().family, *memory), wanted, signature);
}

/// The first rule that is the same goes; those before it that may be the same are doubted, and then it as well.
void RulesReader::deleteFirst(ir::Chain &chain, llvm::StringRef text, const Use &verb) {
  ir::Rule wanted = makeRule(text, verb);
  std::string signature = signatureOf(command, current().family, *memory);
  bool doubted = doubtful, repeated = running && running->repeated;
  for (size_t i = 0; i != table->ruleCount(chain); ++i) {
    Sameness sameness = compare(table->rule(chain, i), wanted, signature);
    if (sameness == Sameness::Same && !doubted)
      return table->erase(chain, i);
    if (sameness == Sameness::Different)
      continue;
    doubted = true;
    table->doubt(chain, i, i + 1);
    if (sameness == Sameness::Same && !repeated)
      break;
  }
  if (doubted || wanted.broken || mayHoldMore(&chain))
    outcome = Outcome::Unknown;
  else
    refuse(text, "this deletes nothing: the chain has no such rule", chain.name, Severity::Warning);
}

void RulesReader::replaceRule(llvm::StringRef text, const Use &verb) {
  ir::Chain *chain = chainOf(verb);
  if (!chain)
    return;
  if (verb.values.size() < 2)
    return void(
        place(findings.error(verb.word, fmt::format("'{}' needs the number of a rule", verb.word)), chain->name));
  anyRule = true;
  ir::Rule rule = makeRule(text, verb);
  auto numbers = numbered(*chain, verb.values[1]);
  if (!numbers || (running && missingTarget(rule)))
    return;
  if (!numbers->certain) {
    outcome = Outcome::Unknown;
    return table->doubt(*chain, numbers->first, numbers->end);
  }
  table->erase(*chain, numbers->first);
  table->insert(*chain, numbers->first, std::move(rule));
}

/// -C changes nothing; a text that asks for a rule that is not there is refused.
void RulesReader::checkRule(llvm::StringRef text, const Use &verb) {
  ir::Chain *chain = chainOf(verb);
  if (!chain)
    return;
  ir::Rule wanted = makeRule(text, verb);
  std::string signature = signatureOf(command, current().family, *memory);
  Sameness best = Sameness::Different;
  for (size_t i = 0; i != table->ruleCount(*chain) && best != Sameness::Same; ++i)
    if (Sameness one = compare(table->rule(*chain, i), wanted, signature); one != Sameness::Different)
      best = one;
  if (best == Sameness::Same)
    return;
  outcome = Outcome::Unknown;
  if (best == Sameness::Unknown || mayHoldMore(chain) || wanted.broken)
    return;
  outcome = Outcome::Failed;
  if (!running) // a script asks to learn it
    refuse(text, "the chain has no such rule", chain->name);
}

void RulesReader::flushChain(llvm::StringRef text, const Use &verb) {
  if (mayHoldMore(nullptr))
    keepLine(text);
  ir::Chain *chain = verb.values.empty() ? nullptr : chainOf(verb);
  if (!verb.values.empty() && !chain)
    return;
  if (!doubtful)
    return table->flush(chain ? chain->name : "");
  for (const ir::Chain &each : table->chains())
    if (!chain || &each == chain)
      table->doubt(each, 0, table->ruleCount(each));
}

/// A chain goes if it is empty and no rule leads to it; -X without a name takes all of them, or
/// none if one cannot go.
void RulesReader::removeChain(llvm::StringRef text, const Use &verb) {
  if (mayHoldMore(nullptr))
    keepLine(text);
  if (!verb.values.empty()) {
    if (ir::Chain *chain = chainOf(verb); chain && mayRemove(*chain, verb.values[0]))
      table->remove(*chain);
    return;
  }
  for (const ir::Chain &chain : table->chains())
    if (!chain.hook && !mayRemove(chain, verb.word))
      return;
  for (size_t i = table->chains().size(); i-- != 0;)
    if (const ir::Chain &chain = table->chains()[i]; !chain.hook)
      table->remove(chain);
}

bool RulesReader::mayRemove(const ir::Chain &chain, llvm::StringRef at) {
  const std::deque<ir::Rule> &rules = table->rulesOf(chain);
  bool doubted = doubtful || llvm::all_of(rules, [](const ir::Rule &rule) { return rule.broken; });
  if (chain.hook)
    refuse(at, fmt::format("'{}' is a built-in chain and stays", chain.name), chain.name, Severity::Warning);
  else if (!rules.empty() && !doubted)
    refuse(at, fmt::format("the chain '{}' is not empty and stays", chain.name), chain.name, Severity::Warning);
  else if (table->isUsed(chain))
    refuse(at, fmt::format("rules lead to the chain '{}', which stays", chain.name), chain.name, Severity::Warning);
  else if (rules.empty() && !doubtful)
    return true;
  else
    outcome = Outcome::Unknown;
  return false;
}

void RulesReader::renameChain(const Use &verb) {
  ir::Chain *chain = chainOf(verb);
  if (!chain || verb.values.size() != 2)
    return;
  llvm::StringRef name = unquoted(verb.values[1], *memory);
  if (!checkChainName(name, verb.values[1]))
    return;
  if (chain->hook)
    return refuse(verb.values[0], fmt::format("'{}' is a built-in chain and keeps its name", chain->name), chain->name);
  if (table->find(name) || builtInHook(table->name(), name))
    return refuse(verb.values[1], fmt::format("the chain '{}' exists already", name), name);
  if (doubtful)
    return table->doubt(*chain, 0, table->ruleCount(*chain));
  table->rename(*chain, name);
}

} // namespace iptlint::parse
