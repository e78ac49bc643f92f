// Any bytes: the reader does not crash. What it reads without a finding, printed and read again,
// prints the same and means the same. Listings and scripts are not among what is tried: they become such text.
#include "emit/Emit.h"
#include "parse/Parse.h"
#include <cstdio>
#include <cstdlib>

using namespace iptlint;

static parse::ParsedRules read(llvm::StringRef text, packet::Family family) {
  return parse::parseRules(support::Source::fromText(text), {.family = family, .form = ir::Form::Save});
}

static void demand(bool holds, const char *what, llvm::StringRef printed) {
  if (holds)
    return;
  std::fprintf(stderr, "%s; printed:\n%s\n", what, printed.str().c_str());
  std::abort();
}

static bool sameTarget(const ir::Target &left, const ir::Target &right) {
  return left.kind == right.kind && left.name == right.name && left.options == right.options &&
         left.chain == right.chain && left.writes == right.writes && left.writesIf == right.writesIf &&
         left.rewritesUnmodelled == right.rewritesUnmodelled;
}

static bool sameRule(const ir::Rule &left, const ir::Rule &right) {
  return left.words == right.words && left.counters == right.counters && left.tests == right.tests &&
         sameTarget(left.target, right.target) && left.comment == right.comment && left.broken == right.broken &&
         left.insertNumber == right.insertNumber;
}

static bool sameChain(const ir::Chain &left, const ir::Chain &right) {
  return left.name == right.name && left.declared == right.declared && left.hook == right.hook &&
         left.policy == right.policy && left.counters == right.counters &&
         std::equal(left.rules.begin(), left.rules.end(), right.rules.begin(), right.rules.end(), sameRule);
}

static bool sameTable(const ir::Table &left, const ir::Table &right) {
  return left.name == right.name && left.commit.has_value() == right.commit.has_value() &&
         left.replaced == right.replaced && left.fragment == right.fragment &&
         std::equal(left.chains.begin(), left.chains.end(), right.chains.begin(), right.chains.end(), sameChain);
}

/// -F and -X take away what stands before them, which is then not printed: chains may come in another order.
static bool takesAway(llvm::StringRef text) {
  for (llvm::StringRef option : {"-F", "-X", "--fl", "--delete-c"})
    if (text.contains(option))
      return true;
  return false;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  packet::Family family = data[0] & 1 ? packet::Family::IPv6 : packet::Family::IPv4;
  llvm::StringRef text(reinterpret_cast<const char *>(data) + 1, size - 1);
  parse::ParsedRules first = read(text, family);
  std::string printed = emit::rulesText(first.rulesets);
  if (!first.findings.empty() || takesAway(text))
    return 0;
  parse::ParsedRules second = read(printed, family);
  demand(second.findings.empty(), "printing made a finding", printed);
  demand(emit::rulesText(second.rulesets) == printed, "printed again, it is another text", printed);
  const auto &before = first.rulesets[0].tables, &after = second.rulesets[0].tables;
  demand(std::equal(before.begin(), before.end(), after.begin(), after.end(), sameTable), "it means something else",
         printed);
  return 0;
}
