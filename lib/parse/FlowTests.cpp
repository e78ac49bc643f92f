// What conntrack knows of the packet's flow: conntrack, state, connmark.
#include "parse/Tests.h"
#include "parse/Values.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::CtState;
using packet::Field;
using packet::Value;

// Sets of values of Field::CtState, as bits.
static constexpr unsigned kWithFlow = 0xfff, kAnyState = 0x3fff;

/// The values of Field::CtState that a name of `--ctstate` stands for, as bits.
static std::optional<unsigned> statesNamed(llvm::StringRef name, bool withNat) {
  constexpr unsigned kSnat = 0xaaa, kDnat = 0xccc;
  struct {
    llvm::StringLiteral name;
    unsigned states;
  } static constexpr known[] = {{"INVALID", 1u << unsigned(CtState::Invalid)},
                                {"NEW", 0xfu << unsigned(CtState::New)},
                                {"ESTABLISHED", 0xfu << unsigned(CtState::Established)},
                                {"RELATED", 0xfu << unsigned(CtState::Related)},
                                {"UNTRACKED", 1u << unsigned(CtState::Untracked)},
                                {"SNAT", kSnat & kWithFlow},
                                {"DNAT", kDnat & kWithFlow}};
  for (const auto &entry : llvm::makeArrayRef(known).take_front(withNat ? 7 : 5))
    if (!name.empty() && entry.name.startswith_insensitive(name))
      return entry.states;
  return std::nullopt;
}

static std::optional<unsigned> parseStates(llvm::StringRef text, bool withNat) {
  unsigned states = 0;
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.split(names, ',');
  for (llvm::StringRef name : names)
    if (auto more = statesNamed(name, withNat))
      states |= *more;
    else
      return std::nullopt;
  return states;
}

static llvm::SmallVector<ir::Interval, 1> rangesOfStates(unsigned states) {
  llvm::SmallVector<ir::Interval, 1> ranges;
  for (unsigned state = 0; state <= unsigned(CtState::Untracked); ++state)
    if (states >> state & 1)
      ranges.push_back({state, state});
  normalise(ranges);
  return ranges;
}

static void addStates(RuleBuilder &builder, const Use &use, bool withNat) {
  if (auto states = parseStates(builder.value(use), withNat))
    builder.addRanges(Field::CtState, rangesOfStates(*states), use.negated);
  else
    builder.refuse(use, "list of states");
}

void addStateTests(RuleBuilder &builder, unsigned module) {
  if (const Use *use = builder.command.find(module, "state"))
    addStates(builder, *use, /*withNat=*/false);
}

/// A packet without a flow matches neither way. Source: net/netfilter/xt_connmark.c, connmark_mt().
void addConnmarkTests(RuleBuilder &builder, unsigned module) {
  const Use *use = builder.command.find(module, "mark");
  if (!use)
    return;
  auto mark = parseMarkMask(builder.value(*use));
  if (!mark)
    return builder.refuse(*use, "mark");
  builder.addRanges(Field::CtState, rangesOfStates(kWithFlow), /*negated=*/false);
  builder.addMask(Field::ConnMark, mark->mask, mark->value, use->negated);
}

/// Names in any case, and what begins one; as bits of Field::CtStatus. NONE is no bit at all.
/// Source: iptables 1.8.9, libxt_conntrack.c, conntrack_parse_status().
static std::optional<unsigned> parseStatus(llvm::StringRef text) {
  struct {
    llvm::StringLiteral name;
    unsigned bit;
  } static constexpr known[] = {{"NONE", 0}, {"EXPECTED", 1}, {"SEEN_REPLY", 2}, {"ASSURED", 4}, {"CONFIRMED", 8}};
  unsigned status = 0;
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.split(names, ',');
  for (llvm::StringRef name : names) {
    auto *found = llvm::find_if(known, [&](const auto &entry) { return entry.name.startswith_insensitive(name); });
    if (name.empty() || found == std::end(known))
      return std::nullopt;
    status |= found->bit;
  }
  return status;
}

namespace {

/// The options of one `-m conntrack`. All but the state ask the flow; a packet without one meets none of them, and
/// yet matches if it was asked for its state and has that.
/// Source: net/netfilter/xt_conntrack.c, conntrack_mt().
class Conntrack {
public:
  Conntrack(RuleBuilder &builder, unsigned module) : builder(builder), module(module) {}

  void read();

private:
  void readOption(const Use &use);
  void readState(const Use &use);
  void readStatus(const Use &use);
  void readDirection(const Use &use);
  void readProtocol(const Use &use);
  void readAddress(const Use &use, Field field);
  void readPorts(const Use &use, Field field);
  void addRange(Field field, llvm::SmallVector<ir::Interval, 1> ranges, bool negated) {
    ofFlow.push_back(ir::RangeTest{field, std::nullopt, negated, std::move(ranges)});
  }
  void finish();

  RuleBuilder &builder;
  unsigned module;
  unsigned states = kWithFlow; ///< in which a packet may match
  ir::Alternative ofFlow;      ///< what the flow must meet
  bool unknown = false;        ///< there are options that no field answers
};

} // namespace

void Conntrack::readState(const Use &use) {
  auto named = parseStates(builder.value(use), /*withNat=*/true);
  if (!named)
    return builder.refuse(use, "list of states");
  states = use.negated ? kAnyState & ~*named : *named;
}

void Conntrack::readStatus(const Use &use) {
  if (auto status = parseStatus(builder.value(use)))
    ofFlow.push_back(ir::MaskTest{Field::CtStatus, !use.negated, *status, 0});
  else
    builder.refuse(use, "list of statuses");
}

void Conntrack::readDirection(const Use &use) {
  llvm::StringRef text = builder.value(use);
  bool reply = text.equals_insensitive("REPLY");
  if (!reply && !text.equals_insensitive("ORIGINAL"))
    return builder.refuse(use, "direction: ORIGINAL or REPLY");
  addRange(Field::CtReply, {{reply, reply}}, /*negated=*/false);
}

void Conntrack::readProtocol(const Use &use) {
  if (auto number = parseProtocol(builder.value(use)))
    addRange(Field::CtProto, {{*number, *number}}, use.negated);
  else
    builder.refuse(use, "protocol");
}

void Conntrack::readAddress(const Use &use, Field field) {
  llvm::StringRef text = builder.value(use);
  auto block = parseAddressBlock(text, builder.family);
  // What iptables makes of a mask with gaps here is not the mask that was asked for.
  if (block && !rangesOf(*block, builder.family, 1))
    unknown = true;
  else if (block)
    ofFlow.push_back(ir::MaskTest{field, use.negated, block->mask, block->address});
  else if (isHostName(text.split('/').first))
    unknown = true;
  else
    builder.error(use.values[0], fmt::format("'{}' is not an IPv{} address", text, unsigned(builder.family)));
}

void Conntrack::readPorts(const Use &use, Field field) {
  auto range = parseServicePortRange(builder.value(use));
  if (!range)
    return builder.refuse(use, kNoServicePort);
  llvm::SmallVector<ir::Interval, 1> ports;
  if (range->lo <= range->hi)
    ports.push_back(*range);
  addRange(field, std::move(ports), use.negated);
}

void Conntrack::readOption(const Use &use) {
  static constexpr std::pair<llvm::StringLiteral, Field> addresses[] = {{"ctorigsrc", Field::CtOrigSrc},
                                                                        {"ctorigdst", Field::CtOrigDst},
                                                                        {"ctreplsrc", Field::CtReplSrc},
                                                                        {"ctrepldst", Field::CtReplDst}};
  static constexpr std::pair<llvm::StringLiteral, Field> ports[] = {{"ctorigsrcport", Field::CtOrigSport},
                                                                    {"ctorigdstport", Field::CtOrigDport},
                                                                    {"ctreplsrcport", Field::CtReplSport},
                                                                    {"ctrepldstport", Field::CtReplDport}};
  for (auto [name, field] : addresses)
    if (use.is(name))
      return readAddress(use, field);
  for (auto [name, field] : ports)
    if (use.is(name))
      return readPorts(use, field);
  if (use.is("ctstate"))
    readState(use);
  else if (use.is("ctstatus"))
    readStatus(use);
  else if (use.is("ctdir"))
    readDirection(use);
  else if (use.is("ctproto"))
    readProtocol(use);
  else // --ctexpire: time passes between two evaluations
    unknown = true;
}

void Conntrack::read() {
  const Use *state = builder.command.find(module, "ctstate");
  bool onlyState = state != nullptr;
  for (const Use &use : builder.command.uses)
    if (use.module == module) {
      onlyState &= &use == state;
      readOption(use);
    }
  if (onlyState)
    return addStates(builder, *state, /*withNat=*/true);
  if (!builder.rule.broken)
    finish();
}

void Conntrack::finish() {
  unsigned without = states & ~kWithFlow, with = states & kWithFlow;
  auto stateTest = [](unsigned which) {
    return ir::RangeTest{Field::CtState, std::nullopt, false, rangesOfStates(which)};
  };
  if (without && with && !unknown) {
    ofFlow.push_back(stateTest(with));
    return builder.addUnion({{stateTest(without)}, std::move(ofFlow)}, /*negated=*/false);
  }
  builder.rule.tests.push_back(stateTest(states));
  if (!without)
    builder.addAll(std::move(ofFlow), /*negated=*/false);
  if (with && unknown)
    addOpaqueTest(builder, module);
}

void addConntrackTests(RuleBuilder &builder, unsigned module) {
  Conntrack(builder, module).read();
}

} // namespace iptlint::parse
