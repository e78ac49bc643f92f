// Which fields a test reads. What the test means is for eval, analysis and smt to say.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::ir {

/// Calls visit(field, bits) for each field that \p test reads, with the bits of it that matter: all for ranges. A field
/// may come up more than once; opaque conditions read none.
template <typename Visit> void forEachRead(const RangeTest &test, Visit visit) {
  visit(test.field, ~Value(0));
  if (test.orField)
    visit(*test.orField, ~Value(0));
}
template <typename Visit> void forEachRead(const MaskTest &test, Visit visit) {
  visit(test.field, test.mask);
}
template <typename Visit> void forEachRead(const OpaqueTest &, Visit) {}
template <typename Visit> void forEachRead(const UnionTest &test, Visit visit) {
  for (const Alternative &alternative : *test.alternatives)
    for (const auto &part : alternative)
      std::visit([&](const auto &each) { forEachRead(each, visit); }, part);
}
template <typename Visit> void forEachRead(const Test &test, Visit visit) {
  std::visit([&](const auto &each) { forEachRead(each, visit); }, test);
}

} // namespace iptlint::ir
