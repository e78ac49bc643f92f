#include "tree/Calls.h"
#include <fmt/format.h>

namespace iptlint::tree {

namespace {

enum class Colour : uint8_t { White, Grey, Black };

struct Frame {
  uint32_t chain;
  size_t rule = 0;
};

} // namespace

static std::string complaint(const ir::Table &table, ir::RuleId id, const std::string &what) {
  return fmt::format("{} rule {} {}", table.chains[id.chain].name.str(), id.rule + 1, what);
}

/// What keeps a rule out of any tree; empty: nothing.
static std::string whyNotRule(const ir::Table &table, ir::RuleId id, const std::vector<Colour> &colours) {
  const ir::Rule &rule = table.chains[id.chain].rules[id.rule];
  if (rule.broken)
    return complaint(table, id, "could not be read");
  if (!isLeading(rule.target))
    return "";
  if (rule.target.chain == ir::kNoChain)
    return complaint(table, id, "leads to a chain that does not exist: " + rule.target.name.str());
  if (colours[rule.target.chain] == Colour::Grey)
    return complaint(table, id, "leads in a circle, to " + rule.target.name.str());
  return "";
}

Calls callsFrom(const ir::Table &table, uint32_t chain) {
  Calls calls;
  std::vector<Colour> colours(table.chains.size(), Colour::White);
  std::vector<Frame> stack{{chain}};
  colours[chain] = Colour::Grey;
  while (!stack.empty()) {
    Frame &top = stack.back();
    const std::vector<ir::Rule> &rules = table.chains[top.chain].rules;
    if (top.rule == rules.size()) {
      colours[top.chain] = Colour::Black;
      calls.calleesFirst.push_back(top.chain);
      calls.rules += rules.size();
      stack.pop_back();
      continue;
    }
    ir::RuleId id{top.chain, uint32_t(top.rule++)};
    if (std::string why = whyNotRule(table, id, colours); !why.empty() && calls.whyNot.empty())
      calls.whyNot = why;
    const ir::Target &target = rules[id.rule].target;
    if (isLeading(target) && target.chain != ir::kNoChain && colours[target.chain] == Colour::White) {
      colours[target.chain] = Colour::Grey;
      stack.push_back({target.chain});
    }
  }
  return calls;
}

} // namespace iptlint::tree
