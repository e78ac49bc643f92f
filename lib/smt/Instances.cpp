#include "smt/Instances.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::smt {

static bool keepsState(const ir::Rule &rule) {
  return rule.target.kind == ir::TargetKind::Opaque || llvm::any_of(rule.tests, [](const ir::Test &test) {
           const auto *opaque = std::get_if<ir::OpaqueTest>(&test);
           return opaque && opaque->opacity == ir::Opacity::Stateful;
         });
}

Instances::Instances(const ir::Table &table) {
  std::map<std::string, unsigned> seen;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules)
      if (keepsState(rule)) {
        std::string name = fmt::format("{} {}", chain.name.str(), llvm::join(rule.words, " "));
        unsigned number = ++seen[name];
        names.emplace(&rule, fmt::format("{} #{}", name, number));
      }
}

llvm::StringRef Instances::ruleName(const ir::Rule &rule) const {
  auto found = names.find(&rule);
  return found == names.end() ? llvm::StringRef() : llvm::StringRef(found->second);
}

std::string Instances::nameOf(const ir::Rule &rule, const ir::OpaqueTest &test, size_t position) const {
  return fmt::format("{} [{}] in {}", test.text.str(), position, names.at(&rule));
}

std::string Instances::nameOfTarget(const ir::Rule &rule) const {
  return fmt::format("{} {} in {}", rule.target.name.str(), rule.target.options.str(), names.at(&rule));
}

} // namespace iptlint::smt
