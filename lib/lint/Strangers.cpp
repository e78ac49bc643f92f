#include "lint/Strangers.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::lint {

using packet::Family;
using packet::Field;
using packet::Hook;

/// What is not routed on the Internet, or stands in documentation. Source: IANA's registries of special-purpose
/// addresses.
static std::vector<ir::Interval> specialAddresses(Family family) {
  if (family == Family::IPv6)
    return {prefix("2001::", 23, family), prefix("2001:db8::", 32, family), prefix("2002::", 16, family)};
  std::vector<ir::Interval> special;
  for (auto [address, length] : std::initializer_list<std::pair<const char *, unsigned>>{{"0.0.0.0", 8},
                                                                                         {"10.0.0.0", 8},
                                                                                         {"100.64.0.0", 10},
                                                                                         {"127.0.0.0", 8},
                                                                                         {"169.254.0.0", 16},
                                                                                         {"172.16.0.0", 12},
                                                                                         {"192.0.0.0", 24},
                                                                                         {"192.0.2.0", 24},
                                                                                         {"192.88.99.0", 24},
                                                                                         {"192.168.0.0", 16},
                                                                                         {"198.18.0.0", 15},
                                                                                         {"198.51.100.0", 24},
                                                                                         {"203.0.113.0", 24},
                                                                                         {"224.0.0.0", 3}})
    special.push_back(prefix(address, length, family));
  return special;
}

namespace {

/// Whom the packets asked about come from and go to.
class Strangers {
public:
  Strangers(const Facts &facts, const TableFacts &filter)
      : facts(facts), filter(filter), family(facts.ruleset->family) {
    inspectRules();
  }

  /// Nothing where rules name every public address.
  std::optional<analysis::Kind> packetTo(Port port) const {
    ir::Interval all = family == Family::IPv4 ? prefix("0.0.0.0", 0, family) : prefix("2000::", 3, family);
    std::optional<ir::Interval> source = largestGap(sources, all);
    if (!source)
      return std::nullopt;
    analysis::Kind kind = plainNew(Hook::Input);
    kind.push_back(oneOf(Field::Src, *source));
    kind.push_back(unlessIn(Field::Dst, notOnTheWire(family)));
    kind.insert(kind.end(), apart.begin(), apart.end());
    kind.push_back(facts.settings.outsideInterfaces.empty() ? unlessIn(Field::In, {loopback()})
                                                            : byOneOf(facts.settings.outsideInterfaces));
    addProtocol(kind, port.protocol);
    kind.push_back(is(Field::Dport, port.number));
    return kind;
  }

private:
  void inspectRules() {
    std::vector<bool> behind = chainsBehind(filter, Hook::Input);
    sources = specialAddresses(family);
    for (uint32_t c = 0; c != behind.size(); ++c)
      if (behind[c])
        for (const ir::Rule &rule : filter.table->chains[c].rules) {
          for (const ir::Test &test : rule.tests)
            addNamed(test, Field::Src, sources);
          if (trusts(rule))
            keepApart(rule);
        }
    sources = joined(std::move(sources));
    apart.push_back(unlessIn(Field::In, trustedInterfaces));
    apart.push_back(unlessIn(Field::Dst, trustedDestinations));
  }

  /// Whether a rule lets packets pass by where they come in or go to alone.
  static bool trusts(const ir::Rule &rule) {
    bool namesService = false;
    for (const ir::Test &test : rule.tests)
      for (Field field : {Field::Proto, Field::Sport, Field::Dport}) {
        std::vector<ir::Interval> named;
        addNamed(test, field, named);
        namesService |= !named.empty();
      }
    bool passes = rule.target.kind == ir::TargetKind::Accept || rule.target.kind == ir::TargetKind::Jump ||
                  rule.target.kind == ir::TargetKind::Goto || rule.target.kind == ir::TargetKind::Return;
    return passes && !namesService;
  }

  /// Packets asked about are none of those. With outside interfaces given, it is known which interfaces count.
  void keepApart(const ir::Rule &rule) {
    for (const ir::Test &test : rule.tests) {
      auto *range = std::get_if<ir::RangeTest>(&test);
      bool isInterface = range && range->field == Field::In && facts.settings.outsideInterfaces.empty();
      bool isDestination = range && range->field == Field::Dst;
      if (!isInterface && !isDestination)
        continue;
      std::vector<ir::Interval> &trusted = isInterface ? trustedInterfaces : trustedDestinations;
      if (!range->negated)
        trusted.insert(trusted.end(), range->ranges.begin(), range->ranges.end());
      else if (ir::Test inverse = oneOf(range->field, range->ranges); !llvm::is_contained(apart, inverse))
        apart.push_back(inverse);
    }
  }

  const Facts &facts;
  const TableFacts &filter;
  Family family;
  std::vector<ir::Interval> sources; ///< that rules name, and those that are not public
  std::vector<ir::Interval> trustedInterfaces, trustedDestinations;
  std::vector<ir::Test> apart;
};

} // namespace

/// What INPUT says to strangers about each port; Unknown, too, where another table may get in the way.
static std::vector<analysis::Admission> ask(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Port> ports,
                                            bool tellNo) {
  Strangers strangers(facts, filter);
  std::vector<size_t> asked;
  std::vector<analysis::Kind> kinds;
  for (size_t i = 0; i != ports.size(); ++i)
    if (auto kind = strangers.packetTo(ports[i]); kind && !mayBeTakenElsewhere(facts, Hook::Input, *kind)) {
      asked.push_back(i);
      kinds.push_back(*kind);
    }
  analysis::AdmitsOptions options = askingOf(facts);
  options.tellNo = tellNo;
  std::vector<analysis::Admission> found = analysis::admits(*filter.table, facts.ruleset->family, filter.graph, Hook::Input,
                                                            analysis::Ending::Accepted, kinds, options);
  std::vector<analysis::Admission> answers(ports.size());
  for (size_t i = 0; i != found.size(); ++i)
    answers[asked[i]] = found[i];
  return answers;
}

OpenedBy openedToStrangers(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Port> ports) {
  std::vector<analysis::Admission> found = ask(facts, filter, ports, /*tellNo=*/false);
  OpenedBy opened;
  for (size_t i = 0; i != found.size(); ++i)
    if (found[i].answer == analysis::Answer::Yes) {
      auto [entry, isNew] = opened.try_emplace(found[i].by);
      entry->second.ports.push_back(ports[i]);
      if (isNew)
        entry->second.packet = found[i].packet;
    }
  return opened;
}

std::vector<Port> closedToStrangers(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Port> ports) {
  std::vector<analysis::Admission> found = ask(facts, filter, ports, /*tellNo=*/true);
  std::vector<Port> closed;
  for (size_t i = 0; i != found.size(); ++i)
    if (found[i].answer == analysis::Answer::No)
      closed.push_back(ports[i]);
  return closed;
}

std::string wordsFor(llvm::ArrayRef<Port> ports) {
  std::string words = ports.size() == 1 ? "port" : "ports";
  for (const Port &port : ports)
    words += fmt::format("{}{}/{}", &port == ports.begin() ? " " : ", ", port.number,
                         port.protocol == packet::kUdp ? "udp" : "tcp");
  return words;
}

} // namespace iptlint::lint
