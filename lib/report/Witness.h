// What is known of every rule: a packet that it gets, or who takes its packets.
#pragma once

#include "packet/Packet.h"
#include "support/Diagnostic.h"
#include "llvm/Support/raw_ostream.h"

namespace iptlint::report {

enum class WitnessStatus : uint8_t { Live, Dead, Unknown };

struct RulePlace {
  support::Place place;
  unsigned line = 0;
};

struct RuleWitness {
  RulePlace rule;
  std::string path; ///< the file's
  WitnessStatus status = WitnessStatus::Unknown;
  std::optional<packet::Packet> packet;                ///< live
  std::vector<std::pair<std::string, bool>> assumedState; ///< live: conditions with state that must fall so
  bool sendable = false;                               ///< live
  std::vector<RulePlace> takenBy;                      ///< dead
  std::string because; ///< why unknown, why dead if nobody takes the packets, why not sendable
};

void printWitnesses(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out);
void printWitnessesJson(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out);

} // namespace iptlint::report
