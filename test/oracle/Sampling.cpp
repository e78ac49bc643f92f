#include "Sampling.h"
#include "RandomTable.h"

namespace iptlint::oracle {

static constexpr double kAllBelow = 20'000;
/// Explanations cost many runs for each dead rule.
static constexpr double kExplainBelow = 5'000;
static constexpr unsigned kSamples = 3'000;

static Packet randomPacket(const Space &space, Dice &dice) {
  Packet packet;
  packet.family = space.family;
  packet[Field::Hook] = unsigned(space.hooks[dice.roll(space.hooks.size())]);
  for (unsigned field = 0; field != packet::kFieldCount; ++field) {
    if (Field(field) == Field::Hook)
      continue;
    std::vector<Value> values;
    for (Value value : space.values[field])
      if (possibleAt(packet.hook(), Field(field), value))
        values.push_back(value);
    packet.values[field] = values[dice.roll(values.size())];
  }
  for (const std::string &function : space.functions)
    packet.assume[function] = dice.roll(2) != 0;
  return packet;
}

static std::vector<Packet> samples(const Space &space, uint64_t seed) {
  Dice dice(seed);
  std::vector<Packet> packets;
  for (unsigned sample = 0; sample != kSamples; ++sample)
    packets.push_back(randomPacket(space, dice));
  return packets;
}

Trial trialOf(const ir::Table &table, uint64_t seed) {
  Space space = spaceOf(table);
  double packets = packetCount(space);
  Effort effort;
  effort.exact = packets < kAllBelow;
  effort.explanations = packets < kExplainBelow;
  std::vector<Packet> sent = effort.exact ? everyPacket(space) : samples(space, seed);
  return {Universe(std::move(space), std::move(sent)), effort};
}

} // namespace iptlint::oracle
