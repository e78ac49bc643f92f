// Counts through the tables of a family, like an odometer with a wheel for each rule.
#include "Families.h"
#include "llvm/ADT/Sequence.h"
#include <cassert>
#include <unordered_map>

namespace iptlint::oracle {

namespace {

/// What may stand at one place of a shape.
struct Slot {
  uint32_t chain;
  uint32_t rule;
  llvm::ArrayRef<Act> acts;      ///< of the family, those that lead backwards included
  std::vector<unsigned> allowed; ///< indices into acts
};

class Wheels {
public:
  Wheels(const Family &family, const Shape &shape);

  /// Whether the table is to be visited; it is built by build() only.
  bool isCanonical() const;
  const ir::Table &build();
  bool turn();
  /// Which conditions and acts the table has; tables with the same key have the same packets.
  uint64_t key() const;

private:
  struct Position {
    unsigned condition = 0, act = 0;
    bool built = false;
  };
  const Act &actAt(size_t slot) const { return slots[slot].acts[slots[slot].allowed[positions[slot].act]]; }
  bool everyChainIsNamed() const;
  bool isLeastOfMirrored() const;

  const Family &family;
  std::vector<Slot> slots;
  std::vector<Position> positions;
  std::vector<unsigned> mirror; ///< by condition; empty if the family is not symmetric
  ir::Table table;
};

} // namespace

/// The words with 0.0.0.0/32 and 0.0.0.1/32 as source exchanged.
static std::string mirrored(std::string words) {
  const std::string zero = "-s 0.0.0.0/32", one = "-s 0.0.0.1/32";
  for (size_t at = 0; (at = words.find("-s 0.0.0.", at)) != std::string::npos; at += zero.size())
    if (words.compare(at, zero.size(), zero) == 0)
      words.replace(at, zero.size(), one);
    else if (words.compare(at, one.size(), one) == 0)
      words.replace(at, one.size(), zero);
  return words;
}

static std::vector<unsigned> mirrorOf(llvm::ArrayRef<Condition> conditions) {
  std::vector<unsigned> mirror;
  for (const Condition &condition : conditions) {
    auto *image =
        llvm::find_if(conditions, [&](const Condition &other) { return other.words == mirrored(condition.words); });
    if (image == conditions.end())
      return {};
    mirror.push_back(unsigned(image - conditions.begin()));
  }
  return mirror;
}

static Slot slotOf(const Family &family, const Shape &shape, uint32_t chain, uint32_t rule) {
  Slot slot{chain, rule, shape[chain].hook ? family.acts : family.userActs, {}};
  for (unsigned act = 0; act != slot.acts.size(); ++act) {
    uint32_t target = slot.acts[act].target.chain;
    if (target == ir::kNoChain || (target > chain && target < shape.size() && !shape[target].hook))
      slot.allowed.push_back(act);
  }
  return slot;
}

Wheels::Wheels(const Family &family, const Shape &shape) : family(family), mirror(mirrorOf(family.conditions)) {
  for (uint32_t chain = 0; chain != shape.size(); ++chain) {
    const ChainShape &each = shape[chain];
    ir::Chain &made = table.chains.emplace_back();
    made.name = each.hook ? packet::name(*each.hook) : userChainName(chain);
    made.declared = true;
    made.hook = each.hook;
    made.policy = each.policy;
    made.rules.resize(each.rules);
    for (uint32_t rule = 0; rule != each.rules; ++rule)
      slots.push_back(slotOf(family, shape, chain, rule));
  }
  table.name = "filter";
  positions.resize(slots.size());
}

bool Wheels::everyChainIsNamed() const {
  for (uint32_t chain = 0; chain != table.chains.size(); ++chain) {
    auto names = [&](size_t slot) { return actAt(slot).target.chain == chain; };
    if (!table.chains[chain].hook && llvm::none_of(llvm::seq<size_t>(0, slots.size()), names))
      return false;
  }
  return true;
}

bool Wheels::isLeastOfMirrored() const {
  if (mirror.empty())
    return true;
  for (const Position &position : positions)
    if (mirror[position.condition] != position.condition)
      return position.condition < mirror[position.condition];
  return true;
}

bool Wheels::isCanonical() const {
  return isLeastOfMirrored() && (family.unnamedChains || everyChainIsNamed());
}

const ir::Table &Wheels::build() {
  for (size_t slot = 0; slot != slots.size(); ++slot) {
    Position &position = positions[slot];
    if (!position.built)
      table.chains[slots[slot].chain].rules[slots[slot].rule] =
          makeRule(family.conditions[position.condition], actAt(slot));
    position.built = true;
  }
  return table;
}

bool Wheels::turn() {
  for (size_t slot = slots.size(); slot-- != 0;) {
    Position &position = positions[slot];
    position.built = false;
    if (++position.act != slots[slot].allowed.size())
      return true;
    position.act = 0;
    if (++position.condition != family.conditions.size())
      return true;
    position.condition = 0;
  }
  return false;
}

uint64_t Wheels::key() const {
  assert(family.conditions.size() <= 20 && family.acts.size() <= 20 && family.userActs.size() <= 20 &&
         "a key has 64 bits");
  uint64_t key = 0;
  for (size_t slot = 0; slot != slots.size(); ++slot) {
    unsigned act = slots[slot].allowed[positions[slot].act];
    bool isUser = !table.chains[slots[slot].chain].hook;
    key |= uint64_t(1) << positions[slot].condition | uint64_t(1) << (act + (isUser ? 40 : 20));
  }
  return key;
}

uint64_t enumerate(const Family &family, unsigned stride,
                   llvm::function_ref<bool(const ir::Table &, const Universe &)> visit) {
  uint64_t canonical = 0, visited = 0;
  for (const Shape &shape : family.shapes) {
    std::unordered_map<uint64_t, std::unique_ptr<Universe>> universes;
    Wheels wheels(family, shape);
    do {
      if (!wheels.isCanonical() || canonical++ % stride != 0)
        continue;
      const ir::Table &table = wheels.build();
      std::unique_ptr<Universe> &universe = universes[wheels.key()];
      if (!universe)
        universe = std::make_unique<Universe>(spaceOf(table));
      ++visited;
      if (!visit(table, *universe))
        return visited;
    } while (wheels.turn());
  }
  return visited;
}

} // namespace iptlint::oracle
