// A script's control flow: lists, branches, loops, functions, variables.
#include "parse/ShellRun.h"
#include "parse/ShellRunner.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using support::Severity;

ParsedRules ShellRunner::run() {
  ShellTree tree(*source, findings);
  ShellList list;
  while (!ended && tree.next(list))
    runList(list);
  ParsedRules parsed = runScript(translation, commands, options);
  parsed.incomplete |= findings.incomplete;
  std::vector<support::Diagnostic> own = findings.take();
  parsed.findings.insert(parsed.findings.end(), own.begin(), own.end());
  llvm::stable_sort(parsed.findings);
  keepSuppressions(parsed.rulesets.front());
  return parsed;
}

/// Comments by which findings are suppressed; others say nothing to anybody here.
void ShellRunner::keepSuppressions(ir::Ruleset &ruleset) const {
  for (llvm::StringRef text = source->text(); !text.empty();) {
    auto [line, rest] = text.split('\n');
    if (line.ltrim().startswith("#") && line.contains("iptlint:"))
      ruleset.comments.push_back({source->rangeOf(line)});
    text = rest;
  }
}

void ShellRunner::pointAt(support::SourceRange at, std::string message) {
  if (said.insert(fmt::format("{} {}", at.begin, message)).second)
    findings.add(Severity::Info, source->slice(at), std::move(message), "needs-shell");
}

void ShellRunner::emit(ScriptCommand command) {
  command.conditions.assign(conditions.begin(), conditions.end());
  command.mayFail = mayFail;
  command.repeated = repeating;
  commands.push_back(std::move(command));
}

/// Something that may do anything to the rules of a family.
void ShellRunner::emitUnknown(packet::Family family, const ShellCommand &at) {
  ScriptCommand command;
  command.family = family;
  command.known = false;
  command.anyChain = command.anyTable = true;
  command.verb = "restore";
  ShellField whole{source->slice(at.at).split('\n').first.str(), false, at.at};
  command.line = appendLine(translation, whole);
  emit(std::move(command));
}

/// Whether the script ends in this list, whatever happens in it.
static bool endsScript(const ShellList &list) {
  return llvm::any_of(list, [](const ShellCommand &command) {
    if (command.join == ShellJoin::And || command.join == ShellJoin::Or)
      return false;
    if (command.kind == ShellKind::Group)
      return endsScript(command.parts[0]);
    return command.kind == ShellKind::Simple && !command.words.empty() &&
           (command.words[0] == "exit" || (command.words[0] == "exec" && command.words.size() > 1));
  });
}

static Status negate(Status status) {
  if (status.kind == Status::True || status.kind == Status::False)
    status.kind = status.kind == Status::True ? Status::False : Status::True;
  status.condition.succeeded = !status.condition.succeeded;
  return status;
}

/// What has to be so for a status to be one of success.
static Condition demanding(const Status &status, bool success) {
  if (status.kind != Status::Asked)
    return {};
  Condition condition = status.condition;
  if (!success)
    condition.succeeded = !condition.succeeded;
  return condition;
}

Status ShellRunner::runList(const ShellList &list) {
  Status status{Status::True};
  for (size_t i = 0; i != list.size() && !ended && !tooMuch(); ++i) {
    const ShellCommand &command = list[i];
    const ShellCommand *before = i != 0 && command.join == ShellJoin::Pipe ? &list[i - 1] : nullptr;
    bool wasPrepared = mayFail;
    mayFail |= i + 1 != list.size() && list[i + 1].join == ShellJoin::Or;
    if (command.join == ShellJoin::And || command.join == ShellJoin::Or) {
      bool onSuccess = command.join == ShellJoin::And;
      bool sure = status.kind == (onSuccess ? Status::True : Status::False);
      bool never = status.kind == (onSuccess ? Status::False : Status::True);
      if (never || (!sure && endsScript({command}))) { // a script is taken to run to its end
      } else if (sure) {
        status = runCommand(command, before);
      } else {
        ShellVariables saved = variables;
        conditions.push_back(demanding(status, onSuccess));
        Status inner = runCommand(command, before);
        conditions.pop_back();
        variables.meet(saved);
        bool settled = inner.kind == (onSuccess ? Status::False : Status::True);
        status = settled ? inner : Status{Status::Unknown};
      }
    } else {
      status = runCommand(command, before);
    }
    mayFail = wasPrepared;
  }
  return status;
}

Status ShellRunner::runCommand(const ShellCommand &command, const ShellCommand *before) {
  Status status;
  switch (command.kind) {
  case ShellKind::Simple:
    status = runSimple(command, before);
    break;
  case ShellKind::If:
    status = runIf(command);
    break;
  case ShellKind::For:
    status = runFor(command);
    break;
  case ShellKind::While:
    status = runWhile(command);
    break;
  case ShellKind::Case:
    status = runCase(command);
    break;
  case ShellKind::Group:
  case ShellKind::Subshell: {
    ShellVariables saved = variables;
    bool wasEnded = ended;
    status = runList(command.parts[0]);
    if (command.kind == ShellKind::Subshell) {
      variables = saved;
      ended = wasEnded;
    }
    break;
  }
  case ShellKind::Function:
    kept.push_back(std::make_unique<ShellCommand>(command));
    functions[command.words[0]] = kept.back().get();
    status = {Status::True};
    break;
  }
  return command.negated ? negate(status) : status;
}

void ShellRunner::runBranch(const ShellList &body, Condition condition, bool repeated) {
  if (endsScript(body))
    return;
  ShellVariables saved = variables;
  bool wasRepeating = repeating;
  repeating |= repeated;
  conditions.push_back(condition);
  runList(body);
  conditions.pop_back();
  repeating = wasRepeating;
  ended = false;
  variables.meet(saved);
}

Status ShellRunner::runIf(const ShellCommand &command) {
  size_t depth = conditions.size();
  bool decided = false;
  for (size_t i = 0; i + 1 < command.parts.size() && !decided; i += 2) {
    bool wasPrepared = std::exchange(mayFail, true);
    Status status = runList(command.parts[i]);
    mayFail = wasPrepared;
    if (status.kind == Status::False)
      continue;
    if (status.kind == Status::True) {
      decided = true;
      runList(command.parts[i + 1]);
      break;
    }
    if (status.kind == Status::Unknown)
      pointAt(command.at, "whether this is so only the machine knows: what depends on it is left open");
    runBranch(command.parts[i + 1], demanding(status, true));
    if (!endsScript(command.parts[i + 1]))
      conditions.push_back(demanding(status, false));
  }
  if (!decided && command.parts.size() % 2 != 0) {
    ShellVariables saved = variables;
    bool sure = conditions.size() == depth;
    if (sure || !endsScript(command.parts.back()))
      runList(command.parts.back());
    if (!sure) {
      ended = false;
      variables.meet(saved);
    }
  }
  conditions.truncate(depth);
  return {};
}

Status ShellRunner::runFor(const ShellCommand &command) {
  std::vector<ShellField> values;
  if (command.overArguments)
    values = expandArguments(source->rangeOf(command.words[0]), variables);
  for (llvm::StringRef word : llvm::makeArrayRef(command.words).drop_front())
    llvm::append_range(values, expandWord(*source, word, variables));
  llvm::StringRef name = command.words[0];
  if (name.startswith("(("))
    values.push_back({name.str(), false, source->rangeOf(name)});
  for (const ShellField &value : values) {
    if (value.known) {
      variables.set(name, value.text);
      runList(command.parts[0]);
    } else {
      pointAt(value.from, "what this loop goes over only the machine knows: what is done in it is left open");
      variables.set(name, std::nullopt);
      runBranch(command.parts[0], {}, /*repeated=*/true);
    }
    if (ended || tooMuch())
      break;
  }
  return {};
}

Status ShellRunner::runWhile(const ShellCommand &command) {
  pointAt(command.at, "how often this is repeated only the machine knows: what is done in it is left open");
  bool wasPrepared = std::exchange(mayFail, true);
  runBranch(command.parts[0], {}, /*repeated=*/true);
  runBranch(command.parts[1], {}, /*repeated=*/true);
  mayFail = wasPrepared;
  return {};
}

Status ShellRunner::runCase(const ShellCommand &command) {
  pointAt(command.at, "which of these is taken only the machine knows: what is done in them is left open");
  for (const ShellList &branch : command.parts)
    runBranch(branch, {});
  return {};
}

void ShellRunner::assign(llvm::StringRef word) {
  llvm::StringRef name = assignedName(word);
  ShellField value = expandText(*source, word.drop_front(name.size() + 1), variables);
  variables.set(name, value.known ? std::optional(value.text) : std::nullopt);
}

Status ShellRunner::runSimple(const ShellCommand &command, const ShellCommand *before) {
  size_t first = 0;
  while (first != command.words.size() && !assignedName(command.words[first]).empty())
    ++first;
  for (llvm::StringRef word : llvm::makeArrayRef(command.words).take_front(first))
    assign(word);
  std::vector<ShellField> fields;
  for (llvm::StringRef word : llvm::makeArrayRef(command.words).drop_front(first))
    llvm::append_range(fields, expandWord(*source, word, variables));
  if (fields.empty())
    return {Status::True};
  bool wasPrepared = mayFail;
  mayFail |= llvm::any_of(command.redirects, [](const ShellRedirect &redirect) {
    return (redirect.op.startswith("2>") || redirect.op.startswith("&>")) && redirect.target == "/dev/null";
  });
  Status status = runProgram(command, fields, before);
  mayFail = wasPrepared;
  return status;
}

ParsedRules parseScript(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  return ShellRunner(std::move(source), options).run();
}

} // namespace iptlint::parse
