#include "driver/ReadWhole.h"
#include "report/Line.h"
#include "report/Text.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

std::string firstError(const support::Source &source, llvm::ArrayRef<support::Diagnostic> findings) {
  auto error = llvm::find_if(findings, [](const support::Diagnostic &finding) {
    return finding.severity == support::Severity::Error;
  });
  if (error == findings.end())
    return "";
  support::LineColumn at = source.lineColumn(error->at.begin);
  return fmt::format("{}:{}:{}: {}", source.path().str(), at.line, at.column, error->message);
}

std::optional<parse::ParsedRules> readWhole(const std::string &path, const parse::RulesOptions &options,
                                            llvm::raw_ostream &err) {
  auto source = support::Source::read(path);
  if (!source) {
    err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
    return std::nullopt;
  }
  parse::ParsedRules parsed = parse::parseRules(*source, options);
  if (!parsed.incomplete)
    return parsed;
  std::string error = firstError(**source, parsed.findings);
  if (error.empty())
    error = (*source)->path().str() + ": not every line could be read";
  err << "iptlint: " << report::printable(error) << "\n";
  return std::nullopt;
}

void printErrors(std::shared_ptr<const support::Source> source, std::vector<support::Diagnostic> findings,
                 llvm::raw_ostream &err) {
  llvm::erase_if(findings,
                 [](const support::Diagnostic &finding) { return finding.severity != support::Severity::Error; });
  report::printText({{std::move(source), {}, std::move(findings), 0}}, /*colour=*/false, err);
}

} // namespace iptlint::driver
