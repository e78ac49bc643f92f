// Rules that accept packets of established connections which no rule lets begin.
//
// One that asks for no protocol, address or port is harmless there, and waits for whatever comes.
// A connection begins with a packet that is NEW, or RELATED where a helper expected it: in the same hook with the
// same addresses and ports, or on the way back with both turned round. A rule that names a service's port at one end
// asks for one of the two. filter is asked for such a packet, whatever interface it takes, since routes need not be the
// same both ways. nat lets filter see a connection's packets with the same addresses in both directions; only SNAT
// behind filter is taken for that here.
#include "lint/Agents.h"
#include "lint/Check.h"
#include "lint/Kinds.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint::checks {

using ir::RangeTest;
using packet::CtState;
using packet::Field;
using packet::Hook;
using packet::Value;

namespace {

/// A rule that waits for packets of established connections.
struct Waiting {
  RuleFacts rule;
  bool byLoopback = false; ///< packets on lo come to it, too
  bool own = true;         ///< packets that go the way the connection began
  bool answers = true;     ///< packets that go the other way
  Hook hook() const { return *rule.chain().hook; }
};

} // namespace

/// More of them are not asked about: a program writes so many, and each costs a search.
static constexpr size_t kMostWaiting = 4000;

// --- which rules

/// ESTABLISHED and nothing else, translated or not.
static bool asksForEstablished(const ir::Rule &rule) {
  const RangeTest *state = rangeOf(rule, Field::CtState);
  return state && !state->negated && llvm::all_of(state->ranges, [](ir::Interval of) {
           return Value(CtState::Established) <= of.lo && of.hi < Value(CtState::Related);
         });
}

/// The field that has its value on the way back; nothing for those that say nothing of the connection.
static std::optional<Field> turned(Field field) {
  switch (field) {
  case Field::Src:
    return Field::Dst;
  case Field::Dst:
    return Field::Src;
  case Field::Sport:
    return Field::Dport;
  case Field::Dport:
    return Field::Sport;
  case Field::Proto:
    return Field::Proto;
  default:
    return std::nullopt;
  }
}

/// What need not be the same of all packets of a connection.
static bool isOfPacketAlone(Field field) {
  return field == Field::In || field == Field::Out || field == Field::TcpFlags || field == Field::Fragment ||
         field == Field::CtState;
}

/// Whether a rule says of which connections.
static bool namesConnections(const ir::Rule &rule) {
  return llvm::any_of(rule.tests, [](const ir::Test &test) {
    const auto *range = std::get_if<RangeTest>(&test);
    return range && turned(range->field);
  });
}

static bool isUnderstood(const ir::Test &test) {
  if (const auto *mask = std::get_if<ir::MaskTest>(&test))
    return mask->field == Field::TcpFlags;
  const auto *range = std::get_if<RangeTest>(&test);
  return range && (isOfPacketAlone(range->field) || turned(range->field));
}

static bool holds(const RangeTest &test, Value value) {
  return test.negated != llvm::any_of(test.ranges, [&](ir::Interval of) { return of.lo <= value && value <= of.hi; });
}

/// The interface that tells packets on lo in a hook's chain.
static Field interfaceIn(Hook hook) {
  return hook == Hook::Output ? Field::Out : Field::In;
}

/// Whether a rule accepts all packets on lo.
static bool takesLoopback(const ir::Rule &rule, Hook hook) {
  const RangeTest *interface = rangeOf(rule, interfaceIn(hook));
  return rule.target.kind == ir::TargetKind::Accept && rule.tests.size() == 1 && interface &&
         holds(*interface, loopback().lo);
}

/// Ports of services that clients do not take for their own, as they do 20, 53, 67, 123 or 500, and that no helper
/// expects.
static constexpr uint16_t kServices[] = {21, 22, 23, 25, 80, 110, 143, 389, 443, 465, 587, 636, 993, 995};

static bool namesServices(const ir::Rule &rule, Field port) {
  const RangeTest *range = rangeOf(rule, port);
  return range && !range->negated && !range->orField && llvm::all_of(range->ranges, [](ir::Interval of) {
           return of.lo == of.hi && llvm::is_contained(kServices, of.lo);
         });
}

static Waiting waitingAs(const RuleFacts &rule, bool byLoopback) {
  bool from = rangeOf(rule.rule(), Field::Sport), to = rangeOf(rule.rule(), Field::Dport);
  Waiting waiting{rule, byLoopback};
  waiting.own = to || !namesServices(rule.rule(), Field::Sport);
  waiting.answers = from || !namesServices(rule.rule(), Field::Dport);
  return waiting;
}

/// Of the hook's own chain; in others a packet may have been through more.
static void addWaiting(const TableFacts &filter, Hook hook, std::vector<Waiting> &waiting) {
  const ir::Chain *chain = chainOf(filter, hook);
  bool byLoopback = hook != Hook::Forward;
  for (uint32_t r = 0; chain && r != chain->rules.size(); ++r) {
    RuleFacts rule{filter, {uint32_t(chain - filter.table->chains.data()), r}};
    byLoopback = byLoopback && !takesLoopback(rule.rule(), hook);
    bool waits = rule.rule().target.kind == ir::TargetKind::Accept && asksForEstablished(rule.rule()) &&
                 namesConnections(rule.rule()) && llvm::all_of(rule.rule().tests, isUnderstood) &&
                 !rule.rule().broken && !rule.dead() && agentOfRule(rule).empty();
    const RangeTest *interface = rangeOf(rule.rule(), interfaceIn(hook));
    if (waits && waiting.size() < kMostWaiting)
      waiting.push_back(waitingAs(rule, byLoopback && (!interface || holds(*interface, loopback().lo))));
  }
}

// --- what would have to begin

/// A connection's first packet, on the rule's own way or on the way back.
static analysis::Kind beginning(const Waiting &waiting, Hook hook, bool back) {
  std::vector<ir::Interval> states = {{Value(CtState::New), Value(CtState::New) | 3}};
  if (waiting.own && waiting.answers)
    states.push_back({Value(CtState::Related), Value(CtState::Related) | 3});
  analysis::Kind kind = {oneOf(Field::CtState, states)};
  if (!waiting.byLoopback && hook != Hook::Forward)
    kind.push_back(unlessIn(interfaceIn(hook), {loopback()}));
  for (const ir::Test &test : waiting.rule.rule().tests) {
    const auto *range = std::get_if<RangeTest>(&test);
    if (!range || !turned(range->field))
      continue;
    RangeTest asked = *range;
    if (back) {
      asked.field = *turned(asked.field);
      if (asked.orField)
        asked.orField = turned(*asked.orField);
    }
    kind.push_back(std::move(asked));
  }
  return kind;
}

/// Where a connection begins of which the rule gets the packets, or those that come \p back.
static Hook hookOf(const Waiting &waiting, bool back) {
  Hook hook = waiting.hook();
  if (!back || hook == Hook::Forward)
    return hook;
  return hook == Hook::Input ? Hook::Output : Hook::Input;
}

/// By rule that waits: whether no connection of its can begin.
static std::vector<bool> findOrphans(const Facts &facts, const TableFacts &filter, llvm::ArrayRef<Waiting> waiting) {
  std::vector<bool> orphans(waiting.size(), true);
  for (Hook hook : {Hook::Input, Hook::Forward, Hook::Output}) {
    std::vector<analysis::Kind> kinds;
    std::vector<size_t> whose;
    for (size_t i = 0; i != waiting.size(); ++i)
      for (bool back : {false, true})
        if ((back ? waiting[i].answers : waiting[i].own) && hookOf(waiting[i], back) == hook) {
          kinds.push_back(beginning(waiting[i], hook, back));
          whose.push_back(i);
        }
    if (kinds.empty())
      continue;
    auto found = analysis::admits(*filter.table, facts.ruleset->family, filter.graph, hook, analysis::Ending::Accepted,
                                  kinds, askingOf(facts));
    for (size_t i = 0; i != found.size(); ++i)
      orphans[whose[i]] = orphans[whose[i]] && found[i].answer == analysis::Answer::No;
  }
  return orphans;
}

static std::string words(const Waiting &waiting) {
  std::string what = "this rule waits for ";
  what += waiting.own ? "packets of connections" : "answers";
  what += waiting.own ? " that cannot begin: " : " to connections that cannot begin: ";
  if (waiting.own && waiting.answers && waiting.hook() != Hook::Forward)
    return what + "neither INPUT nor OUTPUT accepts a first packet of one";
  return what + packet::name(hookOf(waiting, !waiting.own)).str() + " accepts no first packet of one";
}

/// Whether filter may see a connection's packets otherwise on the way back.
static bool mayTurnOtherwise(const Facts &facts) {
  return llvm::any_of(facts.tables, [](const TableFacts &table) {
    bool isNat = table.table->name == "nat";
    return llvm::any_of(table.table->chains, [&](const ir::Chain &chain) {
      return llvm::any_of(chain.rules, [&](const ir::Rule &rule) {
        bool hidesSource = rule.target.name == "SNAT" || rule.target.name == "MASQUERADE";
        bool translates = isNat && rule.target.kind == ir::TargetKind::Verdict && !hidesSource;
        return rule.broken || translates || rule.target.kind == ir::TargetKind::Opaque;
      });
    });
  });
}

static void run(const Facts &facts, Reporter &report) {
  const TableFacts *filter = wholeFilter(facts);
  // Listings need not show all tables.
  if (facts.perTable || !filter || facts.ruleset->form != ir::Form::Save)
    return;
  std::vector<Waiting> waiting;
  for (Hook hook : {Hook::Input, Hook::Forward, Hook::Output})
    addWaiting(*filter, hook, waiting);
  if (waiting.empty() || mayTurnOtherwise(facts))
    return;
  std::vector<bool> orphans = findOrphans(facts, *filter, waiting);
  for (size_t i = 0; i != waiting.size(); ++i)
    if (orphans[i])
      report.add(waiting[i].rule, words(waiting[i]));
}

extern constinit const Check orphan_established = {
    .id = "orphan-established",
    .summary = "a rule for established connections that no rule lets begin",
    .severity = support::Severity::Info,
    .run = run,
};

} // namespace iptlint::lint::checks
