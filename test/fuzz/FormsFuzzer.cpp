// Any bytes as lists of `iptables -S`, as listings, as scripts and as text for nft: the readers do not crash, and
// everything that they find lies in the text. What they read without an error, but for nft's, is text for
// iptables-restore when it is printed: it is read without an error again, and says the same.
//
// The first byte, in its last four bits, says the family and the form: `2` for IPv4 and -S, `5` for IPv6 and -L, `8`
// for nft, `0` and `1` for what the text is recognised as.
#include "Demand.h"
#include "emit/Emit.h"
#include "parse/Parse.h"
#include "llvm/ADT/STLExtras.h"

using namespace iptlint;
using fuzz::demand;

static constexpr std::optional<ir::Form> kForms[] = {std::nullopt, ir::Form::S, ir::Form::L, ir::Form::Commands,
                                                     ir::Form::Nftables};

static void demandInside(const ir::Table &table, llvm::StringRef text) {
  for (const ir::Chain &chain : table.chains) {
    demand(fuzz::isInside(chain.at, text), "a chain lies outside the text", chain.name);
    for (const ir::Rule &rule : chain.rules) {
      demand(fuzz::isInside(rule.at, text), "a rule lies outside the text", chain.name);
      for (const ir::Demand &made : rule.demands)
        demand(fuzz::isInside(made.at, text), "a word lies outside the text", made.what);
      for (const ir::InterfaceName &interface : rule.interfaces)
        demand(fuzz::isInside(interface.at, text), "an interface lies outside the text", interface.name);
    }
  }
}

static bool hasErrors(const parse::ParsedRules &parsed) {
  return llvm::any_of(parsed.findings,
                      [](const support::Diagnostic &of) { return of.severity == support::Severity::Error; });
}

/// Rules that a script may leave or not are printed as comments.
static std::string withoutUnknown(llvm::StringRef printed) {
  std::string known;
  while (!printed.empty()) {
    auto [line, rest] = printed.split('\n');
    if (!line.startswith("# not known: "))
      known += (line + "\n").str();
    printed = rest;
  }
  return known;
}

/// Lines with the rules of each chain together: chains that the text does not declare come in the order in which they
/// are named, which says nothing.
static std::vector<llvm::StringRef> byChain(llvm::StringRef printed) {
  llvm::SmallVector<llvm::StringRef, 32> lines;
  printed.split(lines, '\n');
  auto chainOf = [](llvm::StringRef line) {
    line = line.drop_front(std::min(line.find("-A "), line.size()));
    return line.take_front(line.find(' ', 3));
  };
  for (auto begin = lines.begin(), end = begin; begin != lines.end(); begin = end) {
    end = std::find(begin, lines.end(), "COMMIT");
    end += end != lines.end();
    std::stable_sort(begin, end,
                     [&](llvm::StringRef left, llvm::StringRef right) { return chainOf(left) < chainOf(right); });
  }
  return {lines.begin(), lines.end()};
}

static void checkPrinted(const parse::ParsedRules &first) {
  std::string printed = withoutUnknown(emit::saveText(first.rulesets));
  parse::RulesOptions options;
  options.form = ir::Form::Save;
  if (first.rulesets.size() == 1)
    options.family = first.rulesets.front().family;
  parse::ParsedRules second = parse::parseRules(support::Source::fromText(printed), options);
  for (const support::Diagnostic &finding : second.findings)
    demand(finding.severity != support::Severity::Error, finding.message.c_str(), printed);
  std::string again = emit::saveText(second.rulesets);
  demand(byChain(again) == byChain(printed),
         ("it is printed otherwise when it is read again:\n" + again + "which was").c_str(), printed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  llvm::StringRef text(reinterpret_cast<const char *>(data) + 1, size - 1);
  parse::RulesOptions options{.family = data[0] & 1 ? packet::Family::IPv6 : packet::Family::IPv4,
                              .form = kForms[(data[0] >> 1 & 7) % std::size(kForms)],
                              .nftables = true};
  parse::ParsedRules parsed = parse::parseRules(support::Source::fromText(text), options);
  fuzz::demandInside(parsed.findings, text);
  for (const ir::Ruleset &ruleset : parsed.rulesets)
    for (const ir::Table &table : ruleset.tables)
      demandInside(table, text);
  ir::Form form = parsed.rulesets.front().form;
  bool translated = form != ir::Form::Save && form != ir::Form::Nftables;
  if (translated && !hasErrors(parsed))
    checkPrinted(parsed);
  return 0;
}
