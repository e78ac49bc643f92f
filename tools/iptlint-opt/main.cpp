// iptlint-opt: prints a rule set or a route table as it was read.
//
// For those who work on iptlint itself; users have iptlint.
#include "emit/Emit.h"
#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"

using namespace iptlint;

static void print(const support::Source &source, const support::Diagnostic &finding) {
  support::LineColumn at = source.lineColumn(finding.at.begin);
  llvm::errs() << source.path() << ':' << at.line << ':' << at.column << ": " << support::name(finding.severity) << ": "
               << finding.message << " [" << finding.check << "]\n";
}

static int usage() {
  llvm::errs()
      << "usage: iptlint-opt [--family=4|6|--routes] FILE\n"
         "Prints the rule set in FILE (- for standard input), with --routes the route table, as it was read.\n";
  return 2;
}

static std::optional<packet::Family> familyOption(llvm::StringRef argument) {
  if (argument == "--family=4")
    return packet::Family::IPv4;
  if (argument == "--family=6")
    return packet::Family::IPv6;
  return std::nullopt;
}

static int printRules(std::shared_ptr<const support::Source> source, std::optional<packet::Family> family) {
  parse::ParsedRules parsed = parse::parseRules(source, family);
  for (const support::Diagnostic &finding : parsed.findings)
    print(*source, finding);
  llvm::outs() << emit::rulesText(parsed.rulesets);
  return parsed.incomplete ? 2 : 0;
}

static int printRoutes(std::shared_ptr<const support::Source> source) {
  parse::ParsedNetwork parsed = parse::parseRoutes(source);
  for (const support::Diagnostic &finding : parsed.findings)
    print(*source, finding);
  llvm::outs() << emit::networkText(parsed.network);
  return parsed.incomplete ? 2 : 0;
}

int main(int count, char **arguments) {
  llvm::SmallVector<llvm::StringRef, 2> words(arguments + 1, arguments + count);
  std::optional<packet::Family> family;
  bool routes = words.size() == 2 && words[0] == "--routes";
  if (words.size() == 2 && (routes || (family = familyOption(words[0]))))
    words.erase(words.begin());
  if (words.size() != 1 || (words[0].startswith("-") && words[0] != "-"))
    return usage();
  auto source = support::Source::read(words[0]);
  if (!source) {
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  return routes ? printRoutes(*source) : printRules(*source, family);
}
