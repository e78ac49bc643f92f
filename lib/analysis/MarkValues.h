// Which values the rules of a text can give the marks of packets and flows.
//
// A packet from the wire comes without a mark, and so does a new flow; what the rules make of that is followed as a set
// of pairs (mark of the packet, mark of its flow), each writer being tried on each pair, whatever the order and the
// conditions they stand in. So the set holds more than what really occurs, and a value that is not in it is set by no
// rule. Bits of which nothing is known (HMARK, QUEUE, what a socket has marked and a rule of OUTPUT saves) are free.
//
// Left out is what marks packets besides rules: traffic control, eBPF, tunnels, IPsec, nftables, sockets.
#pragma once

#include "analysis/CallGraph.h"
#include <set>
#include <utility>

namespace iptlint::analysis {

class MarkValues {
public:
  /// \param tables  those of one rule set, without replaced ones.
  /// \param graphs  of each table.
  MarkValues(llvm::ArrayRef<const ir::Table *> tables, llvm::ArrayRef<const CallGraph *> graphs);

  /// Whether rules can make a value of Field::Mark or Field::ConnMark that meets \p test; true where that is not known.
  bool canMeet(const ir::MaskTest &test) const;

private:
  struct Pair {
    uint32_t packet, flow;
    auto operator<=>(const Pair &) const = default;
  };
  /// new = (old & keep) ^ (other & copy) ^ flip. `unknown`: bits that become anything.
  struct Writer {
    bool ofFlow;
    uint32_t keep, copy, flip, unknown;
    bool fromAnySocket; ///< what it copies may have been set by a socket
    auto operator<=>(const Writer &) const = default;
  };

  void collect(const ir::Table &table, const CallGraph &graph);
  void addWrites(const ir::Rule &rule, bool seesSockets);
  void findFree();
  void close();
  Pair after(Pair pair, const Writer &writer) const;

  std::set<Writer> writers;
  Pair free{0, 0};
  std::set<Pair> reached;
  bool unbounded = false; ///< there were too many to follow
};

} // namespace iptlint::analysis
