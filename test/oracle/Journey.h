// A packet's way through all tables of a machine.
//
// Each table is walked by eval; what the kernel decides in between (routing, conntrack, whether nat is asked, what nat
// writes) is written out here by itself, as docs/semantics.md says it, and shares nothing with analysis. What is
// left open there, and the packet itself, is chosen by a Chooser.
#pragma once

#include "Chooser.h"
#include "eval/Eval.h"
#include "llvm/ADT/STLExtras.h"
#include <functional>
#include <map>

namespace iptlint::oracle {

using packet::Field;
using packet::Hook;
using packet::Packet;
using packet::Value;

/// The values that packets may have, and those that what is unknown may come to.
struct World {
  std::map<Field, std::vector<Value>> values; ///< of fields that are not named here: 0
  std::vector<packet::CtState> states;        ///< as conntrack sees packets; one may stand there twice, for chance
  std::vector<llvm::StringRef>
      wires; ///< the interfaces that packets come by; lo where frames are sent there past the tables
  std::vector<std::string> functions; ///< opaque functions of the packet
};

class Journey {
public:
  using Hit = std::function<void(uint32_t table, ir::RuleId rule)>;
  /// \param hit  is told each rule that a packet matches.
  Journey(const ir::Ruleset &ruleset, const World &world, Chooser &chooser, Hit hit)
      : ruleset(ruleset), world(world), chooser(chooser), hit(std::move(hit)) {}

  /// One packet, to its end.
  void run();

private:
  void fromWire(llvm::StringRef interface, bool again);
  void ofOwn();
  bool passes(Hook hook, llvm::ArrayRef<llvm::StringRef> tables, bool natIsAsked);
  bool passesRaw(uint32_t table);
  bool passesNat(uint32_t table);
  bool passesNewInNat(uint32_t table);
  bool passesTable(uint32_t table);
  void changeUnseen(llvm::StringRef table);
  void translateOtherwise();
  void translate(const ir::Target &target);
  void route();
  void setAny(Field field);
  bool mayBe() { return chooser.choose(2) != 0; }
  bool isAtDestinationHook() const { return packet.hook() == Hook::Prerouting || packet.hook() == Hook::Output; }

  const ir::Ruleset &ruleset;
  const World &world;
  Chooser &chooser;
  Hit hit;
  Packet packet;
  Value state = 0;
  bool tracked = false; ///< conntrack has seen it
};

} // namespace iptlint::oracle
