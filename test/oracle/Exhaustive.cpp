// Compares analysis with eval on every table of a family of small worlds.
//
//   iptlint-oracle --list                      the families and how many tables they have
//   iptlint-oracle FAMILY [OPTION...]          compares one family
//     --stride N      every N-th table only
//     --only-first    stops at the first difference
//     --liveness      live or dead, and witnesses; no explanations
//
// With IPTLINT_REDUCED=1 in the environment, every 29th table is enough. The number of tables that were
// compared must be the number promised for the family: a loop that ends early shows.
#include "Compare.h"
#include "Families.h"
#include <cstdlib>
#include <fmt/format.h>

using namespace iptlint;
using namespace iptlint::oracle;

/// What all families together promise at least.
static constexpr uint64_t kPromised = 1'000'000;
static constexpr unsigned kReducedStride = 29;
static constexpr unsigned kReports = 5;
static constexpr uint64_t kCountMissedEach = 64;

struct Options {
  llvm::StringRef family;
  unsigned stride = 1;
  bool onlyFirst = false;
  bool explanations = true;
};

static int list() {
  uint64_t sum = 0;
  for (const Family &family : families()) {
    fmt::print("{:<18}{:>9}\n", family.name, family.promised);
    sum += family.promised;
  }
  fmt::print("{:<18}{:>9}\n", "together", sum);
  if (sum >= kPromised)
    return 0;
  fmt::print("fewer than the {} rule sets that are promised\n", kPromised);
  return 1;
}

static bool everythingOccurred(const Tally &tally, const Options &options) {
  return tally.live != 0 && tally.live != tally.rules && (!options.explanations || tally.taken != 0);
}

static int compareFamily(const Family &family, const Options &options) {
  Tally tally;
  unsigned differences = 0;
  uint64_t visited = enumerate(family, options.stride, [&](const ir::Table &table, const Universe &universe) {
    Effort effort;
    effort.explanations = options.explanations;
    effort.countMissed = tally.tables % kCountMissedEach == 0;
    auto complaint = compare(table, universe, effort, tally);
    if (!complaint)
      return true;
    fmt::print("{}\n", textOf(table, *complaint));
    return ++differences < (options.onlyFirst ? 1 : kReports);
  });
  fmt::print("{}: {}\n", family.name, textOf(tally));
  if (differences != 0)
    return 1;
  uint64_t due = (family.promised + options.stride - 1) / options.stride;
  if (visited != due)
    fmt::print("{} rule sets were compared, {} are promised\n", visited, due);
  if (!everythingOccurred(tally, options))
    fmt::print("live and dead rules must occur\n");
  return visited == due && everythingOccurred(tally, options) ? 0 : 1;
}

static unsigned strideOfEnvironment() {
  const char *reduced = std::getenv("IPTLINT_REDUCED");
  return reduced && llvm::StringRef(reduced) == "1" ? kReducedStride : 1;
}

static std::optional<Options> parse(llvm::ArrayRef<const char *> words) {
  Options options;
  options.stride = strideOfEnvironment();
  for (size_t word = 0; word != words.size(); ++word) {
    llvm::StringRef text = words[word];
    if (text == "--only-first")
      options.onlyFirst = true;
    else if (text == "--liveness")
      options.explanations = false;
    else if (text == "--stride") {
      if (++word == words.size() || llvm::StringRef(words[word]).getAsInteger(10, options.stride) ||
          options.stride == 0)
        return std::nullopt;
    } else
      options.family = text;
  }
  return options;
}

int main(int count, const char **words) {
  auto options = parse(llvm::makeArrayRef(words, count).drop_front());
  if (options && options->family == "--list")
    return list();
  if (options)
    for (const Family &family : families())
      if (family.name == options->family)
        return compareFamily(family, *options);
  fmt::print("usage: iptlint-oracle --list | FAMILY [--stride N] [--only-first] [--liveness]\n");
  return 2;
}
