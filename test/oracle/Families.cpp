#include "Families.h"

namespace iptlint::oracle {

using ir::Policy;
using packet::Hook;

static ChainShape hook(unsigned rules, Policy policy = Policy::Drop, Hook hook = Hook::Input) {
  return {hook, policy, rules};
}
static ChainShape user(unsigned rules) {
  return {std::nullopt, Policy::None, rules};
}

static Condition src0() {
  return source(0, 0);
}
static Condition src1() {
  return source(1, 1);
}
static Condition src01() {
  return source(0, 1);
}
static Condition dst0() {
  return destination(0, 0);
}

/// One chain: unions, containers, negation, conditions that are empty by themselves, every ending.
static Family flat() {
  return {.name = "flat",
          .conditions = {any(), src0(), src1(), src01(), no(src0()), no(src1()), dst0(), both(src0(), dst0()),
                         both(src1(), dst0()), both(no(src01()), no(dst0())), both(src0(), src1()),
                         both(src1(), src0())},
          .acts = {accept(), drop(), reject(), goBack(), log(), justCount()},
          .userActs = {},
          .shapes = {{hook(3)}, {hook(2, Policy::Accept)}, {hook(2, Policy::Unstated)}},
          .promised = 199'296};
}

/// One chain of four rules, where it takes three to take a rule's packets.
static Family unions() {
  return {
      .name = "unions",
      .conditions = {src0(), src1(), no(src01()), dst0(), both(src0(), no(dst0())), both(src1(), no(dst0())), any()},
      .acts = {accept(), drop(), log()},
      .userActs = {},
      .shapes = {{hook(4)}},
      .promised = 100'521};
}

/// A user chain that is called or gone to, and what comes back.
static Family calls() {
  return {.name = "calls",
          .conditions = {any(), src0(), src1(), no(src0()), no(src1())},
          .acts = {accept(), drop(), jumpTo(1), goTo(1)},
          .userActs = {accept(), drop(), goBack(), log()},
          .shapes = {{hook(2), user(1)}, {hook(1), user(2)}, {hook(2), user(2)}, {hook(3), user(1)}},
          .promised = 135'248};
}

/// Three chains, called in every way that has no cycle.
static Family nested() {
  return {.name = "nested",
          .conditions = {any(), src0(), src1(), no(src0()), no(src1())},
          .acts = {accept(), jumpTo(1), goTo(1), jumpTo(2)},
          .userActs = {drop(), goBack(), jumpTo(2), goTo(2)},
          .shapes = {{hook(1), user(1), user(1)},
                     {hook(2), user(1), user(1)},
                     {hook(1), user(2), user(1)},
                     {hook(1), user(1), user(2)}},
          .promised = 40'568};
}

/// Three chains and four rules, with fewer conditions.
static Family ways() {
  return {.name = "ways",
          .conditions = {any(), src0(), no(src0())},
          .acts = {drop(), goBack(), jumpTo(1), goTo(1), jumpTo(2), goTo(2)},
          .userActs = {accept(), goBack(), log(), jumpTo(2), goTo(2)},
          .shapes = {{hook(2), user(1), user(1)}, {hook(1), user(2), user(1)}, {hook(1), user(1), user(2)}},
          .promised = 26'244};
}

/// A chain that is called twice and goes on to one that may come back to the second call.
static Family comingBack() {
  return {.name = "coming-back",
          .conditions = {any(), markIs(1, 1)},
          .acts = {drop(), jumpTo(1)},
          .userActs = {accept(), goBack(), goTo(2), setXmark(1, 1)},
          .shapes = {{hook(2), user(1), user(2)}, {hook(2), user(2), user(1)}},
          .promised = 2'880};
}

/// Two hooks that share a chain; the third chain may be one that nothing names.
static Family hooks() {
  return {.name = "hooks",
          .conditions = {any(), src0(), no(src0())},
          .acts = {accept(), drop(), jumpTo(2), goTo(2)},
          .userActs = {accept(), drop(), goBack()},
          .shapes = {{hook(1), hook(1, Policy::Accept, Hook::Forward), user(2)},
                     {hook(2), hook(1, Policy::Unstated, Hook::Forward), user(1)}},
          .unnamedChains = true,
          .promised = 27'216};
}

/// Marks set and read in one chain.
static Family marks() {
  return {.name = "marks",
          .conditions = {any(), markIs(1, 1), markIs(0, 1), no(markIs(1, ~0u)), markIs(2, 1), src0(),
                         both(src0(), markIs(1, 1))},
          .acts = {accept(), drop(), setXmark(1, ~0u), setXmark(0, 1), setXmark(1, 1), setXmark(1, 0), mapMark(~0u),
                   mapMark(1)},
          .userActs = {},
          .shapes = {{hook(3)}},
          .promised = 175'616};
}

/// Marks set in a called chain, or on the way to it.
static Family carriedMarks() {
  return {.name = "carried-marks",
          .conditions = {any(), markIs(1, 1), no(markIs(1, 1)), src0()},
          .acts = {drop(), jumpTo(1), goTo(1), setXmark(1, 1)},
          .userActs = {accept(), goBack(), setXmark(0, ~0u), setXmark(1, 0), mapMark(1)},
          .shapes = {{hook(2), user(2)}, {hook(3), user(1)}},
          .promised = 148'480};
}

/// Marks set in a chain that a called chain goes to, and read once both have ended.
static Family goneMarks() {
  return {.name = "gone-marks",
          .conditions = {any(), markIs(1, 1), no(markIs(1, 1))},
          .acts = {drop(), jumpTo(1), goTo(1)},
          .userActs = {accept(), goBack(), goTo(2), jumpTo(2), setXmark(1, 1), setXmark(0, ~0u)},
          .shapes = {{hook(2), user(1), user(1)}},
          .promised = 5184};
}

/// Marks saved with the flow and restored from there, if there is one.
static Family flowMarks() {
  return {.name = "flow-marks",
          .conditions = {any(), markIs(1, 1), flowMarkIs(1, 1), no(hasFlow())},
          .acts = {drop(), setXmark(1, 1), saveMark(~0u), restoreMark(~0u)},
          .userActs = {},
          .shapes = {{hook(4)}},
          .promised = 65'536};
}

/// The same bit by bit, by rules that may or may not match, and in a chain that is called.
static Family carriedFlowMarks() {
  return {.name = "carried-flow-marks",
          .conditions = {any(), markIs(1, 1), no(flowMarkIs(1, 1)), both(stateful("s"), hasFlow())},
          .acts = {drop(), jumpTo(1), setXmark(1, 0)},
          .userActs = {goBack(), saveMark(1), restoreMark(1), setXmark(0, ~0u), mapMark(1)},
          .shapes = {{hook(2), user(2)}},
          .promised = 32'000};
}

/// Conditions that are not modelled: functions of the packet, and what keeps state.
static Family opaque() {
  return {.name = "opaque",
          .conditions = {any(), function("a"), no(function("a")), function("b"), both(function("a"), no(function("a"))),
                         stateful("s"), no(stateful("s")), both(src0(), stateful("t")), both(stateful("t"), src0()),
                         src0()},
          .acts = {accept(), drop(), log(), decrementTtl()},
          .userActs = {},
          .shapes = {{hook(3)}},
          .promised = 64'000};
}

/// Functions asked before and behind a target that changes some packets only.
static Family untracked() {
  return {.name = "untracked",
          .conditions = {any(), function("a"), no(function("a")), hasFlow(), no(hasFlow()), both(hasFlow(), function("a"))},
          .acts = {drop(), log(), notrack()},
          .userActs = {},
          .shapes = {{hook(3)}},
          .promised = 5'832};
}

/// The same through a called chain.
static Family opaqueCalls() {
  return {.name = "opaque-calls",
          .conditions = {any(), function("a"), no(function("a")), stateful("s"), both(src0(), stateful("t"))},
          .acts = {drop(), jumpTo(1), goTo(1), decrementTtl()},
          .userActs = {accept(), goBack(), decrementTtl()},
          .shapes = {{hook(2), user(2)}},
          .promised = 67'500};
}

/// Targets that are not modelled, jumps to nowhere, and rules that could not be read.
static Family unknownTargets() {
  return {.name = "unknown-targets",
          .conditions = {any(), src0(), no(src0()), markIs(1, 1)},
          .acts = {accept(), unmodelled(), jumpTo(ir::kNoChain), goTo(ir::kNoChain), jumpTo(1), unreadable()},
          .userActs = {drop(), unmodelled(), goTo(ir::kNoChain), unreadable()},
          .shapes = {{hook(1), user(1)}, {hook(2), user(1)}, {hook(1), user(2)}, {hook(2)}},
          .promised = 4'304};
}

/// What cannot be read, and a goto to nowhere, may lead back to the caller.
static Family unknownReturns() {
  return {.name = "unknown-returns",
          .conditions = {any(), src0()},
          .acts = {accept(), jumpTo(1), goTo(1)},
          .userActs = {drop(), goTo(ir::kNoChain), unreadable()},
          .shapes = {{hook(2), user(2)}},
          .promised = 1'152};
}

/// Conditions that hold of one port or the other.
static Family ports() {
  return {.name = "ports",
          .conditions = {any(), eitherPort(0), eitherPort(1), no(eitherPort(0)), no(eitherPort(1)),
                         both(eitherPort(0), eitherPort(1)), both(no(eitherPort(0)), eitherPort(1)),
                         both(no(eitherPort(0)), no(eitherPort(1)))},
          .acts = {accept(), drop(), log()},
          .userActs = {},
          .shapes = {{hook(3)}},
          .promised = 13'824};
}

/// Members of sets, over several fields, and what is in none of them.
static Family sets() {
  Condition pairs = oneOf({both(src0(), dst0()), both(src1(), no(dst0()))});
  Condition crossing = oneOf({src0(), dst0()});
  Condition marked = oneOf({both(src0(), markIs(1, 1)), both(dst0(), no(markIs(1, 1))), both(src1(), src0())});
  return {.name = "sets",
          .conditions = {any(), src0(), dst0(), pairs, no(pairs), crossing, no(crossing), marked, no(marked),
                         both(no(pairs), crossing), no(oneOf({}))},
          .acts = {accept(), drop(), setXmark(1, 1)},
          .userActs = {},
          .shapes = {{hook(3)}},
          .promised = 35'937};
}

const std::vector<Family> &families() {
  static const std::vector<Family> all = {flat(),           unions(),         calls(),        nested(), ways(), comingBack(),
                                          hooks(),          marks(),          carriedMarks(), goneMarks(), flowMarks(), carriedFlowMarks(), opaque(), untracked(), opaqueCalls(),
                                          unknownTargets(), unknownReturns(), ports(), sets()};
  return all;
}

} // namespace iptlint::oracle
