// The programs that a script calls: what each does to rules, variables and how the script goes on.
#include "parse/ShellRunner.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

/// Programs that only run another.
static llvm::ArrayRef<ShellField> withoutRunners(llvm::ArrayRef<ShellField> fields) {
  static constexpr llvm::StringLiteral runners[] = {"sudo", "command", "nohup", "time",
                                                    "exec", "env",     "nice",  "busybox"};
  while (fields.size() > 1 && fields[0].known && llvm::is_contained(runners, llvm::StringRef(fields[0].text))) {
    fields = fields.drop_front();
    while (fields.size() > 1 &&
           (llvm::StringRef(fields[0].text).startswith("-") || !assignedName(fields[0].text).empty()))
      fields = fields.drop_front();
  }
  return fields;
}

Status ShellRunner::runProgram(const ShellCommand &command, llvm::ArrayRef<ShellField> fields,
                               const ShellCommand *before) {
  llvm::ArrayRef<ShellField> called = withoutRunners(fields);
  if (fields[0].known)
    if (auto function = functions.find(fields[0].text); function != functions.end())
      return runFunction(function->second->parts[0], fields.drop_front());
  ProgramName name = programOf(called[0]);
  bool options = called.size() < 2 || !called[1].known || llvm::StringRef(called[1].text).startswith("-");
  if (name.guessed && !options) // a variable that some branch gives another program
    return {};
  if (name.guessed)
    if (said.insert("program " + called[0].text).second)
      pointAt(called[0].from, fmt::format("{} is not known from this text; it is taken for {}tables", called[0].text,
                                          name.family == packet::Family::IPv6 ? "ip6" : "ip"));
  bool bare = llvm::StringRef(called[0].text).startswith("-");
  switch (name.program) {
  case Program::Iptables:
    return runIptables(command, name.family, bare ? called : called.drop_front());
  case Program::Restore:
    return runRestore(command, name.family, called.drop_front(), before);
  case Program::Save:
  case Program::Ipset:
    return {};
  case Program::Other:
    return runOther(command, called);
  }
  return {};
}

Status ShellRunner::runFunction(const ShellList &body, llvm::ArrayRef<ShellField> arguments) {
  if (++calls > kMostCalls || tooMuch()) {
    --calls;
    return {};
  }
  std::optional<std::vector<std::string>> saved = std::move(variables.arguments);
  variables.arguments.emplace();
  for (const ShellField &argument : arguments) {
    if (!argument.known) {
      variables.arguments.reset();
      break;
    }
    variables.arguments->push_back(argument.text);
  }
  Status status = runList(body);
  variables.arguments = std::move(saved);
  --calls;
  return status;
}

Status ShellRunner::runIptables(const ShellCommand &, packet::Family family, llvm::ArrayRef<ShellField> fields) {
  IptablesCall call = readCall(family, fields);
  if (!call.changes || call.words.empty())
    return {call.changes ? Status::Unknown : Status::True};
  if (call.unknown)
    pointAt(call.unknown->from, "what this stands for only a shell knows: the rule is left open");
  call.command.line = appendLine(translation, call.words);
  emit(std::move(call.command));
  return {Status::Asked, {uint32_t(commands.size() - 1), true}};
}

/// The here-document that a command reads, its own or that of a `cat` before it; null: none.
static const ShellRedirect *bodyOf(const ShellCommand &command, const ShellCommand *before) {
  for (const ShellCommand *one : {&command, before})
    if (one &&
        (one == &command || (one->kind == ShellKind::Simple && one->words.size() == 1 && one->words[0] == "cat")))
      for (const ShellRedirect &redirect : one->redirects)
        if (redirect.body.data())
          return &redirect;
  return nullptr;
}

Status ShellRunner::runRestore(const ShellCommand &command, packet::Family family, llvm::ArrayRef<ShellField> fields,
                               const ShellCommand *before) {
  const ShellRedirect *document = bodyOf(command, before);
  if (!document) {
    pointAt(command.at, "the rules that this loads are not in this text: all rules are left open");
    emitUnknown(family, command);
    return {};
  }
  bool merge = llvm::any_of(fields, [](const ShellField &field) {
    return field.text == "-n" || llvm::StringRef(field.text).startswith("--nof");
  });
  ScriptCommand part;
  part.family = family;
  part.kind = merge ? CommandKind::RestoreMerge : CommandKind::Restore;
  emit(part);
  llvm::StringRef text = document->body;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (document->op.endswith("-"))
      line = line.ltrim('\t');
    ShellField expanded = document->literal || !line.contains_insensitive("$")
                              ? ShellField{line.str(), true, source->rangeOf(line)}
                              : expandLine(*source, line, variables);
    part.kind = CommandKind::RestoreLine;
    part.known = expanded.known;
    part.line.begin = uint32_t(translation.text().size());
    translation.add(expanded.text, expanded.from);
    part.line.end = uint32_t(translation.text().size());
    translation.endLine();
    if (!expanded.known) {
      pointAt(expanded.from, "what this stands for only a shell knows: the rule is left open");
      part.verb = "restore";
      part.anyChain = true;
    }
    emit(part);
    part.known = true;
    text = rest;
  }
  part.kind = CommandKind::RestoreEnd;
  emit(part);
  return {};
}

/// `[ a = b ]`, `test -z x`: where all words are known.
Status ShellRunner::test(llvm::ArrayRef<ShellField> fields) const {
  if (llvm::any_of(fields, [](const ShellField &field) { return !field.known; }))
    return {};
  auto answer = [](bool holds) { return Status{holds ? Status::True : Status::False}; };
  auto word = [&](size_t i) { return llvm::StringRef(fields[i].text); };
  if (fields.size() == 2 && (word(0) == "-n" || word(0) == "-z"))
    return answer(word(1).empty() == (word(0) == "-z"));
  if (fields.size() == 3 && (word(1) == "=" || word(1) == "==" || word(1) == "!="))
    return answer((word(0) == word(2)) == (word(1) != "!="));
  int64_t left = 0, right = 0;
  bool numbers = fields.size() == 3 && !word(0).getAsInteger(10, left) && !word(2).getAsInteger(10, right);
  if (numbers && (word(1) == "-eq" || word(1) == "-ne"))
    return answer((left == right) == (word(1) == "-eq"));
  return {};
}

static bool isHarmless(llvm::StringRef name) {
  static constexpr llvm::StringLiteral names[] = {
      "echo",   "printf",  "logger",    "which",      "type",      "hash",        "modprobe", "rmmod",  "lsmod",
      "insmod", "service", "systemctl", "rc-service", "chkconfig", "update-rc.d", "apt-get",  "apt",    "yum",
      "dnf",    "apk",     "cat",       "grep",       "egrep",     "ls",          "rm",       "cp",     "mv",
      "touch",  "chmod",   "chown",     "mkdir",      "ip",        "ifconfig",    "route",    "sysctl", "sleep",
      "depmod", "man",     "tee",       "diff",       "test",      "[",           "[[",       "set",    "trap"};
  return llvm::is_contained(names, name);
}

Status ShellRunner::runOther(const ShellCommand &command, llvm::ArrayRef<ShellField> fields) {
  llvm::StringRef name = fields[0].text;
  if (!fields[0].known)
    return {};
  if (name == "exit" || name == "return") {
    ended |= name == "exit" && conditions.empty();
    return {};
  }
  if (name == "true" || name == ":" || name == "false" || name == "echo")
    return {name == "false" ? Status::False : Status::True};
  if (name == "[" || name == "[[" || name == "test")
    return test(name == "test" ? fields.drop_front() : fields.drop_front().drop_back(fields.size() > 1));
  if (name == "export" || name == "local" || name == "declare" || name == "readonly" || name == "typeset") {
    for (llvm::StringRef word : command.words)
      if (!assignedName(word).empty())
        assign(word);
    return {Status::True};
  }
  if (name == "read" || name == "unset" || name == "let") {
    for (const ShellField &field : fields.drop_front())
      variables.set(llvm::StringRef(field.text).take_until([](char c) { return c == '='; }), std::nullopt);
    return {};
  }
  if (name == "." || name == "source") {
    variables.forget();
    pointAt(command.at, "what this file does is not looked at; variables may have other values from here on");
    return {};
  }
  bool mentions =
      llvm::any_of(fields, [](const ShellField &field) { return llvm::StringRef(field.text).contains("tables"); });
  if (name == "eval" || (mentions && !isHarmless(name.drop_front(name.rfind('/') + 1)))) {
    pointAt(command.at, "what this does to the rules only a shell knows: all rules are left open");
    emitUnknown(packet::Family::IPv4, command);
    emitUnknown(packet::Family::IPv6, command);
  }
  return {};
}

} // namespace iptlint::parse
