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

/// What the solver says of a rule that is called dead.
struct Certificate {
  enum class Result : uint8_t {
    Proved,  ///< no packet gets to it
    Refuted, ///< one does: somebody is wrong
    Open,
  };
  Result result = Result::Open;
  std::vector<RulePlace> by; ///< the rules whose doing it is; none: conditions alone
  bool byAllRules = false;   ///< those of `by` alone do not do it, or were not shown to
  std::string reason;        ///< for Open and Refuted
  std::string solver;        ///< "Z3 4.8.12"
  unsigned queries = 0;
  double seconds = 0;
};

struct RuleWitness {
  RulePlace rule;
  std::string path; ///< the file's
  WitnessStatus status = WitnessStatus::Unknown;
  std::optional<packet::Packet> packet;                ///< live
  std::vector<std::pair<std::string, bool>> assumedState; ///< live: conditions with state that must fall so
  bool sendable = false;                               ///< live
  std::vector<RulePlace> takenBy;                      ///< dead
  bool takenByMore = false;                            ///< dead: these are not all that are needed
  std::optional<Certificate> certificate;              ///< dead, where one was asked for
  std::string because; ///< why unknown, why dead if nobody takes the packets, why not sendable
};

void printWitnesses(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out);
void printWitnessesJson(const std::vector<RuleWitness> &rules, llvm::raw_ostream &out);

} // namespace iptlint::report
