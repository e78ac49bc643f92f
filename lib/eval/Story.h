// A packet together with those of its flow that its way hangs on, and all ways that there are.
#pragma once

#include "eval/Arrival.h"
#include "eval/Explore.h"

namespace iptlint::eval {

enum class Role : uint8_t {
  First,  ///< the packet that began the flow of the one that was asked for
  Packet, ///< the one that was asked for
  Answer, ///< the packet that answers it
};

struct Leg {
  Role role = Role::Packet;
  Trip trip;
};

/// One way that it can go.
struct Path {
  Course course;
  std::vector<Leg> legs; ///< one for each packet, in the order they are sent
  const Leg &asked() const;
  bool isSame(const Path &other) const;
};

struct StoryOptions {
  bool reply = false; ///< follow the answer as well
  std::vector<Assumption> assumptions;
  size_t mostPaths = 1000;
};

struct Story {
  /// Two that differ in nothing but answers that did not matter are one, with what both have in common.
  std::vector<Path> paths;
  std::vector<Fraction> shares; ///< of each path, for the answers of no known share that it has
  bool complete = true;         ///< these are all
};

/// \param options  its assumptions are marked as used where they were.
Story tell(const Machine &machine, const Traveller &traveller, const StoryOptions &options);

} // namespace iptlint::eval
