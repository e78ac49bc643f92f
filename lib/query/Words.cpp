#include "query/Words.h"
#include "packet/Usual.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using ir::Interval;
using packet::Family;

std::string valueWords(Field field, Value value, Family family) {
  switch (field) {
  case Field::Src:
  case Field::Dst:
    return packet::addressText(value, family);
  case Field::Proto:
    return packet::protocolText(unsigned(value));
  case Field::In:
  case Field::Out:
  case Field::PhysIn:
  case Field::PhysOut:
    return packet::interfaceName(value);
  case Field::Mac:
    return value == packet::kNoMac ? "none" : packet::macText(value);
  case Field::Icmp:
    return fmt::format("{}/{}", unsigned(value >> 8), unsigned(value & 0xff));
  default:
    return fmt::format("{}", uint64_t(value));
  }
}

/// "10.0.0.0/8" where an interval of addresses is a prefix.
static std::string intervalWords(Field field, const Interval &interval, Family family) {
  if (interval.lo == interval.hi)
    return valueWords(field, interval.lo, family);
  Value span = interval.hi - interval.lo;
  bool isPrefix = (span & (span + 1)) == 0 && (interval.lo & span) == 0;
  if ((field == Field::Src || field == Field::Dst) && isPrefix) {
    unsigned length = packet::bits(field, family);
    for (Value rest = span; rest != 0; rest >>= 1)
      --length;
    return fmt::format("{}/{}", valueWords(field, interval.lo, family), length);
  }
  bool isPort = field == Field::Sport || field == Field::Dport;
  return fmt::format("{}{}{}", valueWords(field, interval.lo, family), isPort ? ":" : "-",
                     valueWords(field, interval.hi, family));
}

static std::string listWords(Field field, llvm::ArrayRef<Interval> ranges, Family family) {
  constexpr size_t kMost = 8;
  std::vector<std::string> words;
  for (const Interval &range : ranges.take_front(kMost))
    words.push_back(intervalWords(field, range, family));
  if (ranges.size() > kMost)
    words.push_back(fmt::format("... ({} more)", ranges.size() - kMost));
  return llvm::join(words, ",");
}

static std::string wordOf(Field field, Family family) {
  switch (field) {
  case Field::Src:
    return "-s";
  case Field::Dst:
    return "-d";
  case Field::Proto:
    return "-p";
  case Field::Sport:
    return "--sport";
  case Field::Dport:
    return "--dport";
  case Field::Icmp:
    return family == Family::IPv4 ? "--icmp-type" : "--icmpv6-type";
  case Field::Mac:
    return "--mac-source";
  case Field::Mark:
    return "--mark";
  default:
    return packet::optionOf(field, family).str();
  }
}

/// The values, or where that is shorter, those that are left out.
static std::string sideWords(const Box::Side &side, Family family) {
  Ranges others = outside(side.values, packet::maxValue(side.field, family));
  if (others.empty())
    return "";
  bool negated = others.size() < side.values.size() ||
                 (others.size() == 1 && side.values.size() == 1 && others[0].lo == others[0].hi);
  if (side.field == Field::TcpFlags) {
    std::vector<std::string> flags;
    for (const Interval &range : side.values)
      for (Value value = range.lo; value <= range.hi; ++value) {
        std::vector<std::string> set;
        for (unsigned bit = 0; bit != packet::kTcpFlagCount; ++bit)
          if (value >> bit & 1)
            set.push_back(packet::tcpFlagName(bit).str());
        flags.push_back(set.empty() ? "NONE" : llvm::join(set, ","));
      }
    constexpr size_t kMost = 4;
    if (flags.size() > kMost)
      return fmt::format("--tcp-flags ALL (one of {} sets of flags)", flags.size());
    return "--tcp-flags ALL " + llvm::join(flags, "|");
  }
  return fmt::format("{}{} {}", negated ? "! " : "", wordOf(side.field, family),
                     listWords(side.field, negated ? others : side.values, family));
}

/// Flags, types and states that a packet has which begins a flow.
static bool isOrdinary(const Answer &answer, const Box::Side &side) {
  return (side.field == Field::TcpFlags || side.field == Field::Icmp) &&
         llvm::any_of(answer.started, [&](const Box &box) {
           const Ranges *begun = box.find(side.field);
           return begun && *begun == side.values;
         });
}

static std::string boxWords(const Answer &answer, const Box &box, Family family) {
  std::vector<std::string> words;
  for (const Box::Side &side : box.all())
    if (!isOrdinary(answer, side))
      if (std::string one = sideWords(side, family); !one.empty())
        words.push_back(std::move(one));
  return llvm::join(words, " ");
}

/// By chain, from the first to the last rule.
static std::string exceptionWords(const Answer &answer, const Region &region, const ir::Ruleset *rules) {
  std::map<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, uint32_t>> byChain;
  std::vector<std::string> words;
  for (const Exception *each : region.without) {
    if (each->table == ~uint32_t(0) || !rules) {
      words.push_back("(" + boxWords(answer, each->box, region.family) + ")");
      continue;
    }
    auto [at, isNew] = byChain.try_emplace({each->table, each->chain}, each->rule, each->rule);
    at->second.first = std::min(at->second.first, each->rule);
    at->second.second = std::max(at->second.second, each->rule);
  }
  for (const auto &[chain, span] : byChain) {
    const ir::Table &table = rules->tables[chain.first];
    std::string name = fmt::format("{} {}", table.name.str(), table.chains[chain.second].name.str());
    words.push_back(span.first == span.second
                        ? fmt::format("what rule {} of {} takes", span.first + 1, name)
                        : fmt::format("what rules {} to {} of {} take", span.first + 1, span.second + 1, name));
  }
  return words.empty() ? "" : "and not " + llvm::join(words, ", nor ");
}

std::string wordsOf(const Answer &answer, const Part &part, const ir::Ruleset *rules) {
  std::string words = boxWords(answer, part.region.box, part.region.family);
  if (part.entering != 0)
    words += std::string(words.empty() ? "" : " ") + "--ctstate " + packet::ctstateText(unsigned(part.entering));
  if (words.empty())
    words = "any packet";
  if (std::string without = exceptionWords(answer, part.region, rules); !without.empty())
    words += ", " + without;
  for (const Condition &condition : part.conditions)
    words += fmt::format(", {}{}{}{}", condition.holds ? "if " : "unless ", condition.text,
                         condition.line ? fmt::format(" (line {})", condition.line) : "",
                         condition.share ? fmt::format(" [{}]", condition.share->text()) : "");
  return words;
}

} // namespace iptlint::query
