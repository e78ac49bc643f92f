// Compares analysis with eval on larger tables made by chance.
//
//   iptlint-oracle-random [--seed N] [--count N]
//
// Where all classes of packets are few enough, every packet is tried; where not, a sample. The seed of
// each table that differs is printed; --seed N --count 1 shows it again.
#include "Compare.h"
#include "RandomTable.h"
#include <cstdlib>
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

static constexpr double kAllBelow = 20'000;
/// Explanations cost many runs for each dead rule.
static constexpr double kExplainBelow = 5'000;
static constexpr unsigned kSamples = 3'000;
static constexpr unsigned kReports = 5;
static constexpr unsigned kReducedBy = 20;

struct Options {
  uint64_t seed = 1;
  uint64_t count = 2'000;
};

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

/// Prints the first difference in the table of this seed; false if there is one.
static bool agreeOn(uint64_t seed, Tally &exact, Tally &sampled) {
  RandomTable random = randomTable(seed);
  Space space = spaceOf(random.table);
  double packets = packetCount(space);
  Effort effort;
  effort.exact = packets < kAllBelow;
  effort.explanations = packets < kExplainBelow;
  Universe universe(space, effort.exact ? everyPacket(space) : samples(space, seed));
  auto complaint = compare(random.table, universe, effort, effort.exact ? exact : sampled);
  if (complaint)
    fmt::print("seed {}\n{}\n", seed, textOf(random.table, *complaint));
  return !complaint;
}

static std::optional<Options> parse(llvm::ArrayRef<const char *> words) {
  Options options;
  const char *reduced = std::getenv("IPTLINT_REDUCED");
  if (reduced && llvm::StringRef(reduced) == "1")
    options.count /= kReducedBy;
  for (; words.size() >= 2; words = words.drop_front(2)) {
    llvm::StringRef name = words[0];
    if (name != "--seed" && name != "--count")
      return std::nullopt;
    if (llvm::StringRef(words[1]).getAsInteger(10, name == "--seed" ? options.seed : options.count))
      return std::nullopt;
  }
  return words.empty() ? std::optional(options) : std::nullopt;
}

int main(int count, const char **words) {
  auto options = parse(llvm::makeArrayRef(words, count).drop_front());
  if (!options) {
    fmt::print("usage: iptlint-oracle-random [--seed N] [--count N]\n");
    return 2;
  }
  Tally exact, sampled;
  unsigned differences = 0;
  for (uint64_t seed = options->seed; seed != options->seed + options->count && differences < kReports; ++seed)
    differences += !agreeOn(seed, exact, sampled);
  fmt::print("seeds {} to {}\nevery packet: {}\nsampled packets: {}\n", options->seed,
             options->seed + options->count - 1, textOf(exact), textOf(sampled));
  bool enough = exact.tables + sampled.tables == options->count;
  return differences == 0 && enough ? 0 : 1;
}
