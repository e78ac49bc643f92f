// Marks and ranges of addresses.
#include "parse/Tests.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Field;
using packet::Value;

void addMarkTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "mark");
  if (!use)
    return;
  if (auto mark = parseMarkMask(builder.value(*use)))
    builder.addMask(Field::Mark, mark->mask, mark->value, use->negated);
  else
    builder.refuse(*use, "mark");
}

/// `first-last`, or one address. A range that is the wrong way round holds no address.
static void addAddressRange(RuleBuilder &builder, const Use &use, Field field) {
  llvm::StringRef text = builder.value(use);
  auto [first, last] = text.split('-');
  auto lo = parseAddressBlock(first, builder.family);
  auto hi = first == text ? lo : parseAddressBlock(last, builder.family);
  if (!lo || !hi || first.contains('/') || last.contains('/'))
    return builder.refuse(use, "range of addresses");
  llvm::SmallVector<ir::Interval, 1> ranges;
  if (lo->address <= hi->address)
    ranges.push_back({lo->address, hi->address});
  builder.addRanges(field, std::move(ranges), use.negated);
}

void addIprangeTests(RuleBuilder &builder, unsigned module) {
  const Use *src = builder.command.find(module, "src-range"), *dst = builder.command.find(module, "dst-range");
  if (src)
    addAddressRange(builder, *src, Field::Src);
  if (dst)
    addAddressRange(builder, *dst, Field::Dst);
  if (!src && !dst)
    builder.error(builder.command.modules[module].at, "'iprange' needs '--src-range' or '--dst-range'");
}

} // namespace iptlint::parse
