// The explanation of one dead rule, and what is true of it. Explanation.cpp has the definitions.
#pragma once

#include "Explanation.h"
#include "Surgery.h"

namespace iptlint::oracle {

/// A packet of the rule: as it enters, and where it would be and how it would look when it hits the rule.
struct Arrival {
  Packet packet;
  Packet state;
  Places places;
};

enum class Fares : uint8_t { Alike, Otherwise, Open };

/// The explanation of one dead rule.
class Explained {
public:
  Explained(const ir::Table &table, const Universe &universe, ir::RuleId id, const analysis::RuleReach &said,
            Tally &tally)
      : table(table), universe(universe), id(id), said(said), tally(tally) {}

  std::optional<std::string> wrong(bool agreement);

private:
  analysis::DeadBecause because();
  void findArrivals();
  std::vector<ir::RuleId> armedWith(llvm::ArrayRef<analysis::Taker> takers) const;
  bool isLiveWith(llvm::ArrayRef<analysis::Taker> takers) const;
  std::optional<std::string> wrongTakers();
  std::optional<std::string> wrongTaker(const analysis::Taker &taker) const;
  std::optional<std::string> wrongPath(const analysis::Taker &taker) const;
  bool matchesAPacketOfTheRule(ir::RuleId taker) const;
  std::optional<std::string> wrongAgreement();
  void findTaken();
  bool agreeingTakersSuffice() const;
  Fares fares(const Arrival &arrival, const eval::Outcome &actual) const;
  std::optional<Packet> stateBehind(const Packet &packet, llvm::ArrayRef<eval::Step> steps) const;
  std::vector<Trace> tracesFrom(const Places &places, const Packet &packet) const;
  bool hasTwinAmongTakers() const;
  const ir::Rule &at(ir::RuleId rule) const { return table.chains[rule.chain].rules[rule.rule]; }

  const ir::Table &table;
  const Universe &universe;
  ir::RuleId id;
  const analysis::RuleReach &said;
  Tally &tally;
  std::vector<Arrival> arrivals;

  /// A run of a packet of the rule: who takes it away, and all who sent it somewhere on the way.
  struct Taken {
    ir::RuleId taker;
    std::vector<ir::RuleId> involved;
    Fares fare;
  };
  std::vector<Taken> taken;
};

} // namespace iptlint::oracle
