// What is wrong with a route table's text, collected by the readers of both its forms.
#pragma once

#include "parse/Parse.h"

namespace iptlint::parse {

class RouteFindings {
public:
  RouteFindings(const support::Source &source, ParsedRoutes &parsed) : source(source), parsed(parsed) {}

  /// Something that could not be read. \p at must be a slice of the source.
  void error(llvm::StringRef at, std::string message) {
    parsed.incomplete = true;
    add("syntax", support::Severity::Error, at, std::move(message));
  }

  /// Something that was read in a way the reader of the text should know of.
  void note(llvm::StringRef at, std::string message) { add("syntax", support::Severity::Info, at, std::move(message)); }

  void carriageReturn(llvm::StringRef at) {
    add("line-endings", support::Severity::Warning, at, "lines end in a carriage return");
  }

private:
  void add(const char *check, support::Severity severity, llvm::StringRef at, std::string message) {
    parsed.findings.push_back({check, severity, source.rangeOf(at), {}, std::move(message), {}, {}});
  }

  const support::Source &source;
  ParsedRoutes &parsed;
};

} // namespace iptlint::parse
