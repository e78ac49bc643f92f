// What the steps of a query share: the machine, the parts that have ended, and what can be asked of a part.
#pragma once

#include "query/Boxes.h"
#include "query/Cells.h"
#include "query/Query.h"

namespace iptlint::query {

/// What a test asks of the packets of a part.
struct Asked {
  enum class Kind : uint8_t { Boxes, Unclear } kind = Kind::Boxes;
  Boxes boxes; ///< disjoint; it holds in them. None: never; one without sides: always
};

using Parts = std::vector<Part>;

/// Of an exception that no rule makes.
constexpr uint32_t kNoTable = ~uint32_t(0);

class Walk {
public:
  Walk(const eval::Machine &machine, const Question &question);

  Answer run();

private:
  // Tests.cpp
  Held heldBy(const Part &part, Field field) const;
  void hold(Part &part, Field field, Held held) const;
  void holdConstant(Part &part, Field field, Value value) const { hold(part, field, {field, 0, value, true}); }
  void holdUnknown(Part &part, Field field) const { hold(part, field, {field, 0, 0, false}); }
  /// The values that a field may have in a part; nothing where that is not known.
  std::optional<Ranges> valuesOf(const Part &part, Field field) const;
  std::optional<Value> valueOf(const Part &part, Field field) const;
  Asked ask(const Part &part, Field field, bool negated, llvm::ArrayRef<ir::Interval> ranges) const;
  Asked ask(const Part &part, const ir::RangeTest &test) const;
  Asked ask(const Part &part, const ir::MaskTest &test) const;
  Asked ask(const Part &part, const ir::Alternative &alternative) const;
  Asked ask(const Part &part, const ir::UnionTest &test) const;
  Asked ask(const Part &part, const ir::Test &test) const;
  void write(Part &part, const ir::Write &write) const;

  // Match.cpp
  struct Matched {
    Parts met, others; ///< others: of the region met all the same, but a condition does not hold
  };
  /// Some packets that a rule asks for: those of a box whose addresses are of the types that these tests want.
  struct Typed {
    Box box;
    std::vector<const ir::RangeTest *> types;
  };
  /// What a rule asks of the packets of a part.
  struct Wanted {
    std::vector<Typed> typed; ///< disjoint
    std::vector<const ir::OpaqueTest *> opaque;
    bool isUnclear = false; ///< it asks for more, which is not known of them
  };
  Wanted wantedBy(const Part &part, const ir::Rule &rule);
  /// Types of addresses that are known are boxes as well; those that are not are left to be asked for.
  void wantType(const Part &part, const ir::RangeTest &test, Wanted &wanted);
  /// The packets of a part that are in a box, and meet all conditions besides.
  void take(Part piece, const Typed &typed, const Wanted &wanted, unsigned line, Matched &into);
  /// Takes the packets that a rule matches out of a part. \returns whether anything may be left of it.
  bool match(Part &part, const ir::Rule &rule, uint32_t table, uint32_t chain, uint32_t number, Matched &into);
  bool cannotMatch(const Part &part, const ir::Rule &rule) const;
  /// Both ways of a condition: those that meet it are returned, the others go to \p others.
  Parts fork(Parts parts, const ir::OpaqueTest &test, unsigned line, Parts &others) const;
  Parts forkByType(Part part, const ir::RangeTest &test, unsigned line, Parts &others);
  /// Cuts a part in two. \returns what \p test holds of; \p part is the rest, or `isLeft` is false.
  Parts cut(Part &part, const Asked &asked, bool &isLeft);
  void end(Part part, Ending ending, std::string reason = "", std::optional<Decider> decider = std::nullopt);

  // Table.cpp
  struct Frame {
    uint32_t chain, rule;
  };
  struct Item {
    Part part;
    std::vector<Frame> frames;
  };
  struct Passing; ///< a run of one table
  Parts passRules(Part part, packet::Hook hook, uint32_t table);
  void goThrough(Passing &passing, Item item);
  void obey(Passing &passing, Item item, uint32_t chain, uint32_t number);
  void obeyVerdict(Passing &passing, Part part, const ir::Rule &rule, const Decider &decider);
  void obeyPolicy(Passing &passing, Part part);
  void reject(Part part, const ir::Target &target, const Decider &decider);
  bool isIdle(uint32_t table, const ir::Rule &rule);
  bool isIdleChain(uint32_t table, uint32_t chain);

  // Nat.cpp
  Parts translate(Part part, packet::Hook hook, const ir::Target &target);
  Parts translateAddress(Part part, packet::Hook hook, const ir::Target &target, Field address);
  Parts takeFromInterface(Part part, const ir::Target &target, Field address);
  Parts translatePort(Part part, const ir::Target &target, Field port, bool destination);
  /// Whether a field holds another value than it held, for each piece of a part.
  std::vector<std::pair<Part, bool>> differing(Part part, Held before, Field field);
  /// Whether anything was translated is a part of the flow's state.
  Parts noteTranslation(Part part);

  // Route.cpp
  Parts decide(Part part, bool again);
  Parts cutForRouting(Part part);
  Parts decideUniform(Part part, bool again);
  eval::Flow flowOf(const Part &part, bool again) const;
  void choose(const Part &part, eval::Decisions decisions, Parts &into) const;
  std::string nameOf(const Part &part, Field address) const;

  // Order.cpp
  void openFields();
  Parts start();
  Parts startIn(packet::CtState state, const Box &box);
  std::vector<std::pair<packet::CtState, Box>> startingStates() const;
  bool reads(Field field) const;
  void arrive(Part part);
  Parts refuseOnArrival(Part part);
  void sendOwn(Part part);
  void forward(Part part);
  void deliver(Part part);
  void leave(Part part, Ending ending);
  Parts passHook(Parts parts, packet::Hook hook);
  Parts passTable(Part part, packet::Hook hook, llvm::StringRef name);
  Parts passNat(Part part, packet::Hook hook, uint32_t table);
  Parts routeAgain(Parts parts);
  void enterGroup(Part &part, llvm::StringRef device) const;
  void setOut(Part &part) const;
  void track(Part &part) const;
  void describeFlow(Part &part) const;
  std::optional<uint32_t> find(llvm::StringRef table) const;
  bool tooMany();

  const ir::Rule &ruleOf(const Decider &at) const { return rules().tables[at.table].chains[at.chain].rules[at.rule]; }
  const ir::Ruleset &rules() const { return *machine.rules; }
  unsigned lineOf(const ir::Rule &rule) const { return rules().lineColumn(rule.at).line; }

  const eval::Machine &machine;
  const Question &question;
  Cells cells;
  Answer answer;
  std::map<std::pair<uint32_t, uint32_t>, bool> idleChains;
  size_t partsMade = 0;
};

} // namespace iptlint::query
