#include "parse/IptablesWords.h"
#include "parse/Line.h"
#include "parse/Tests.h"

namespace iptlint::parse {

/// Texts that are slices of a source which goes away become the saver's own.
static void keepTexts(ir::Rule &rule, llvm::UniqueStringSaver &strings) {
  rule.target.name = strings.save(rule.target.name);
  rule.target.options = strings.save(rule.target.options);
  for (ir::Test &test : rule.tests)
    if (auto *opaque = std::get_if<ir::OpaqueTest>(&test)) {
      opaque->text = strings.save(opaque->text);
      opaque->option = strings.save(opaque->option);
    }
  rule.words.clear();
  rule.interfaces.clear();
  rule.demands.clear();
  rule.at = {};
}

const ir::Rule *IptablesWords::read(const std::string &words, llvm::StringRef table) {
  auto [entry, isNew] = known.try_emplace(words);
  ir::Rule &rule = entry->second;
  if (isNew) {
    auto source = support::Source::fromText("-A NAME " + words, "words");
    llvm::BumpPtrAllocator memory;
    llvm::UniqueStringSaver texts(memory);
    Findings findings(*source);
    LineReader lines;
    Line line;
    lines.read(source->text(), line);
    Command command;
    readCommand(line, family, memory, findings, command);
    buildRule({.command = command,
               .family = family,
               .memory = memory,
               .strings = texts,
               .findings = findings,
               .rule = rule,
               .sets = nullptr,
               .normalTexts = true},
              {table, std::nullopt});
    rule.broken |= findings.incomplete || line.fault.has_value();
    keepTexts(rule, strings);
  }
  return rule.broken ? nullptr : &rule;
}

} // namespace iptlint::parse
