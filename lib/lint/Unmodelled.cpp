#include "lint/Unmodelled.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::lint {

/// The options of one rule, each once.
static llvm::SmallVector<std::string, 2> optionsOf(const ir::Rule &rule) {
  llvm::SmallVector<std::string, 2> options;
  for (const ir::Test &test : rule.tests)
    if (const auto *opaque = std::get_if<ir::OpaqueTest>(&test))
      options.push_back(opaque->option.str());
  if (rule.target.kind == ir::TargetKind::Opaque && !rule.target.name.empty())
    options.push_back("-j " + rule.target.name.str());
  llvm::sort(options);
  options.erase(std::unique(options.begin(), options.end()), options.end());
  return options;
}

std::vector<Unmodelled> unmodelledOptions(const ir::Ruleset &ruleset) {
  std::vector<Unmodelled> all;
  llvm::StringMap<size_t> known;
  for (const ir::Table &table : ruleset.tables)
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules) {
        if (table.replaced || rule.broken)
          continue;
        for (std::string &option : optionsOf(rule)) {
          auto [at, isNew] = known.try_emplace(option, all.size());
          if (isNew)
            all.push_back({option, 0, rule.at});
          ++all[at->second].rules;
        }
      }
  llvm::stable_sort(all, [](const Unmodelled &l, const Unmodelled &r) { return l.first.begin < r.first.begin; });
  return all;
}

} // namespace iptlint::lint
