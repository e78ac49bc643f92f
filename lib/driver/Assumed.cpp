#include "driver/Assumed.h"
#include "eval/Eval.h"
#include "ir/Reads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <bitset>
#include <set>

namespace iptlint::driver {

namespace {

/// Only tests of fields are evaluated here.
class NothingToAsk final : public eval::Oracle {
  [[noreturn]] static void asked() { llvm_unreachable("a test of a field asks nothing"); }
  bool meets(const ir::OpaqueTest &) override { asked(); }
  bool holdsAfterRewrite(const ir::OpaqueTest &, unsigned) override { asked(); }
  packet::Value anyValue(packet::Field) override { asked(); }
  bool opaqueTargetEnds(const ir::Rule &) override { asked(); }
  bool brokenRuleMatches(const ir::Rule &) override { asked(); }
  bool policyAccepts(const ir::Chain &) override { asked(); }
};

} // namespace

using Fields = std::bitset<packet::kFieldCount>;

/// Fields that a target of the table may change before a rule is reached.
static Fields writtenFields(const ir::Table &table) {
  Fields written;
  for (const ir::Chain &chain : table.chains)
    for (const ir::Rule &rule : chain.rules) {
      if (rule.target.kind == ir::TargetKind::Opaque)
        return written.set();
      for (const ir::Write &write : rule.target.writes)
        written.set(unsigned(write.field));
    }
  return written;
}

static bool reads(const ir::Test &test, const Fields &fields) {
  bool any = false;
  ir::forEachRead(test, [&](packet::Field field, packet::Value) { any |= fields[unsigned(field)]; });
  return any;
}

/// Whether the packet could meet everything else the rule asks for.
static bool meetsTheRest(const ir::Rule &rule, const packet::Packet &packet, const Fields &written) {
  NothingToAsk oracle;
  return llvm::all_of(rule.tests, [&](const ir::Test &test) {
    return std::holds_alternative<ir::OpaqueTest>(test) || reads(test, written) || eval::meets(test, packet, oracle);
  });
}

packet::Packet withoutIdleAssumptions(packet::Packet witness, const ir::Table &table, ir::RuleId rule) {
  if (witness.assume.empty())
    return witness;
  Fields written = writtenFields(table);
  std::set<llvm::StringRef> used;
  for (uint32_t c = 0; c != table.chains.size(); ++c) {
    const ir::Chain &chain = table.chains[c];
    if (chain.hook && *chain.hook != witness.hook())
      continue;
    bool behindIsIdle = c == rule.chain && chain.hook;
    size_t end = behindIsIdle ? rule.rule + 1 : chain.rules.size();
    for (const ir::Rule &of : llvm::makeArrayRef(chain.rules).take_front(end))
      for (const ir::Test &test : of.tests)
        if (const auto *opaque = std::get_if<ir::OpaqueTest>(&test); opaque && meetsTheRest(of, witness, written))
          used.insert(opaque->text);
  }
  for (auto at = witness.assume.begin(); at != witness.assume.end();)
    at = used.count(at->first) ? std::next(at) : witness.assume.erase(at);
  return witness;
}

} // namespace iptlint::driver
