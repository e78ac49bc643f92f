#include "parse/Script.h"
#include "parse/RulesReader.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

static std::string keyOf(packet::Family family, llvm::StringRef table, llvm::StringRef chain) {
  return fmt::format("{} {} {}", family == packet::Family::IPv4 ? 4 : 6, table.str(), chain.str());
}

ParsedRules RulesReader::run(llvm::ArrayRef<ScriptCommand> script) {
  anyTable = true;
  for (const ScriptCommand &command : script)
    if (!command.makes.empty())
      madeSomewhere.insert(keyOf(command.family, command.table, command.makes));
  for (const ScriptCommand &command : script) {
    running = &command;
    outcome = Outcome::Done;
    runCommand(command);
    outcomes.push_back(outcome);
  }
  if (rulesets.empty())
    switchFamily(Family::IPv4);
  for (auto &[family, builder] : everyTable) {
    if (normal)
      builder->normalise();
    for (ir::Ruleset &ruleset : rulesets)
      if (ruleset.family == family)
        ruleset.tables.push_back(builder->finish(std::nullopt));
  }
  return {std::move(rulesets), findings.take(), findings.incomplete};
}

/// Whether a command is run: Done, Failed: it is not, or Unknown.
Outcome RulesReader::conditionsOf(const ScriptCommand &command) const {
  Outcome all = Outcome::Done;
  for (const Condition &condition : command.conditions) {
    Outcome one = condition.command < outcomes.size() ? outcomes[condition.command] : Outcome::Unknown;
    if (one == Outcome::Unknown)
      all = Outcome::Unknown;
    else if ((one == Outcome::Done) != condition.succeeded)
      return Outcome::Failed;
  }
  return all;
}

void RulesReader::runCommand(const ScriptCommand &command) {
  Outcome conditions = conditionsOf(command);
  outcome = Outcome::Unknown;
  if (conditions == Outcome::Failed)
    return;
  doubtful = conditions == Outcome::Unknown;
  outcome = doubtful ? Outcome::Unknown : Outcome::Done;
  switchFamily(command.family);
  llvm::StringRef text = source->slice(command.line);
  switch (command.kind) {
  case CommandKind::Rules:
    if (!command.anyTable && !isTable(command.table))
      return refuseTable(command.table, text);
    table = &tableOf(command.family, command.table);
    if (!command.known)
      return doubtUnknown(command, text);
    return readLine(text, /*ended=*/true);
  case CommandKind::Restore:
  case CommandKind::RestoreMerge:
    merging = command.kind == CommandKind::RestoreMerge;
    table = nullptr;
    return;
  case CommandKind::RestoreLine:
    if (!command.known)
      return doubtUnknown(command, text);
    return readLine(text, /*ended=*/true);
  case CommandKind::RestoreEnd:
    if (table)
      reportMissingCommit(source->slice(table->header()));
    table = nullptr;
    return;
  }
}

void RulesReader::refuseTable(llvm::StringRef name, llvm::StringRef at) {
  outcome = doubtful ? Outcome::Unknown : Outcome::Failed;
  if (!doubtful && !running->mayFail)
    findings.error(at, fmt::format("iptables has no table '{}'", name.str()));
}

/// A table as a machine has it after it started: built-in chains that accept, no rules.
TableBuilder &RulesReader::tableOf(Family family, llvm::StringRef name) {
  for (auto &[of, builder] : everyTable)
    if (of == family && builder->name() == name)
      return *builder;
  static constexpr llvm::StringLiteral order[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
  auto builder = std::make_unique<TableBuilder>(strings.save(name), running->line);
  for (llvm::StringRef chain : order)
    if (builtInHook(name, chain)) {
      ir::Chain &made = builder->chain(chain, running->line);
      made.declared = true;
      made.policy = ir::Policy::Accept;
      made.counters = ir::Counters{};
    }
  return *everyTable.emplace_back(family, std::move(builder)).second;
}

/// iptables-restore without --noflush empties a table before it reads on; policies stay.
void RulesReader::emptyTable() {
  if (merging)
    return;
  if (doubtful) {
    for (const ir::Chain &chain : table->chains())
      table->doubt(chain, 0, table->ruleCount(chain));
    return;
  }
  table->flush("");
  for (size_t i = table->chains().size(); i-- != 0;)
    if (const ir::Chain &chain = table->chains()[i]; !chain.hook)
      table->remove(chain);
}

/// A rule that may be there, of which nothing else is known; a run of them is as good as one.
static void addUnknownRule(TableBuilder &table, const ir::Chain &chain, ir::Rule rule) {
  const std::deque<ir::Rule> &rules = table.rulesOf(chain);
  bool whatever = rules.empty() ? false : rules.back().broken && rules.back().words.empty();
  if (!whatever || !rule.words.empty())
    table.insert(chain, rules.size(), std::move(rule));
}

/// The words of the line, but for the command and its chain where that is known.
ir::Rule RulesReader::makeUnknown(llvm::StringRef text) {
  ir::Rule rule;
  rule.at = source->rangeOf(text);
  lines.read(text, line);
  if (!running->anyChain && line.words.size() > 2 && !line.fault)
    rule.words.assign(line.words.begin() + 2, line.words.end());
  doubt(rule);
  return rule;
}

/// A command with words that only a shell knows: whatever it may have done is in doubt.
void RulesReader::doubtUnknown(const ScriptCommand &command, llvm::StringRef text) {
  outcome = Outcome::Unknown;
  anyRule = true;
  if (!command.anyChain && (command.verb == "append" || command.verb == "insert"))
    table->chain(strings.save(command.chain), source->rangeOf(text));
  for (auto &[family, builder] : everyTable)
    if (family == command.family && (command.anyTable || builder.get() == table))
      for (const ir::Chain &chain : builder->chains())
        if (command.anyChain || chain.name == command.chain)
          doubtChain(*builder, chain, command, text);
}

void RulesReader::doubtChain(TableBuilder &builder, const ir::Chain &chain, const ScriptCommand &command,
                             llvm::StringRef text) {
  llvm::StringRef verb = command.verb;
  bool restore = verb == "restore";
  if ((verb == "policy" || restore) && chain.hook)
    builder.find(chain.name)->policy = ir::Policy::Unstated;
  if (restore || verb == "delete" || verb == "replace" || verb == "flush" || verb == "rename-chain")
    builder.doubt(chain, 0, builder.ruleCount(chain));
  if (restore || verb == "append")
    addUnknownRule(builder, chain, makeUnknown(text));
  if (verb == "insert")
    builder.insert(chain, 0, makeUnknown(text));
}

bool RulesReader::isMadeLater(llvm::StringRef name) const {
  return madeSomewhere.contains(keyOf(rulesets[currentRuleset].family, table->name(), name));
}

/// \returns true, having said so, where the chain is not there when the command is run.
bool RulesReader::missingChain(llvm::StringRef name, llvm::StringRef at) {
  const ir::Chain *chain = table->find(name);
  if (chain && (chain->declared || chain->hook))
    return false;
  if (isMadeLater(name)) {
    refuse(at, fmt::format("the chain '{}' is not there when this is run", name), name);
    return true;
  }
  if (!chain)
    place(findings.add(Severity::Warning, at, fmt::format("the chain '{}' is made nowhere in this text", name),
                       "script-order"),
          name);
  return false;
}

/// \returns true, having said so, where the rule leads to a chain that is not there when the command is run.
bool RulesReader::missingTarget(const ir::Rule &rule) {
  bool leads = rule.target.kind == ir::TargetKind::Jump || rule.target.kind == ir::TargetKind::Goto;
  const ir::Chain *to = leads ? table->find(rule.target.name) : nullptr;
  if (!leads || (to && to->declared) || !isMadeLater(rule.target.name))
    return false;
  refuse(source->slice(rule.at), fmt::format("the chain '{}' is not there when this is run", rule.target.name),
         rule.target.name);
  return true;
}

ParsedRules runScript(const Translation &translation, llvm::ArrayRef<ScriptCommand> script,
                      const RulesOptions &options) {
  auto made = support::Source::fromText(translation.text(), translation.source()->path());
  ParsedRules parsed = RulesReader(made, options).run(script);
  moveToOrigin(parsed, translation, made, ir::Form::Commands);
  return parsed;
}

} // namespace iptlint::parse
