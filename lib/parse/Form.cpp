#include "parse/Form.h"
#include "parse/RulesReader.h"
#include "llvm/ADT/StringExtras.h"
#include <optional>

namespace iptlint::parse {

using ir::Form;

bool isChainHeading(llvm::StringRef line) {
  line = line.rtrim(" \t\r");
  if (!line.consume_front("Chain ") || !line.consume_back(")"))
    return false;
  auto [name, inside] = line.rsplit(" (");
  return !name.empty() && (inside.startswith("policy ") || inside.contains("references") || inside.contains("ERROR"));
}

/// The form that alone has such a line; nothing where several have it, or none.
static std::optional<Form> formOfLine(llvm::StringRef line) {
  if (isChainHeading(line.ltrim(" \t>")))
    return Form::L;
  if (line.startswith("*") || line == "COMMIT")
    return Form::Save;
  if (line.startswith(":") && line.contains(' '))
    return Form::Save;
  return std::nullopt;
}

Form recogniseForm(llvm::StringRef text) {
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (auto form = formOfLine(line.rtrim(" \t\r")))
      return *form;
    text = rest;
  }
  return Form::Save;
}

/// What there is to say of a text that is no iptables-save text and cannot be read.
static ParsedRules refuse(std::shared_ptr<const support::Source> source) {
  Findings findings(*source);
  findings.error(source->text().take_until([](char c) { return c == '\n'; }),
                 "this is a listing of 'iptables -L'; the text of iptables-save can be read");
  ir::Ruleset empty;
  empty.source = std::move(source);
  empty.form = Form::L;
  return {{std::move(empty)}, findings.take(), true};
}

ParsedRules parseRules(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  Form form = options.form.value_or(recogniseForm(source->text()));
  if (form == Form::L)
    return refuse(std::move(source));
  return RulesReader(std::move(source), options).read();
}

} // namespace iptlint::parse
