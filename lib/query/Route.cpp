// The routing decision of a part: eval's, for each cell of addresses that it meets.
#include "eval/Decisions.h"
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using packet::AddrType;

/// What routing rules read besides addresses and interfaces, as tests.
static std::vector<ir::Test> selectorsOf(const ir::Network &network, packet::Family family) {
  std::vector<ir::Test> tests;
  auto in = [&](Field field, Value lo, Value hi) { tests.push_back(ir::RangeTest{field, {}, false, {{lo, hi}}}); };
  for (const ir::RoutingRule &rule : network.rules) {
    if (rule.family != family)
      continue;
    if (rule.markMask != 0)
      tests.push_back(ir::MaskTest{Field::Mark, false, rule.markMask, rule.mark & rule.markMask});
    if (rule.tos)
      tests.push_back(
          ir::MaskTest{Field::Tos, false, family == packet::Family::IPv4 ? Value(0x1c) : Value(0xfc), *rule.tos});
    if (rule.protocol)
      in(Field::Proto, *rule.protocol, *rule.protocol);
    if (rule.sport || rule.dport)
      for (unsigned protocol = 0; protocol != 256; ++protocol)
        if (packet::hasPorts(protocol))
          in(Field::Proto, protocol, protocol);
    if (rule.sport)
      in(Field::Sport, rule.sport->lo, rule.sport->hi);
    if (rule.dport)
      in(Field::Dport, rule.dport->lo, rule.dport->hi);
    if (rule.uid)
      in(Field::Uid, rule.uid->lo, rule.uid->hi);
  }
  for (const ir::NetworkRoute &route : network.routes)
    if (route.family == family && route.tos)
      for (Value mask : {Value(0x1c), Value(0xfc), Value(0xff)})
        tests.push_back(ir::MaskTest{Field::Tos, false, mask, *route.tos & mask});
  return tests;
}

static Field fieldOf(const ir::Test &test) {
  if (auto *range = std::get_if<ir::RangeTest>(&test))
    return range->field;
  if (auto *mask = std::get_if<ir::MaskTest>(&test))
    return mask->field;
  return Field::Src;
}

constexpr Value kIgmp = 2;

/// Of multicast without a source, IGMP is taken and no other. Source: net/ipv4/route.c, ip_mc_validate_source().
static ir::Test igmpWithoutSource() {
  auto in = [](Field field, Value lo, Value hi) { return ir::RangeTest{field, {}, false, {{lo, hi}}}; };
  ir::Alternative all{in(Field::Src, 0, 0), in(Field::Dst, 0xe0000000u, 0xefffffffu), in(Field::Proto, kIgmp, kIgmp)};
  return ir::UnionTest{false, std::make_shared<const std::vector<ir::Alternative>>(1, all)};
}

/// Cuts a part until routing rules treat it as one, but for its addresses.
Parts Walk::cutForRouting(Part part) {
  std::vector<ir::Test> tests = selectorsOf(*machine.network, question.family);
  if (question.family == packet::Family::IPv4)
    tests.push_back(igmpWithoutSource());
  Parts parts;
  parts.push_back(std::move(part));
  for (const ir::Test &test : tests) {
    Parts next;
    for (Part &each : parts) {
      Asked asked = ask(each, test);
      if (asked.kind == Asked::Kind::Unclear && std::holds_alternative<ir::UnionTest>(test)) {
        next.push_back(std::move(each));
        continue;
      }
      if (asked.kind == Asked::Kind::Unclear) {
        end(std::move(each), Ending::Unknown,
            fmt::format("routing asks for the {}, which is not known", packet::name(fieldOf(test)).str()));
        continue;
      }
      bool isLeft = true;
      for (Part &piece : cut(each, asked, isLeft))
        next.push_back(std::move(piece));
      if (isLeft)
        next.push_back(std::move(each));
    }
    parts = std::move(next);
  }
  return parts;
}

eval::Flow Walk::flowOf(const Part &part, bool again) const {
  auto any = [&](Field field) {
    std::optional<Ranges> values = valuesOf(part, field);
    return values && !values->empty() ? values->front().lo : 0;
  };
  eval::Flow flow;
  flow.family = question.family;
  flow.in = question.in;
  flow.out = question.bound;
  if (std::optional<Value> protocol = valueOf(part, Field::Proto); protocol == kIgmp)
    flow.protocol = kIgmp;
  // What no rule asks for is 0, so that decisions are found again.
  for (const ir::Test &test : selectorsOf(*machine.network, question.family))
    switch (fieldOf(test)) {
    case Field::Mark:
      flow.mark = uint32_t(any(Field::Mark));
      break;
    case Field::Tos:
      flow.tos = uint8_t(any(Field::Tos));
      break;
    case Field::Proto:
      flow.protocol = uint8_t(any(Field::Proto));
      break;
    case Field::Sport:
    case Field::Dport:
      if (packet::hasPorts(flow.protocol)) {
        flow.sport = uint16_t(any(Field::Sport));
        flow.dport = uint16_t(any(Field::Dport));
      }
      break;
    case Field::Uid:
      if (Value uid = any(Field::Uid); uid < packet::kNoFile)
        flow.uid = uint32_t(uid);
      break;
    default:
      break;
    }
  flow.anySource = again;
  return flow;
}

/// Whether a decision supposes nothing of the destination that was found out to be otherwise.
static bool agrees(const eval::Decision &decision, const std::string &name, bool own) {
  return !llvm::StringRef(decision.supposing)
              .contains(name + (own ? " is no address of this machine" : " is an address of this machine"));
}

/// What has to be supposed comes first; of next hops, one is chosen after that.
void Walk::choose(const Part &part, eval::Decisions decisions, Parts &into) const {
  std::string name = nameOf(part, Field::Dst);
  auto known = part.types.find(name);
  bool mayBe = known != part.types.end() && llvm::is_contained(known->second, AddrType::Local);
  if (known != part.types.end() && !(mayBe && known->second.size() > 1)) {
    eval::Decisions agreeing = decisions;
    llvm::erase_if(agreeing, [&](const eval::Decision &each) { return !agrees(each, name, mayBe); });
    if (!agreeing.empty())
      decisions = agreeing;
  }
  std::vector<std::string> supposed;
  for (const eval::Decision &each : decisions)
    if (!llvm::is_contained(supposed, each.supposing))
      supposed.push_back(each.supposing);
  for (const std::string &supposing : supposed) {
    std::vector<const eval::Decision *> hops;
    for (const eval::Decision &each : decisions)
      if (each.supposing == supposing)
        hops.push_back(&each);
    for (const eval::Decision *hop : hops) {
      Part &way = into.emplace_back(part);
      way.way = std::make_shared<eval::Decision>(*hop);
      if (supposed.size() > 1)
        way.conditions.push_back({supposing, true, 0, {}});
      llvm::StringRef text = supposing;
      auto &types = way.types;
      std::vector<AddrType> left = types.count(name) ? types[name]
                                   : question.family == packet::Family::IPv4
                                       ? std::vector{AddrType::Local, AddrType::Unicast, AddrType::Broadcast}
                                       : std::vector{AddrType::Local, AddrType::Unicast};
      if (text.contains(name + " is an address of this machine"))
        types[name] = {AddrType::Local};
      else if (text.contains(name + " is no address of this machine")) {
        llvm::erase_value(left, AddrType::Local);
        types[name] = left;
      }
      if (hops.size() > 1)
        way.conditions.push_back(
            {fmt::format("routing takes {}", hop->gateway ? packet::addressText(*hop->gateway, hop->gatewayFamily) +
                                                                " by " + hop->device.str()
                                                          : hop->device.str()),
             true, 0, hop->weights ? std::optional(eval::Fraction(hop->weight, hop->weights)) : std::nullopt});
    }
  }
}

Parts Walk::decideUniform(Part part, bool again) {
  Held dst = heldBy(part, Field::Dst), src = heldBy(part, Field::Src);
  std::optional<Ranges> destinations = valuesOf(part, Field::Dst), sources = valuesOf(part, Field::Src);
  bool asksSource = llvm::any_of(machine.network->rules, [&](const ir::RoutingRule &rule) {
    return rule.family == question.family && rule.from.length != 0;
  });
  if (!sources && !src.known && !asksSource)
    sources = Ranges{{0, 0}};
  if (!destinations || !sources) {
    end(std::move(part), Ending::Unknown,
        fmt::format("routing asks for the {}, which is not known", destinations ? "src" : "dst"));
    return {};
  }
  auto rectangles = cells.decide(flowOf(part, again), *destinations, *sources);
  Parts decided;
  if (!rectangles) {
    end(std::move(part), Ending::Unknown, "there are more routes than are taken apart for so many addresses");
    return decided;
  }
  for (const Cells::Rectangle &each : *rectangles) {
    Part piece = part;
    Box box;
    bool isThere = (dst.isConstant() || box.restrict(dst.of, each.dst)) &&
                   (src.isConstant() || !src.known || box.restrict(src.of, each.src)) && piece.region.restrict(box);
    if (!isThere)
      continue;
    eval::Decisions decisions = *each.decisions;
    for (eval::Decision &decision : decisions) {
      if (dst.isConstant())
        decision.supposing = renamed(decision.supposing, "the destination", nameOf(part, Field::Dst));
      if (src.isConstant())
        decision.supposing = renamed(decision.supposing, "the source", nameOf(part, Field::Src));
    }
    ++partsMade;
    choose(piece, std::move(decisions), decided);
  }
  return decided;
}

/// \param again  packets of this machine that are routed once more behind OUTPUT.
Parts Walk::decide(Part part, bool again) {
  Parts decided;
  for (Part &each : cutForRouting(std::move(part)))
    for (Part &one : decideUniform(std::move(each), again))
      if (eval::isDelivery(one.way->fate)) {
        decided.push_back(std::move(one));
      } else {
        std::string reason = one.way->reason;
        bool isUnknown = one.way->fate == eval::Fate::Unknown;
        end(std::move(one), isUnknown ? Ending::Unknown : Ending::None, std::move(reason));
      }
  return decided;
}

} // namespace iptlint::query
