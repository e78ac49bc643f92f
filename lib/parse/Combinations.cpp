// What the options of one module say together, where a pair of names does not tell: values that must fit each other,
// elements of a list, an order.
//
// Source: the final checks of iptables 1.8.9's extensions, and the checkentry functions of the kernel.
#include "parse/Tests.h"
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <fmt/format.h>

namespace iptlint::parse {

static uint64_t numberOf(RuleBuilder &builder, unsigned module, llvm::StringRef option) {
  return parseNumber(builder.valueOf(module, option), ~uint64_t(0)).value_or(0);
}

/// Statistic's modes each have their own options.
static void checkStatistic(RuleBuilder &builder, unsigned module) {
  const Use *mode = builder.command.find(module, "mode");
  if (!mode)
    return;
  llvm::StringRef option = builder.value(*mode) == "nth" ? "every" : "probability";
  if (!builder.command.find(module, option))
    builder.error(mode->word, fmt::format("'--mode {}' needs '--{}' beside it", builder.value(*mode), option));
}

static void checkCluster(RuleBuilder &builder, unsigned module) {
  uint64_t total = numberOf(builder, module, "cluster-total-nodes");
  const Use *node = builder.command.find(module, "cluster-local-node");
  const Use *mask = builder.command.find(module, "cluster-local-nodemask");
  if (!node && !mask)
    return builder.error(builder.command.modules[module].at,
                         "'cluster' needs '--cluster-local-node' or '--cluster-local-nodemask'");
  if (node && numberOf(builder, module, "cluster-local-node") > total)
    builder.error(node->values[0], fmt::format("there are {} nodes, and this is none of them", total));
  else if (mask && total < 32 && numberOf(builder, module, "cluster-local-nodemask") >> total)
    builder.error(mask->values[0], fmt::format("there are {} nodes, and the mask has bits for more", total));
}

/// `--contiguous` is for spans over midnight.
static void checkTime(RuleBuilder &builder, unsigned module) {
  const Use *contiguous = builder.command.find(module, "contiguous");
  constexpr unsigned kLastSecond = 86399;
  unsigned start = parseClock(builder.valueOf(module, "timestart")).value_or(0);
  unsigned stop = parseClock(builder.valueOf(module, "timestop")).value_or(kLastSecond);
  if (contiguous && start < stop)
    builder.error(contiguous->word,
                  "'--contiguous' is for a '--timestop' that is before '--timestart', on the next day");
}

/// Marks and removals test nothing that has a time or a count. Source: net/netfilter/xt_recent.c.
static void checkRecent(RuleBuilder &builder, unsigned module) {
  const Use *set = builder.command.find(module, "set"), *remove = builder.command.find(module, "remove");
  const Use *verb = set ? set : remove;
  if (!verb)
    return;
  for (llvm::StringRef name : {"seconds", "hitcount"})
    if (const Use *use = builder.command.find(module, name); use && numberOf(builder, module, name) != 0)
      return builder.error(use->word, fmt::format("'{}' tests nothing that '{}' could heed; '--rcheck' and '--update' "
                                                  "do",
                                                  verb->word, use->word));
}

/// A burst of bytes must hold what passes in a second, as iptables rounds it.
/// Source: libxt_hashlimit.c, bytes_to_cost() and cost_to_bytes().
static uint64_t leastBurst(uint64_t bytes) {
  constexpr uint64_t kMost = 0xffffffff;
  constexpr unsigned kShift = 4; // XT_HASHLIMIT_BYTE_SHIFT
  uint64_t cost = kMost / ((bytes >> kShift) + 1);
  return ((cost ? kMost / cost : kMost) - 1) << kShift;
}

static void checkHashlimit(RuleBuilder &builder, unsigned module) {
  const Use *burst = builder.command.find(module, "hashlimit-burst");
  bool above = builder.command.find(module, "hashlimit-above");
  auto bytes = parseByteRate(builder.valueOf(module, above ? "hashlimit-above" : "hashlimit-upto"));
  if (!burst || !bytes)
    return;
  if (parseBurst(builder.value(*burst)).value_or(0) < leastBurst(*bytes))
    builder.error(burst->values[0], fmt::format("with this rate the burst must be {}b at least", leastBurst(*bytes)));
}

/// The weight that the kernel gives to the last interval must come out between 1/2 and 1/2^30.
/// Source: libxt_RATEEST.c, RATEEST_final_check().
static void checkRateestTarget(RuleBuilder &builder, unsigned module) {
  constexpr uint64_t kMostInterval = 8000000; // of microseconds
  constexpr unsigned kLeast = 1, kMost = 30;
  const Use *interval = builder.command.find(module, "rateest-interval");
  const Use *average = builder.command.find(module, "rateest-ewmalog");
  auto step = parsePeriod(builder.valueOf(module, "rateest-interval"));
  auto over = parsePeriod(builder.valueOf(module, "rateest-ewmalog"));
  if (!step || !over)
    return;
  if (*step > kMostInterval)
    return builder.error(interval->values[0], "the interval may be 8s at most");
  unsigned weight = 1;
  while (weight < kMost + 2 && double(*step) / -std::log(1.0 - std::ldexp(1.0, -int(weight))) <= double(*over))
    ++weight;
  if (weight - 1 < kLeast || weight - 1 > kMost)
    builder.error(average->values[0], "the average must be taken over a longer time than 1.45 intervals");
}

namespace {

/// The elements of `-m policy`, which `--next` parts.
class PolicyReader {
public:
  PolicyReader(RuleBuilder &builder, unsigned module) : builder(builder), module(module) {}

  void check();

private:
  static bool describes(const Use &use) {
    static constexpr llvm::StringLiteral names[] = {"reqid", "spi", "tunnel-src", "tunnel-dst", "proto", "mode"};
    return llvm::any_of(names, [&](llvm::StringRef name) { return use.is(name); });
  }
  void add(const Use &use);
  void finish();

  RuleBuilder &builder;
  unsigned module;
  const Use *strict = nullptr;
  llvm::SmallVector<const Use *, 4> element;
};

} // namespace

void PolicyReader::add(const Use &use) {
  for (const Use *earlier : element)
    if (earlier->is(use.option->canonical))
      return builder.error(use.word,
                           fmt::format("'{}' stands twice in one element; '--next' begins another", use.word));
  element.push_back(&use);
}

void PolicyReader::finish() {
  if (element.empty() && strict)
    builder.error(strict->word, "with '--strict' each element needs '--reqid', '--spi', '--proto', '--mode', "
                                "'--tunnel-src' or '--tunnel-dst'");
  bool tunnel = false;
  for (const Use *use : element)
    tunnel |= use->is("mode") && (builder.value(*use) == "tunnel") != use->negated;
  for (const Use *use : element)
    if (!tunnel && (use->is("tunnel-src") || use->is("tunnel-dst")))
      return builder.error(use->word, fmt::format("'{}' needs '--mode tunnel' in its element", use->word));
  element.clear();
}

void PolicyReader::check() {
  strict = builder.command.find(module, "strict");
  if (builder.valueOf(module, "pol") == "none") {
    if (strict)
      builder.error(strict->word, "there is nothing to be strict about with '--pol none'");
    return;
  }
  for (const Use &use : builder.command.uses) {
    if (use.module != module)
      continue;
    if (use.is("next"))
      finish();
    else if (describes(use))
      add(use);
  }
  finish();
}

static void checkPolicy(RuleBuilder &builder, unsigned module) {
  PolicyReader(builder, module).check();
}

/// Each word of the tuple sets a mask, which iptables refuses to have set again behind it. Ports and the SPI are the
/// same bytes.
static void checkHmark(RuleBuilder &builder, unsigned module) {
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> masks[] = {
      {"src", "hmark-src-prefix"},   {"dst", "hmark-dst-prefix"}, {"sport", "hmark-sport-mask"},
      {"dport", "hmark-dport-mask"}, {"spi", "hmark-spi-mask"},   {"proto", "hmark-proto-mask"}};
  const Use *tuple = builder.command.find(module, "hmark-tuple");
  llvm::SmallVector<llvm::StringRef, 6> words;
  builder.valueOf(module, "hmark-tuple").split(words, ',');
  auto has = [&](llvm::StringRef word, llvm::StringRef mask) {
    return llvm::any_of(words, [word](llvm::StringRef one) { return one.equals_insensitive(word); }) ||
           builder.command.find(module, mask);
  };
  for (auto [word, mask] : masks)
    if (const Use *use = builder.command.find(module, mask);
        use && tuple && tuple->begin < use->begin && llvm::is_contained(words, word))
      builder.error(use->word, fmt::format("behind '--hmark-tuple {}' iptables refuses '{}'; it may stand in front",
                                           word, use->word));
  if (tuple && has("spi", "hmark-spi-mask") && (has("sport", "hmark-sport-mask") || has("dport", "hmark-dport-mask")))
    builder.error(tuple->word, "ports and the SPI exclude each other");
}

/// Only routing headers of type 0 have what these look at.
static void checkRouting(RuleBuilder &builder, unsigned module) {
  const Use *type = builder.command.find(module, "rt-type");
  for (llvm::StringRef name : {"rt-0-res", "rt-0-addrs", "rt-0-not-strict"})
    if (type && builder.command.find(module, name) && (type->negated || numberOf(builder, module, "rt-type") != 0))
      return builder.error(type->values[0], fmt::format("'--{}' needs '--rt-type 0' beside it", name));
}

/// What a segment can hold beside the headers.
static void checkTcpmss(RuleBuilder &builder, unsigned module) {
  constexpr unsigned kMost6 = 65495; // 65535 less the headers of IPv6 and TCP
  const Use *size = builder.command.find(module, "set-mss");
  if (size && builder.family == packet::Family::IPv6 && numberOf(builder, module, "set-mss") > kMost6)
    builder.error(size->values[0], fmt::format("in IPv6 a segment has {} bytes at most", kMost6));
}

/// All of a new cluster, or nothing at all.
static void checkClusterip(RuleBuilder &builder, unsigned module) {
  bool any = llvm::any_of(builder.command.uses, [&](const Use &use) { return use.module == module; });
  for (llvm::StringRef name : {"new", "hashmode", "clustermac", "total-nodes", "local-node"})
    if (any && !builder.command.find(module, name))
      return builder.error(builder.command.modules[module].at,
                           fmt::format("'CLUSTERIP' needs '--{}' beside its other options", name));
}

void checkCombinations(RuleBuilder &builder, unsigned module) {
  switch (builder.command.modules[module].module->id) {
  case ModuleId::Statistic:
    return checkStatistic(builder, module);
  case ModuleId::Cluster:
    return checkCluster(builder, module);
  case ModuleId::Time:
    return checkTime(builder, module);
  case ModuleId::Recent:
    return checkRecent(builder, module);
  case ModuleId::Hashlimit:
    return checkHashlimit(builder, module);
  case ModuleId::RateestTarget:
    return checkRateestTarget(builder, module);
  case ModuleId::Policy:
    return checkPolicy(builder, module);
  case ModuleId::Hmark:
    return checkHmark(builder, module);
  case ModuleId::Rt:
    return checkRouting(builder, module);
  case ModuleId::TcpmssTarget:
    return checkTcpmss(builder, module);
  case ModuleId::Clusterip:
    return checkClusterip(builder, module);
  default:
    return;
  }
}

} // namespace iptlint::parse
