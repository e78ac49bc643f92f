// What a target of nat makes of a part. The sources are those of eval/Translation.h.
#include "ir/Nat.h"
#include "query/Walk.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using packet::Hook;

Parts Walk::takeFromInterface(Part part, const ir::Target &target, Field address) {
  bool masquerades = target.name == "MASQUERADE";
  std::string in = question.in;
  std::string out = !part.way ? "" : part.way->fate == eval::Fate::Local ? "lo" : part.way->device.str();
  bool byGateway = masquerades && part.way && part.way->gateway && question.family == packet::Family::IPv4 &&
                   part.way->gatewayFamily == question.family;
  std::optional<Ranges> toward =
      byGateway ? Ranges{{*part.way->gateway, *part.way->gateway}} : valuesOf(part, Field::Dst);
  Held dst = heldBy(part, Field::Dst);
  if (!toward) {
    end(std::move(part), Ending::Unknown, "the destination is not known");
    return {};
  }
  // By what is chosen: the destinations for which it is.
  std::vector<std::pair<eval::Choice, std::vector<ir::Interval>>> choices;
  bool sixManyWays = question.family == packet::Family::IPv6 && masquerades && !valueOf(part, Field::Dst);
  for (const ir::Interval &cell : cells.cut(*toward)) {
    eval::Choice choice = sixManyWays   ? eval::Choice{std::nullopt, "it hangs on the destination"}
                          : masquerades ? machine.routing->sourceFor(question.family, out, cell.lo)
                                        : machine.routing->redirectTo(question.family, in, cell.lo);
    auto same = llvm::find_if(choices, [&](const auto &each) {
      return each.first.address == choice.address && each.first.unknown == choice.unknown;
    });
    if (same == choices.end())
      same = choices.insert(choices.end(), {choice, {}});
    same->second.push_back(cell);
  }
  Parts done;
  for (auto &[choice, destinations] : choices) {
    Part piece = part;
    Box box;
    if (!byGateway && !dst.isConstant() && (!box.restrict(dst.of, joined(destinations)) || !piece.region.restrict(box)))
      continue;
    if (choice.address)
      holdConstant(piece, address, *choice.address);
    else if (!choice.unknown.empty() && masquerades)
      holdUnknown(piece, address);
    if (choice.address || (!choice.unknown.empty() && masquerades))
      done.push_back(std::move(piece));
    else if (choice.unknown.empty())
      end(std::move(piece), Ending::Drop,
          fmt::format("{} has no address for {}", masquerades ? out : in, target.name.str()));
    else
      end(std::move(piece), Ending::Unknown, choice.unknown);
  }
  return done;
}

Parts Walk::translateAddress(Part part, Hook hook, const ir::Target &target, Field address) {
  const ir::Nat &nat = *target.nat;
  if (target.name == "MASQUERADE" || target.name == "REDIRECT")
    return takeFromInterface(std::move(part), target, address);
  Parts done;
  if (nat.addresses && nat.mask != 0) {
    if (!heldBy(part, address).known) {
      end(std::move(part), Ending::Unknown, "the address that NETMAP maps is not known");
      return {};
    }
    write(part, {.field = address, .keep = ~nat.mask, .flip = nat.addresses->lo});
  } else if (nat.addresses && nat.addresses->hi - nat.addresses->lo >= 64) {
    end(std::move(part), Ending::Unknown,
        fmt::format("which of {}-{} is chosen is not known", packet::addressText(nat.addresses->lo, question.family),
                    packet::addressText(nat.addresses->hi, question.family)));
    return {};
  } else if (nat.addresses) {
    for (Value to = nat.addresses->lo; to <= nat.addresses->hi; ++to) {
      Part piece = part;
      if (nat.addresses->lo != nat.addresses->hi)
        piece.conditions.push_back(
            {fmt::format("{} chooses {}", target.name.str(), packet::addressText(to, question.family)), true, 0, {}});
      holdConstant(piece, address, to);
      done.push_back(std::move(piece));
    }
    return done;
  }
  done.push_back(std::move(part));
  return done;
}

/// Of a protocol with ports.
Parts Walk::translatePort(Part part, const ir::Target &target, Field port, bool destination) {
  const ir::Nat &nat = *target.nat;
  Parts done;
  if (!nat.ports) {
    if (nat.random && !destination)
      holdUnknown(part, port);
  } else if (nat.ports->lo == nat.ports->hi) {
    holdConstant(part, port, nat.ports->lo);
  } else if (nat.basePort) {
    std::optional<Value> now = valueOf(part, port);
    uint64_t count = uint64_t(nat.ports->hi - nat.ports->lo) + 1;
    if (now)
      holdConstant(part, port, nat.ports->lo + uint16_t(uint16_t(*now) - *nat.basePort) % count);
    else
      holdUnknown(part, port);
  } else if (nat.random) {
    holdUnknown(part, port);
  } else {
    // One that is in the range stays.
    bool isLeft = true;
    for (Part &piece : cut(part, ask(part, port, false, *nat.ports), isLeft))
      done.push_back(std::move(piece));
    if (!isLeft)
      return done;
    holdUnknown(part, port);
  }
  done.push_back(std::move(part));
  return done;
}

Parts Walk::translate(Part part, Hook hook, const ir::Target &target) {
  bool destination = hook == Hook::Prerouting || hook == Hook::Output;
  Field address = destination ? Field::Dst : Field::Src, port = destination ? Field::Dport : Field::Sport;
  Parts done;
  for (Part &each : translateAddress(std::move(part), hook, target, address)) {
    ++each.rewritings;
    Ranges withPorts;
    std::vector<ir::Interval> protocols;
    for (unsigned protocol = 0; protocol != 256; ++protocol)
      if (packet::hasPorts(protocol))
        protocols.push_back({protocol, protocol});
    bool isLeft = true;
    for (Part &piece : cut(each, ask(each, Field::Proto, false, joined(protocols)), isLeft))
      for (Part &one : translatePort(std::move(piece), target, port, destination))
        done.push_back(std::move(one));
    if (isLeft)
      done.push_back(std::move(each));
  }
  return done;
}

std::vector<std::pair<Part, bool>> Walk::differing(Part part, Held before, Field field) {
  Held now = heldBy(part, field);
  std::vector<std::pair<Part, bool>> told;
  if (now == before) {
    told.emplace_back(std::move(part), false);
    return told;
  }
  Value all = packet::maxValue(before.of, question.family);
  bool isPlain = before.known && before.flip == 0 && (before.keep & all) == all && now.isConstant();
  if (before.isConstant() && now.isConstant()) {
    told.emplace_back(std::move(part), before.flip != now.flip);
    return told;
  }
  if (!isPlain) {
    end(std::move(part), Ending::Unknown,
        fmt::format("whether the {} is another than before is not known", packet::name(field).str()));
    return told;
  }
  Box same;
  same.restrict(before.of, ir::Interval{now.flip, now.flip});
  bool isLeft = true;
  for (Part &piece : cut(part, Asked{Asked::Kind::Boxes, {same}}, isLeft))
    told.emplace_back(std::move(piece), false);
  if (isLeft)
    told.emplace_back(std::move(part), true);
  return told;
}

constexpr Field kOfFlow[] = {Field::Src, Field::Dst, Field::Sport, Field::Dport};

void Walk::describeFlow(Part &part) const {
  hold(part, Field::CtProto, heldBy(part, Field::Proto));
  hold(part, Field::CtOrigSrc, part.first[0]);
  hold(part, Field::CtOrigDst, part.first[1]);
  hold(part, Field::CtReplSrc, heldBy(part, Field::Dst));
  hold(part, Field::CtReplDst, heldBy(part, Field::Src));
  // Of protocols without ports they are 0, which no Held says.
  for (Field port : {Field::CtOrigSport, Field::CtOrigDport, Field::CtReplSport, Field::CtReplDport})
    holdUnknown(part, port);
}

void Walk::track(Part &part) const {
  if (part.isTracked)
    return;
  part.isTracked = true;
  if (valueOf(part, Field::CtState) == Value(packet::CtState::Untracked))
    part.intended = Value(packet::CtState::Untracked);
  bool hasFlow = part.intended < Value(packet::CtState::Invalid);
  holdConstant(part, Field::CtState, hasFlow ? part.intended & ~Value(3) : part.intended);
  for (unsigned i = 0; i != 4; ++i)
    part.first[i] = heldBy(part, kOfFlow[i]);
  describeFlow(part);
}

Parts Walk::noteTranslation(Part part) {
  std::vector<std::pair<Part, unsigned>> told;
  bool isKnown = llvm::all_of(kOfFlow, [&](Field field) { return heldBy(part, field).known; });
  told.emplace_back(std::move(part), 0);
  for (unsigned i = 0; isKnown && i != 4; ++i) {
    std::vector<std::pair<Part, unsigned>> next;
    unsigned bit = i % 2 ? packet::kCtDnat : packet::kCtSnat;
    for (auto &[each, bits] : told) {
      Held first = each.first[i];
      for (auto &[piece, differs] : differing(std::move(each), first, kOfFlow[i]))
        next.emplace_back(std::move(piece), differs ? bits | bit : bits);
    }
    told = std::move(next);
  }
  Parts done;
  for (auto &[each, bits] : told) {
    std::optional<Value> state = valueOf(each, Field::CtState);
    if (!isKnown)
      holdUnknown(each, Field::CtState);
    else if (state && *state < Value(packet::CtState::Invalid))
      holdConstant(each, Field::CtState, (*state & ~Value(3)) | bits);
    describeFlow(each);
    done.push_back(std::move(each));
  }
  return done;
}

} // namespace iptlint::query
