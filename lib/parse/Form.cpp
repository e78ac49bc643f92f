#include "parse/Form.h"
#include "parse/ListRules.h"
#include "parse/Listing.h"
#include "parse/ListingRow.h"
#include "parse/NftReader.h"
#include "parse/RulesReader.h"
#include "parse/ShellCalls.h"
#include "parse/ShellRun.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

namespace iptlint::parse {

using ir::Form;

/// A line of a script: the shell that it is for, or a command that changes rules.
static bool isCommand(llvm::StringRef line) {
  if (line.startswith("#"))
    return line.startswith("#!") && line.contains("sh");
  std::vector<ShellField> words;
  while (!(line = line.ltrim(" \t")).empty()) {
    llvm::StringRef word = line.take_until([](char c) { return c == ' ' || c == '\t'; });
    words.push_back({word.str(), !word.contains('$'), {}});
    line = line.drop_front(word.size());
  }
  llvm::ArrayRef<ShellField> called = words;
  if (!called.empty() && called[0].text == "sudo")
    called = called.drop_front();
  if (called.empty())
    return false;
  if (llvm::StringRef(called[0].text).startswith("-")) // a command without the program, which names its table
    return llvm::any_of(called, [](const ShellField &word) { return word.text == "-t" || word.text == "--table"; }) &&
           !readCall(packet::Family::IPv4, called).command.verb.empty();
  ProgramName name = programOf(called[0]);
  if (name.program == Program::Restore)
    return true;
  if (name.program != Program::Iptables)
    return false;
  IptablesCall call = readCall(name.family, called.drop_front());
  return call.changes && !call.command.verb.empty();
}

/// The form that alone has such a line; nothing where several have it, or none.
static std::optional<Form> formOfLine(llvm::StringRef line) {
  if (readHeading(line) || readColumns(line))
    return Form::L;
  if (isCommand(line.ltrim()))
    return Form::Commands;
  if (line.startswith("*") || line == "COMMIT")
    return Form::Save;
  if (line.startswith("table ip ") || line.startswith("table ip6 "))
    return Form::Nftables;
  if (line.startswith(":") && line.contains(' '))
    return Form::Save;
  return std::nullopt;
}

/// No program writes longer lines; the reader of iptables-save text says so of one, without keeping copies.
constexpr size_t kMostLineBytes = 10239;

Form recogniseForm(llvm::StringRef text) {
  llvm::StringRef whole = text;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (line.size() > kMostLineBytes)
      return Form::Save;
    if (auto form = formOfLine(line.rtrim(" \t\r")))
      return *form;
    text = rest;
  }
  return isRuleList(whole) ? Form::S : Form::Save;
}

/// No shell reads a text with a zero byte, and neither does the reader of iptables-save text, which says so.
static ParsedRules refuseBinary(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  ParsedRules parsed = RulesReader(std::move(source), options).read();
  for (ir::Ruleset &ruleset : parsed.rulesets)
    ruleset.form = Form::Commands;
  return parsed;
}

ParsedRules parseRules(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  Form form = options.form.value_or(recogniseForm(source->text()));
  if (form == Form::Nftables)
    return parseNftables(std::move(source), options);
  if (form == Form::L)
    return parseListing(std::move(source), options);
  if (form == Form::Commands && source->text().contains('\0'))
    return refuseBinary(std::move(source), options);
  if (form == Form::Commands)
    return parseScript(std::move(source), options);
  if (form == Form::S)
    return parseRuleList(std::move(source), options);
  return RulesReader(std::move(source), options).read();
}

} // namespace iptlint::parse
