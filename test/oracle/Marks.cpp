#include "Marks.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace iptlint::oracle {

using ir::Field;

/// The masks and values by which bits of the mark are told apart; nothing where no rule asks for it.
static std::vector<uint32_t> patternsOf(const ir::Table &table) {
  std::vector<uint32_t> patterns;
  bool asked = false;
  auto addTest = [&](const auto &test) {
    if constexpr (std::is_same_v<std::decay_t<decltype(test)>, ir::MaskTest>)
      if (test.field == Field::Mark) {
        patterns.insert(patterns.end(), {uint32_t(test.mask), uint32_t(test.value)});
        asked = true;
      }
  };
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      for (const ir::Test &test : rule.tests) {
        std::visit(addTest, test);
        if (auto *members = std::get_if<ir::UnionTest>(&test))
          for (const ir::Alternative &alternative : *members->alternatives)
            for (const auto &part : alternative)
              std::visit(addTest, part);
      }
      for (const ir::Write &write : rule.target.writes)
        if (write.field == Field::Mark)
          patterns.insert(patterns.end(), {uint32_t(write.keep), uint32_t(write.flip)});
    }
  return asked ? patterns : std::vector<uint32_t>{};
}

Marks::Marks(const ir::Table &table) {
  std::vector<uint32_t> patterns = patternsOf(table);
  std::map<std::vector<bool>, uint32_t> bySignature;
  for (unsigned bit = 0; bit != 32 && !patterns.empty(); ++bit) {
    std::vector<bool> signature;
    for (uint32_t pattern : patterns)
      signature.push_back(pattern >> bit & 1);
    bySignature[signature] |= uint32_t(1) << bit;
  }
  values = {0};
  for (const auto &[signature, group] : bySignature) {
    groups.push_back(group);
    std::vector<uint32_t> more;
    for (uint32_t value : values)
      for (uint32_t part : {uint32_t(0), group, group & -group})
        if (!llvm::is_contained(more, value | part))
          more.push_back(value | part);
    values = std::move(more);
  }
}

uint32_t Marks::standsFor(uint32_t mark) const {
  uint32_t value = 0;
  for (uint32_t group : groups)
    value |= (mark & group) == 0 || (mark & group) == group ? mark & group : group & -group;
  return value;
}

std::vector<uint32_t> Marks::after(const ir::Target &target, uint32_t mark) const {
  std::vector<uint32_t> marks = {mark};
  for (const ir::Write &write : target.writes) {
    if (write.field != Field::Mark)
      continue;
    std::vector<uint32_t> written;
    for (uint32_t before : marks)
      for (uint32_t any : write.known ? std::vector<uint32_t>{0} : values) {
        uint32_t value = write.known ? (before & uint32_t(write.keep)) ^ uint32_t(write.flip)
                                     : (before & uint32_t(write.keep)) | (any & ~uint32_t(write.keep));
        if (!llvm::is_contained(written, standsFor(value)))
          written.push_back(standsFor(value));
      }
    marks = std::move(written);
  }
  return marks;
}

} // namespace iptlint::oracle
