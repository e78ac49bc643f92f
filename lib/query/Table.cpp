// Parts in one table at one hook, rule by rule: what matches goes to the target, the rest goes on.
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using ir::TargetKind;

struct Walk::Passing {
  packet::Hook hook;
  uint32_t table;
  uint32_t builtIn;
  std::vector<Item> work;
  Parts accepted;
};

/// Whether a rule leaves packets as they are and lets them go on, so that nobody need know which it matches.
bool Walk::isIdle(uint32_t table, const ir::Rule &rule) {
  const ir::Target &target = rule.target;
  if (rule.broken)
    return false;
  if (target.kind == TargetKind::None)
    return true;
  if (target.kind == TargetKind::Continue)
    return target.writes.empty() && !target.rewritesUnmodelled;
  return target.kind == TargetKind::Jump && target.chain != ir::kNoChain && isIdleChain(table, target.chain);
}

bool Walk::isIdleChain(uint32_t table, uint32_t chain) {
  auto known = idleChains.find({table, chain});
  if (known != idleChains.end())
    return known->second;
  bool idle = llvm::all_of(rules().tables[table].chains[chain].rules, [&](const ir::Rule &rule) {
    return isIdle(table, rule) || (!rule.broken && rule.target.kind == TargetKind::Return);
  });
  return idleChains[{table, chain}] = idle;
}

/// An answer is not given to an ICMP error, and with tcp-reset to a RST.
/// Source: net/ipv4/netfilter/nf_reject_ipv4.c; net/ipv4/icmp.c, __icmp_send().
void Walk::reject(Part part, const ir::Target &target, const Decider &decider) {
  constexpr Value kRst = 4;
  bool four = question.family == packet::Family::IPv4;
  Ranges errors = four ? Ranges{{3 << 8, (6 << 8) - 1}, {11 << 8, (13 << 8) - 1}} : Ranges{{0, (128 << 8) - 1}};
  std::pair<Value, Asked> silent[] = {
      {four ? packet::kIcmp : packet::kIcmpv6, ask(part, Field::Icmp, false, errors)},
      {packet::kTcp, ask(part, ir::MaskTest{Field::TcpFlags, false, kRst, kRst})},
  };
  bool isLeft = true;
  for (auto &[protocol, asked] : silent) {
    if (!isLeft || (protocol == packet::kTcp && target.answer != "tcp-reset"))
      continue;
    Asked ofProtocol = ask(part, Field::Proto, false, ir::Interval{protocol, protocol});
    for (const Box &box : ofProtocol.boxes)
      llvm::erase_if(asked.boxes, [&](Box &each) { return !each.restrict(box); });
    if (ofProtocol.boxes.empty())
      continue;
    for (Part &piece : cut(part, asked, isLeft))
      end(std::move(piece), Ending::Reject, "", decider);
  }
  if (isLeft)
    end(std::move(part), Ending::Reject, target.answer.str(), decider);
}

void Walk::obeyVerdict(Passing &passing, Part part, const ir::Rule &rule, const Decider &decider) {
  const ir::Target &target = rule.target;
  if (target.nat) {
    Parts translated = translate(std::move(part), passing.hook, target);
    std::move(translated.begin(), translated.end(), std::back_inserter(passing.accepted));
  } else if (target.name == "REJECT") {
    reject(std::move(part), target, decider);
  } else if (target.name == "TPROXY") {
    std::string condition = "a transparent socket listens for TPROXY " + target.options.str();
    Part dropped = part;
    dropped.conditions.push_back({condition, false, lineOf(rule), {}});
    end(std::move(dropped), Ending::Drop, "no transparent socket listens for TPROXY", decider);
    part.conditions.push_back({condition, true, lineOf(rule), {}});
    for (const ir::Write &each : target.handsOn)
      write(part, each);
    passing.accepted.push_back(std::move(part));
  } else if (target.name == "QUEUE" || target.name == "NFQUEUE") {
    end(std::move(part), Ending::Unknown, "a program decides, to which " + target.name.str() + " hands the packet");
  } else {
    end(std::move(part), Ending::Unknown, "what " + target.name.str() + " does is not modelled");
  }
}

/// What a rule does to the packets that it matched. The top frame stands behind it already.
void Walk::obey(Passing &passing, Item item, uint32_t chain, uint32_t number) {
  Decider decider{passing.table, chain, number};
  const ir::Rule &rule = ruleOf(decider);
  const ir::Target &target = rule.target;
  bool undefined = (target.kind == TargetKind::Jump || target.kind == TargetKind::Goto) && target.chain == ir::kNoChain;
  if (undefined || target.kind == TargetKind::Opaque)
    return end(std::move(item.part), Ending::Unknown,
               fmt::format("what {} does (line {}) is not known", target.name.str(), lineOf(rule)));
  switch (target.kind) {
  case TargetKind::Accept:
    return passing.accepted.push_back(std::move(item.part));
  case TargetKind::Drop:
    return end(std::move(item.part), Ending::Drop, "", decider);
  case TargetKind::Verdict:
    return obeyVerdict(passing, std::move(item.part), rule, decider);
  case TargetKind::Return:
    item.frames.pop_back();
    break;
  case TargetKind::Jump:
    item.frames.push_back({target.chain, 0});
    break;
  case TargetKind::Goto:
    item.frames.back() = {target.chain, 0};
    break;
  case TargetKind::Continue: {
    bool isLeft = true;
    if (target.writesIf) {
      Asked asked = ask(item.part, *target.writesIf);
      if (asked.kind == Asked::Kind::Unclear)
        return end(std::move(item.part), Ending::Unknown,
                   fmt::format("whether {} writes (line {}) is not known", target.name.str(), lineOf(rule)));
      Item written{item.part, item.frames};
      for (Part &piece : cut(item.part, asked, isLeft)) {
        for (const ir::Write &each : target.writes)
          write(piece, each);
        piece.rewritings += target.rewritesUnmodelled;
        passing.work.push_back({std::move(piece), item.frames});
      }
    } else {
      for (const ir::Write &each : target.writes)
        write(item.part, each);
      item.part.rewritings += target.rewritesUnmodelled;
    }
    if (!isLeft)
      return;
    break;
  }
  case TargetKind::None:
  case TargetKind::Opaque:
    break;
  }
  passing.work.push_back(std::move(item));
}

void Walk::obeyPolicy(Passing &passing, Part part) {
  const ir::Table &table = rules().tables[passing.table];
  const ir::Chain &chain = table.chains[passing.builtIn];
  Decider decider{passing.table, passing.builtIn, 0, /*policy=*/true};
  if (chain.policy == ir::Policy::Accept)
    return passing.accepted.push_back(std::move(part));
  if (chain.policy == ir::Policy::Drop)
    return end(std::move(part), Ending::Drop, "", decider);
  std::string condition = fmt::format("the policy of {} {} is ACCEPT", table.name.str(), chain.name.str());
  Part dropped = part;
  dropped.conditions.push_back({condition, false, 0, {}});
  end(std::move(dropped), Ending::Drop, "", decider);
  part.conditions.push_back({condition, true, 0, {}});
  passing.accepted.push_back(std::move(part));
}

/// One part to where it ends, leaves the table, or nothing is left of it; what rules take of it is put aside.
void Walk::goThrough(Passing &passing, Item item) {
  while (!item.frames.empty()) {
    uint32_t chain = item.frames.back().chain, number = item.frames.back().rule++;
    const std::vector<ir::Rule> &inChain = rules().tables[passing.table].chains[chain].rules;
    if (number >= inChain.size()) {
      item.frames.pop_back();
      continue;
    }
    const ir::Rule &rule = inChain[number];
    if (rule.broken)
      return end(std::move(item.part), Ending::Unknown,
                 fmt::format("the rule in line {} could not be read", lineOf(rule)));
    if (isIdle(passing.table, rule) || cannotMatch(item.part, rule))
      continue;
    if (tooMany())
      return end(std::move(item.part), Ending::Unknown, "there are more parts than are followed");
    Matched matched;
    bool isLeft = match(item.part, rule, passing.table, chain, number, matched);
    for (Part &part : matched.met)
      obey(passing, {std::move(part), item.frames}, chain, number);
    for (Part &part : matched.others)
      passing.work.push_back({std::move(part), item.frames});
    if (!isLeft)
      return;
  }
  obeyPolicy(passing, std::move(item.part));
}

Parts Walk::passRules(Part part, packet::Hook hook, uint32_t table) {
  const ir::Table &of = rules().tables[table];
  if (of.fragment) {
    std::string where = fmt::format("{} {}", of.name.str(), packet::name(hook).str());
    std::string condition = "no rule of " + where + " was loaded before those of the text";
    Part taken = part;
    taken.conditions.push_back({condition, false, 0, {}});
    end(std::move(taken), Ending::Unknown, "rules of " + where + " that were loaded before may take the packet");
    part.conditions.push_back({condition, true, 0, {}});
  }
  auto chain = llvm::find_if(of.chains, [&](const ir::Chain &each) { return each.hook == hook; });
  Passing passing{hook, table, 0, {}, {}};
  if (chain == of.chains.end()) {
    passing.accepted.push_back(std::move(part));
    return std::move(passing.accepted);
  }
  passing.builtIn = uint32_t(chain - of.chains.begin());
  passing.work.push_back({std::move(part), {{passing.builtIn, 0}}});
  while (!passing.work.empty()) {
    Item item = std::move(passing.work.back());
    passing.work.pop_back();
    goThrough(passing, std::move(item));
  }
  return std::move(passing.accepted);
}

} // namespace iptlint::query
