#include "eval/Translation.h"
#include "ir/Nat.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::Field;
using packet::Value;

void rewrite(Situation &situation, Field field, Value value, std::vector<Change> &changes) {
  if (situation.packet[field] != value || situation.open.isOpen(field))
    changes.push_back({field, situation.packet[field], value, true});
  situation.open.close(field);
  situation.packet[field] = value;
}

void rewriteToAny(Situation &situation, Field field, OpenFields::Ranges ranges, std::vector<Change> &changes) {
  changes.push_back({field, situation.packet[field], ranges.empty() ? 0 : ranges.front().lo, false});
  situation.packet[field] = changes.back().to;
  situation.open.open(field, std::move(ranges));
}

namespace {

class Translator {
public:
  Translator(const ir::Target &target, const NatPlace &place, Situation &situation)
      : target(target), nat(*target.nat), place(place), situation(situation),
        address(place.destination ? Field::Dst : Field::Src), port(place.destination ? Field::Dport : Field::Sport) {}

  Translated run() {
    translateAddress();
    if (done.result == Translated::Result::Done && packet::hasPorts(unsigned(situation.packet[Field::Proto])))
      translatePort();
    return std::move(done);
  }

private:
  void translateAddress();
  void takeFromInterface();
  void chooseAddress();
  void translatePort();
  void offsetPort();
  void anyPort();
  void end(Translated::Result result, std::string reason) {
    done.result = result;
    done.reason = std::move(reason);
  }

  const ir::Target &target;
  const ir::Nat &nat;
  const NatPlace &place;
  Situation &situation;
  Field address, port;
  Translated done;
};

} // namespace

void Translator::translateAddress() {
  if (target.name == "MASQUERADE" || target.name == "REDIRECT")
    return takeFromInterface();
  if (!nat.addresses)
    return;
  if (nat.mask != 0 && situation.open.isOpen(address))
    return end(Translated::Result::Unknown, "the address that NETMAP maps is not known");
  if (nat.mask != 0)
    return rewrite(situation, address, (situation.packet[address] & ~nat.mask) | nat.addresses->lo, done.changes);
  chooseAddress();
}

void Translator::takeFromInterface() {
  bool masquerades = target.name == "MASQUERADE";
  const Routing &routing = *situation.machine.routing;
  packet::Family family = situation.packet.family;
  Choice choice = masquerades ? routing.sourceFor(family, place.out, place.toward)
                              : routing.redirectTo(family, place.in, situation.packet[Field::Dst]);
  std::string interface = (masquerades ? place.out : place.in).str();
  if (choice.address) {
    rewrite(situation, address, *choice.address, done.changes);
    done.remark = masquerades ? fmt::format("the address of {}", interface) : "";
  } else if (choice.unknown.empty()) {
    end(Translated::Result::Dropped, fmt::format("{} has no address for {}", interface, target.name.str()));
  } else if (masquerades) {
    rewriteToAny(situation, address, {}, done.changes);
    done.remark = fmt::format("an address of {}: {}", interface, choice.unknown);
  } else {
    end(Translated::Result::Unknown, choice.unknown);
  }
}

/// The kernel goes by a hash of the packet's addresses; one that is in the range already may stay.
void Translator::chooseAddress() {
  constexpr Value kMost = 64;
  auto [lo, hi] = *nat.addresses;
  if (hi - lo >= kMost)
    return end(Translated::Result::Unknown,
               fmt::format("which of {}-{} is chosen is not known", packet::addressText(lo, situation.packet.family),
                           packet::addressText(hi, situation.packet.family)));
  Question question;
  for (Value i = 0; i <= hi - lo; ++i)
    question.answers.push_back(
        {fmt::format("{} chooses {}", target.name.str(), packet::addressText(lo + i, situation.packet.family)), true, {}});
  rewrite(situation, address, lo + situation.chooser.choose(question), done.changes);
}

/// A source port that is let alone stays unless another flow to the same place has it.
void Translator::translatePort() {
  if (!nat.ports && place.destination)
    return;
  if (!nat.ports && !nat.random) {
    done.remark += (done.remark.empty() ? "" : "; ") + std::string("its port stays unless another flow has it");
    return;
  }
  if (!nat.ports)
    return anyPort();
  if (nat.ports->lo == nat.ports->hi)
    return rewrite(situation, port, nat.ports->lo, done.changes);
  if (nat.basePort)
    return offsetPort();
  Value now = situation.packet[port];
  bool stays = !nat.random && !situation.open.isOpen(port) && nat.ports->lo <= now && now <= nat.ports->hi;
  if (!stays)
    rewriteToAny(situation, port, {*nat.ports}, done.changes);
}

void Translator::offsetPort() {
  if (situation.open.isOpen(port))
    return rewriteToAny(situation, port, {*nat.ports}, done.changes);
  uint16_t offset = uint16_t(uint16_t(situation.packet[port]) - *nat.basePort);
  uint64_t count = uint64_t(nat.ports->hi - nat.ports->lo) + 1;
  rewrite(situation, port, nat.ports->lo + offset % count, done.changes);
}

/// Of the class that the port is in: below 512, below 1024, above. Source: nf_nat_l4proto_unique_tuple().
void Translator::anyPort() {
  Value now = situation.packet[port];
  ir::Interval range{1024, 65535};
  if (!situation.open.isOpen(port) && now < 1024)
    range = now < 512 ? ir::Interval{1, 511} : ir::Interval{600, 1023};
  rewriteToAny(situation, port, {range}, done.changes);
}

Translated translate(const ir::Target &target, const NatPlace &place, Situation &situation) {
  return Translator(target, place, situation).run();
}

} // namespace iptlint::eval
