#include "smt/Endings.h"
#include "smt/RangePairs.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

using ir::TargetKind;

/// Through more nested chains than the kernel of nft walks nothing is looked for.
constexpr unsigned kMostDepth = 16;

/// A packet may go from such a rule to the caller, or nobody knows where.
static bool mayLeave(const ir::Rule &rule) {
  return rule.broken || rule.target.kind == TargetKind::Return || rule.target.kind == TargetKind::Goto ||
         rule.target.kind == TargetKind::Opaque;
}

static bool givesVerdict(TargetKind kind) {
  return kind == TargetKind::Accept || kind == TargetKind::Drop || kind == TargetKind::Verdict;
}

/// Adds the rule's tests that the slice does not decide. \returns false where one cannot be judged.
bool Endings::add(const ir::Rule &rule, Needs &needs) const {
  for (const ir::Test &test : rule.tests) {
    std::optional<bool> decided = slice.known(test);
    const ir::RangeTest *range = unknowns.unwrittenRange(test);
    if (decided == false || (!decided && !range))
      return false;
    if (!decided)
      needs.push_back(range);
  }
  return true;
}

/// Of a rule after which a packet that meets its tests has met a verdict.
std::optional<Endings::Needs> Endings::needsOf(const ir::Rule &rule, unsigned depth) {
  bool calls = rule.target.kind == TargetKind::Jump && rule.target.chain != ir::kNoChain;
  Needs needs;
  if ((!calls && !givesVerdict(rule.target.kind)) || !add(rule, needs))
    return std::nullopt;
  if (!calls)
    return needs;
  std::optional<Needs> inside = needsOf(rule.target.chain, depth + 1);
  if (inside)
    needs.append(inside->begin(), inside->end());
  return inside ? std::optional(needs) : std::nullopt;
}

std::optional<Endings::Needs> Endings::findNeeds(uint32_t chain, unsigned depth) {
  for (const ir::Rule *rule : slice.rulesOf(chain)) {
    if (mayLeave(*rule))
      return std::nullopt;
    if (std::optional<Needs> needs = needsOf(*rule, depth))
      return needs;
  }
  return std::nullopt;
}

std::optional<Endings::Needs> Endings::needsOf(uint32_t chain, unsigned depth) {
  if (depth > kMostDepth)
    return std::nullopt;
  auto found = known.find(chain);
  if (found != known.end())
    return found->second;
  std::optional<Needs> needs = findNeeds(chain, depth);
  known.emplace(chain, needs);
  return needs;
}

bool Endings::endsFor(uint32_t chain, Tests tests) {
  std::optional<Needs> needs = needsOf(chain, 0);
  return needs && llvm::all_of(*needs, [&](const ir::RangeTest *need) {
           return llvm::any_of(tests.tests, [&](const ir::Test &test) {
             const ir::RangeTest *met = unknowns.unwrittenRange(test);
             return met && met->field == need->field && implies(*met, *need);
           });
         });
}

} // namespace iptlint::smt
