#include "analysis/MarkReads.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::analysis {

/// Matches that look at no mark though they are not modelled.
static constexpr llvm::StringLiteral kBlindToMarks[] = {"-m limit",     "-m hashlimit", "-m recent",
                                                        "-m statistic", "-m connlimit", "-m string",
                                                        "-m quota",     "-m time",      "-m u32"};

/// What shows a packet's mark outside of the rules.
static constexpr llvm::StringLiteral kShowMark[] = {"LOG", "NFLOG", "ULOG", "TRACE", "QUEUE", "NFQUEUE"};

static Parts allMarks() {
  Parts parts;
  parts.markBits = parts.flowMarkBits = ~uint32_t(0);
  return parts;
}

static bool mayReadAnything(const ir::Test &test) {
  const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
  return opaque && !llvm::is_contained(kBlindToMarks, opaque->option);
}

/// CT can take the zone from the mark: `--zone-orig mark`.
static bool mayReadAnything(const ir::Rule &rule) {
  return mayDoAnything(rule) || llvm::any_of(rule.tests, [](const ir::Test &test) { return mayReadAnything(test); }) ||
         llvm::is_contained(kShowMark, rule.target.name) ||
         (rule.target.name == "CT" && rule.target.options.contains("mark"));
}

Parts marksRead(llvm::ArrayRef<const ir::Table *> tables) {
  Parts read;
  for (const ir::Table *table : tables)
    for (const ir::Chain &chain : table->chains)
      for (const ir::Rule &rule : chain.rules)
        read |= mayReadAnything(rule) ? allMarks() : partsRead(rule) | partsReadByTarget(rule);
  return read;
}

} // namespace iptlint::analysis
