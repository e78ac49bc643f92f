// Addresses that routing treats alike, and what it decides for them.
//
// Every route, own address and routing rule, and every block with a meaning of its own, cuts the addresses of a family;
// what lies between two cuts is a cell. eval's routing is asked for one address of each, and remembered.
#pragma once

#include "eval/Journey.h"
#include "query/Ranges.h"
#include <map>

namespace iptlint::query {

class Cells {
public:
  Cells(const eval::Machine &machine, packet::Family family);

  /// Decisions in which the addresses that were asked about are called "the destination" and "the source".
  struct Rectangle {
    Ranges dst, src;
    const eval::Decisions *decisions;
  };
  /// What is decided for a flow with any of these addresses; nothing if there are too many cells.
  std::optional<std::vector<Rectangle>> decide(const eval::Flow &flow, const Ranges &dst, const Ranges &src);

  /// The addresses of which routing says this type for certain, and those whose type it does not know.
  struct Types {
    std::map<packet::AddrType, Ranges> known;
    Ranges unknown;
  };
  const Types &types();

  /// The cells that meet \p ranges, each cut to them.
  std::vector<ir::Interval> cut(const Ranges &ranges) const;

private:
  size_t cellOf(packet::Value value) const;
  packet::Value lastOf(size_t cell) const;
  const eval::Decisions *decideOnce(eval::Flow flow);

  const eval::Machine &machine;
  packet::Family family;
  std::vector<packet::Value> starts; ///< of cells; the first is 0
  std::map<std::string, std::map<std::pair<size_t, size_t>, const eval::Decisions *>> known;
  std::map<std::string, eval::Decisions> distinct;
  std::optional<Types> typesFound;
};

/// Replaces an address in a sentence, where it stands as a word.
std::string renamed(std::string text, const std::string &from, const std::string &to);

} // namespace iptlint::query
