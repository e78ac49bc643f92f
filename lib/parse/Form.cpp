#include "parse/Form.h"
#include "parse/Listing.h"
#include "parse/ListingRow.h"
#include "parse/RulesReader.h"
#include <optional>

namespace iptlint::parse {

using ir::Form;

/// The form that alone has such a line; nothing where several have it, or none.
static std::optional<Form> formOfLine(llvm::StringRef line) {
  if (readHeading(line) || readColumns(line))
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

ParsedRules parseRules(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  Form form = options.form.value_or(recogniseForm(source->text()));
  if (form == Form::L)
    return parseListing(std::move(source), options);
  return RulesReader(std::move(source), options).read();
}

} // namespace iptlint::parse
