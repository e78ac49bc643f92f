// Hooks and tables in the order in which packets come to them, as eval/Journey.h has it.
#include "eval/Arrival.h"
#include "eval/Decisions.h"
#include "ir/Reads.h"
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using packet::CtState;
using packet::Hook;
using packet::PktType;

llvm::StringRef name(Ending ending) {
  static constexpr llvm::StringLiteral names[] = {"forward", "input", "output", "drop", "reject", "none", "unknown"};
  return names[unsigned(ending)];
}

std::optional<uint32_t> Walk::find(llvm::StringRef table) const {
  for (uint32_t i = 0; machine.rules && i != rules().tables.size(); ++i)
    if (rules().tables[i].name == table && !rules().tables[i].replaced)
      return i;
  return std::nullopt;
}

static bool translates(const ir::Table &table) {
  return llvm::any_of(table.chains, [](const ir::Chain &chain) {
    return llvm::any_of(chain.rules, [](const ir::Rule &rule) { return rule.target.nat || rule.broken; });
  });
}

/// nat is asked about the first packet of a flow only.
Parts Walk::passNat(Part part, Hook hook, uint32_t table) {
  Parts passed;
  bool isNew = part.intended < Value(CtState::Established);
  if (!part.isBack && isNew) {
    for (Part &each : passRules(std::move(part), hook, table))
      for (Part &one : noteTranslation(std::move(each)))
        passed.push_back(std::move(one));
  } else if (!part.isBack && part.intended < Value(CtState::Invalid) && translates(rules().tables[table])) {
    end(std::move(part), Ending::Unknown, "how the flow was translated that the packet belongs to is not known");
  } else {
    passed.push_back(std::move(part));
  }
  return passed;
}

Parts Walk::passTable(Part part, Hook hook, llvm::StringRef name) {
  std::optional<uint32_t> table = find(name);
  if (name == "raw" && !part.isTracked)
    holdConstant(part, Field::CtState, Value(CtState::Invalid));
  Parts passed;
  if (!table)
    passed.push_back(std::move(part));
  else if (name == "nat")
    passed = passNat(std::move(part), hook, *table);
  else
    passed = passRules(std::move(part), hook, *table);
  if (name == "raw")
    for (Part &each : passed)
      track(each);
  return passed;
}

static llvm::ArrayRef<llvm::StringLiteral> tablesOf(Hook hook) {
  static constexpr llvm::StringLiteral prerouting[] = {"raw", "mangle", "nat"};
  static constexpr llvm::StringLiteral input[] = {"mangle", "filter", "security", "nat"};
  static constexpr llvm::StringLiteral forward[] = {"mangle", "filter", "security"};
  static constexpr llvm::StringLiteral output[] = {"raw", "mangle", "nat", "filter", "security"};
  static constexpr llvm::StringLiteral postrouting[] = {"mangle", "nat"};
  switch (hook) {
  case Hook::Prerouting:
    return prerouting;
  case Hook::Input:
    return input;
  case Hook::Forward:
    return forward;
  case Hook::Output:
    return output;
  case Hook::Postrouting:
    return postrouting;
  }
  llvm_unreachable("five hooks");
}

/// Behind OUTPUT, what routing reads may be another than before.
Parts Walk::passHook(Parts parts, Hook hook) {
  for (llvm::StringRef name : tablesOf(hook)) {
    Parts passed;
    for (Part &part : parts) {
      std::vector<std::pair<Field, Held>> before;
      if (hook == Hook::Output && name == "mangle")
        for (Field field : {Field::Dst, Field::Src, Field::Mark, Field::Tos})
          before.push_back({field, heldBy(part, field)});
      if (hook == Hook::Output && name == "nat")
        before.push_back({Field::Dst, heldBy(part, Field::Dst)});
      for (Part &each : passTable(std::move(part), hook, name)) {
        Parts same, moved;
        same.push_back(std::move(each));
        for (const auto &[field, held] : before) {
          Parts still;
          for (Part &one : same)
            for (auto &[piece, differs] : differing(std::move(one), held, field))
              (differs ? moved : still).push_back(std::move(piece));
          same = std::move(still);
        }
        std::move(same.begin(), same.end(), std::back_inserter(passed));
        for (Part &one : routeAgain(std::move(moved)))
          passed.push_back(std::move(one));
      }
    }
    parts = std::move(passed);
  }
  return parts;
}

void Walk::enterGroup(Part &part, llvm::StringRef device) const {
  if (std::optional<Value> group = eval::groupOf(*machine.network, device))
    holdConstant(part, Field::OutGroup, *group);
  else
    holdUnknown(part, Field::OutGroup);
}

static llvm::StringRef outOf(const eval::Decision &way) {
  return way.fate == eval::Fate::Local ? llvm::StringRef("lo") : way.device;
}

void Walk::setOut(Part &part) const {
  llvm::StringRef out = outOf(*part.way);
  holdConstant(part, Field::Out, packet::interfaceValue(out));
  enterGroup(part, out);
}

Parts Walk::routeAgain(Parts parts) {
  Parts again;
  for (Part &part : parts)
    for (Part &each : decide(std::move(part), /*again=*/true))
      again.push_back(std::move(each));
  return again; // rules of OUTPUT go on to be asked with the first interface: net/netfilter/core.c, nf_hook_slow()
}

// --- the way of packets from the wire

/// Source: net/ipv6/ip6_input.c, ip6_rcv_core().
Parts Walk::refuseOnArrival(Part part) {
  Parts parts;
  parts.push_back(std::move(part));
  if (question.family == packet::Family::IPv4)
    return parts;
  std::vector<std::pair<eval::Martian, std::pair<Field, std::vector<ir::Interval>>>> refused;
  Value group = Value(0xff) << 120, all = packet::maxValue(Field::Src, question.family);
  bool byLoopback = question.in == "lo";
  refused.push_back({eval::Martian::MulticastSource, {Field::Src, {{group, all}}}});
  if (!byLoopback) {
    refused.push_back({eval::Martian::LoopbackSource, {Field::Src, {{1, 1}}}});
    refused.push_back({eval::Martian::LoopbackDestination, {Field::Dst, {{1, 1}}}});
  }
  std::vector<ir::Interval> near;
  for (unsigned flags = 0; flags != 16; ++flags)
    for (unsigned scope = 0; scope != (byLoopback ? 1u : 2u); ++scope) {
      Value lo = Value(0xff00 | flags << 4 | scope) << 112;
      near.push_back({lo, lo | ((Value(1) << 112) - 1)});
    }
  refused.push_back({eval::Martian::MulticastScope, {Field::Dst, near}});
  for (auto &[martian, addresses] : refused) {
    Parts still;
    for (Part &each : parts) {
      bool isLeft = true;
      for (Part &piece : cut(each, ask(each, addresses.first, false, joined(addresses.second)), isLeft))
        end(std::move(piece), Ending::None, "thrown away on arrival: " + eval::name(martian).str());
      if (isLeft)
        still.push_back(std::move(each));
    }
    parts = std::move(still);
  }
  return parts;
}

void Walk::arrive(Part part) {
  Parts arriving;
  for (Part &each : refuseOnArrival(std::move(part))) {
    bool isLeft = true;
    for (Part &other :
         cut(each, ask(each, Field::PktType, false, ir::Interval{Value(PktType::OtherHost), Value(PktType::OtherHost)}),
             isLeft))
      end(std::move(other), Ending::None, "the frame is for another MAC address");
    if (isLeft)
      arriving.push_back(std::move(each));
  }
  for (Part &each : passHook(std::move(arriving), Hook::Prerouting))
    for (Part &routed : decide(std::move(each), /*again=*/false)) {
      if (routed.way->fate == eval::Fate::Out)
        forward(std::move(routed));
      else
        deliver(std::move(routed));
    }
}

void Walk::deliver(Part part) {
  holdConstant(part, Field::Out, 0);
  Parts parts;
  parts.push_back(std::move(part));
  for (Part &each : passHook(std::move(parts), Hook::Input))
    end(std::move(each), Ending::Input);
}

/// Source: net/ipv4/ip_forward.c, ip_forward(); net/ipv6/ip6_output.c, ip6_forward().
void Walk::forward(Part part) {
  bool isLeft = true, four = question.family == packet::Family::IPv4;
  for (Part &other :
       cut(part, ask(part, Field::PktType, true, ir::Interval{Value(PktType::Host), Value(PktType::Host)}), isLeft))
    end(std::move(other), Ending::None, "the frame was for more than this machine, so the packet is not forwarded");
  if (!isLeft)
    return;
  Asked last = ask(part, Field::Ttl, false, ir::Interval{0, 1});
  if (last.kind == Asked::Kind::Unclear)
    return end(std::move(part), Ending::Unknown, "how many hops are left is not known");
  for (Part &other : cut(part, last, isLeft))
    end(std::move(other), Ending::None,
        fmt::format("{} is used up (ICMP {}/0)", four ? "the time to live" : "the hop limit", four ? 11 : 3));
  if (!isLeft)
    return;
  if (std::optional<Value> ttl = valueOf(part, Field::Ttl))
    holdConstant(part, Field::Ttl, *ttl - 1);
  else
    holdUnknown(part, Field::Ttl);
  ++part.rewritings;
  holdConstant(part, Field::Out, packet::interfaceValue(part.way->device));
  enterGroup(part, part.way->device);
  Parts parts;
  parts.push_back(std::move(part));
  for (Part &each : passHook(passHook(std::move(parts), Hook::Forward), Hook::Postrouting))
    leave(std::move(each), Ending::Forward);
}

void Walk::leave(Part part, Ending ending) {
  Fate fate;
  fate.ending = ending;
  fate.out = part.way->device.str();
  if (part.way->gateway)
    fate.gateway = packet::addressText(*part.way->gateway, part.way->gatewayFamily);
  answer.ends.push_back({std::move(part), std::move(fate)});
}

// --- the way of the machine's own packets

void Walk::sendOwn(Part part) {
  Parts parts;
  for (Part &each : decide(std::move(part), /*again=*/false)) {
    if (!answer.open.test(unsigned(Field::Src))) {
      bool isKnown = question.family == packet::Family::IPv4 || valueOf(each, Field::Dst);
      if (each.way->source && isKnown)
        holdConstant(each, Field::Src, *each.way->source);
      else
        holdUnknown(each, Field::Src);
      each.ownSource = heldBy(each, Field::Src);
    }
    setOut(each);
    parts.push_back(std::move(each));
  }
  Parts back, routed = passHook(std::move(parts), Hook::Output);
  for (Part &each : routed)
    setOut(each);
  for (Part &each : passHook(std::move(routed), Hook::Postrouting)) {
    if (each.way->fate != eval::Fate::Local) {
      leave(std::move(each), Ending::Output);
      continue;
    }
    each.isBack = true;
    holdConstant(each, Field::In, packet::interfaceValue("lo"));
    holdConstant(each, Field::Out, 0);
    holdConstant(each, Field::Mac, packet::kNoMac);
    back.push_back(std::move(each));
  }
  for (Part &each : passHook(std::move(back), Hook::Prerouting))
    deliver(std::move(each));
}

} // namespace iptlint::query
