// Compares analysis with eval on larger tables made by chance.
//
//   iptlint-oracle-random [--seed N] [--count N]
//
// Where all classes of packets are few enough, every packet is tried; where not, a sample. The seed of
// each table that differs is printed; --seed N --count 1 shows it again.
#include "Arguments.h"
#include "RandomTable.h"
#include "Sampling.h"
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

static constexpr unsigned kReports = 5;
static constexpr uint64_t kCount = 2'000;
static constexpr unsigned kReducedBy = 20;

/// Prints the first difference in the table of this seed; false if there is one.
static bool agreeOn(uint64_t seed, Tally &exact, Tally &sampled) {
  RandomTable random = randomTable(seed);
  Trial trial = trialOf(random.table, seed);
  auto complaint = compare(random.table, trial.universe, trial.effort, trial.effort.exact ? exact : sampled);
  if (complaint)
    fmt::print("seed {}\n{}\n", seed, textOf(random.table, *complaint));
  return !complaint;
}

int main(int count, const char **words) {
  auto seeds = parseSeeds(llvm::makeArrayRef(words, count).drop_front(), "iptlint-oracle-random", kCount, kReducedBy);
  if (!seeds)
    return 2;
  Tally exact, sampled;
  unsigned differences = 0;
  for (uint64_t seed = seeds->first; seed != seeds->end() && differences < kReports; ++seed)
    differences += !agreeOn(seed, exact, sampled);
  fmt::print("seeds {} to {}\nevery packet: {}\nsampled packets: {}\n", seeds->first, seeds->end() - 1, textOf(exact),
             textOf(sampled));
  bool enough = exact.tables + sampled.tables == seeds->count;
  return differences == 0 && enough ? 0 : 1;
}
