#include "lint/Translations.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

using packet::Field;
using packet::Hook;
using packet::Value;

ir::Table withRefusals(const ir::Table &nat, llvm::ArrayRef<ir::RuleId> rules) {
  ir::Table made = nat;
  for (ir::RuleId rule : rules) {
    ir::Target &target = made.chains[rule.chain].rules[rule.rule].target;
    target = ir::Target();
    target.kind = ir::TargetKind::Drop;
  }
  return made;
}

analysis::Kind like(const packet::Packet &packet, Hook hook, Value ctstate) {
  analysis::Kind kind = plainOf(hook, ctstate);
  for (Field field : {Field::In, Field::Src, Field::Dst, Field::Proto, Field::Sport, Field::Dport, Field::TcpFlags})
    kind.push_back(is(field, packet[field]));
  return kind;
}

void replace(analysis::Kind &kind, Field field, Value value) {
  llvm::erase_if(kind, [&](const ir::Test &test) {
    const auto *range = std::get_if<ir::RangeTest>(&test);
    return range && range->field == field;
  });
  kind.push_back(is(field, value));
}

analysis::Kind translatedLike(const packet::Packet &packet, Hook hook) {
  analysis::Kind kind = like(packet, hook, Value(packet::CtState::New) | packet::kCtDnat);
  llvm::erase_if(kind, [](const ir::Test &test) { return std::get<ir::RangeTest>(test).field == Field::CtStatus; });
  return kind;
}

} // namespace iptlint::lint
