// A rule set as the rest of the tool sees it: plain data, no behaviour.
//
// One Ruleset is one family's tables out of one file. Each rule is held twice
// over: as the words that were written, so that it can be printed to the letter,
// and as tests, a verdict and writes, which is what it means. The parser alone
// makes the second out of the first; eval, analysis and smt each give the second
// its meaning on their own.
//
// Strings are slices of `source`, or of `strings` for what had to be put together.
#pragma once

#include "packet/Field.h"
#include "support/Source.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/StringSaver.h"
#include <memory>
#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

namespace iptlint::ir {

using packet::Field;
using packet::Value;
using support::SourceRange;

/// Both ends inclusive.
struct Interval {
  Value lo = 0;
  Value hi = 0;
  bool operator==(const Interval &) const = default;
};

/// `field`, or where given `orField`, has a value in one of `ranges`; `negated`: neither has.
/// Ranges are sorted, disjoint and not adjacent; no range at all: no value fits.
struct RangeTest {
  Field field = Field::Src;
  std::optional<Field> orField; ///< multiport --ports: source or destination port
  bool negated = false;
  llvm::SmallVector<Interval, 1> ranges;
  bool operator==(const RangeTest &) const = default;
};

/// (field & mask) == value; `negated`: is not. A value with bits outside the mask is never met,
/// as in the kernel.
struct MaskTest {
  Field field = Field::Mark;
  bool negated = false;
  Value mask = 0;
  Value value = 0;
  bool operator==(const MaskTest &) const = default;
};

/// Tests of fields, all of which must hold; without any it always does.
using Alternative = std::vector<std::variant<RangeTest, MaskTest>>;

/// At least one of the alternatives holds; `negated`: none does. A set of addresses with ports, for one, whose
/// rules share one list. Without alternatives none holds.
struct UnionTest {
  bool negated = false;
  std::shared_ptr<const std::vector<Alternative>> alternatives; ///< never null

  bool operator==(const UnionTest &other) const {
    return negated == other.negated && (alternatives == other.alternatives || *alternatives == *other.alternatives);
  }
};

/// What is known of a condition that is not modelled.
enum class Opacity : uint8_t {
  Function, ///< depends on the packet alone: the same text is the same unknown everywhere
  Stateful, ///< has state or chance: every evaluation is its own unknown, and it acts when evaluated
};

/// Of how many packets that come to `-m statistic` it lets how many go on to the target, in the long run.
struct Sampling {
  uint32_t taken = 0;
  uint32_t of = 0;      ///< 2^31 for a probability, as the kernel compares; 0: the condition samples nothing
  bool counted = false; ///< by a counter of its own (`--mode nth`), not by chance
  bool operator==(const Sampling &) const = default;
};

/// A condition that is not modelled. `text` is canonical: for Opacity::Function two tests with
/// the same text have the same truth value on the same packet (`negated` turns it round).
struct OpaqueTest {
  Opacity opacity = Opacity::Function;
  bool negated = false;
  llvm::StringRef text;   ///< "-m string --algo bm --string GET"
  llvm::StringRef option; ///< what to call it in a report: "-m string"
  Sampling sampling = {};
  bool operator==(const OpaqueTest &) const = default;
};

using Test = std::variant<RangeTest, MaskTest, OpaqueTest, UnionTest>;

/// What a target does to one field: new = (old & keep) ^ (`from` & copy) ^ flip, where `from` is another field of the
/// same width and no bit is both kept and copied. Where not `known`, the bits outside `keep` become anything (`flip`
/// and `copy` are then 0).
struct Write {
  Field field = Field::Mark;
  bool known = true;
  Value keep = 0;
  Value flip = 0;
  Field from = Field::Mark;
  Value copy = 0;
  bool operator==(const Write &) const = default;

  /// Of the field nothing is known afterwards, but for the bits that are kept.
  static Write anything(Field field, Value keep = 0) { return {.field = field, .known = false, .keep = keep}; }
  static Write constant(Field field, Value value) { return {.field = field, .flip = value}; }
};

enum class TargetKind : uint8_t {
  None,     ///< no target: counts packets and lets them go on
  Accept,   ///< ends the table for the packet, as do the next two
  Drop,
  Verdict,  ///< any other verdict: REJECT, QUEUE, NFQUEUE, DNAT, SNAT, MASQUERADE, REDIRECT, ...
  Return,   ///< back to the caller; from a built-in chain: the policy
  Jump,     ///< -j to a user chain
  Goto,     ///< -g to a user chain: when it ends, the caller's caller goes on
  Continue, ///< acts and lets the packet go on: LOG, MARK, CONNMARK, TCPMSS, ...
  Opaque,   ///< may do any of this, and change any field
};

constexpr uint32_t kNoChain = ~uint32_t(0);

struct Nat;

struct Target {
  TargetKind kind = TargetKind::None;
  llvm::StringRef name;       ///< "ACCEPT", "LOG", or the chain's name; empty for None
  llvm::StringRef options;    ///< its options as one text in the order iptables-save has them: "--log-prefix \"x \""
  llvm::StringRef meant;      ///< Jump and Goto to nothing: a chain or target with a name near to it; empty if none
  /// Jump and Goto: index into Table::chains; kNoChain if undefined. Of a broken rule likewise, where it names a target.
  uint32_t chain = kNoChain;
  llvm::SmallVector<Write, 0> writes; ///< done one after the other
  /// What a target that ends the table writes, for the tables that the packet comes to later (DNAT's address and port).
  llvm::SmallVector<Write, 0> handsOn;
  /// Of DNAT, SNAT, MASQUERADE, REDIRECT and NETMAP: the same to the letter (ir/Nat.h); null for others.
  std::shared_ptr<const Nat> nat;
  llvm::StringRef answer;     ///< of REJECT: "icmp-port-unreachable", "tcp-reset" ...
  /// Only packets that meet this are written to, in what is no field either, and all writes are then known.
  std::optional<RangeTest> writesIf;
  /// Changes parts of the packet that are no field (TTL, payload...), so that every
  /// Opacity::Function condition is a new unknown afterwards.
  bool rewritesUnmodelled = false;
};

/// Counters of a rule or a built-in chain.
struct Counters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  bool operator==(const Counters &) const = default;
};

/// From where the loader comes to a rule when it asks whether a demand for hooks is met.
enum class DemandScope : uint8_t {
  Nowhere,  ///< it does not ask
  Directly, ///< the built-in chain that the rule itself stands in; user chains are not asked
  Through,  ///< every built-in chain that leads to the rule's chain
};

/// What a part of a rule demands, without which the kernel refuses the table.
struct Demand {
  SourceRange at;              ///< the word that demands it
  llvm::StringRef what;        ///< what to call it: "REJECT", "--physdev-out"
  llvm::StringRef tables = {}; ///< the tables that may hold it, parted by blanks: "raw mangle"; empty: any
  uint8_t hooks = 0;           ///< the hooks that may lead to it, a bit for each packet::Hook; 0: any
  DemandScope legacy = DemandScope::Through; ///< how the legacy back end asks for `hooks`
  DemandScope nft = DemandScope::Through;
  bool anyTableOnNft = false;
  llvm::StringRef missing = {}; ///< what else the rule must have, and has not: "-p tcp"; empty: nothing

  bool fitsTable(llvm::StringRef table) const {
    llvm::SmallVector<llvm::StringRef, 5> names;
    tables.split(names, ' ', -1, /*KeepEmpty=*/false);
    return names.empty() || std::find(names.begin(), names.end(), table) != names.end();
  }
};

/// An interface that a rule names, or with a + at its end all that begin so.
struct InterfaceName {
  SourceRange at;
  llvm::StringRef name;
};

/// A rule's text, word by word, quotes included: "-s", "10.0.0.0/8", "!", ... from behind the chain's name on.
struct Rule {
  SourceRange at;                ///< the line, from its first to its last character
  std::vector<llvm::StringRef> words;
  std::optional<Counters> counters;
  std::vector<Test> tests;       ///< all must hold; in the order the kernel evaluates them
  Target target;
  llvm::StringRef comment;       ///< of `-m comment --comment`, unquoted; empty if none
  /// The line had an error in it: what is here is what could be understood. Such a rule may match any
  /// packet or none and do anything (its target is Opaque), so that nothing is concluded from it.
  bool broken = false;
  /// Only what is not met for certain: of a rule in a built-in chain it is known at once.
  llvm::SmallVector<Demand, 0> demands;
  llvm::SmallVector<InterfaceName, 0> interfaces; ///< of the machine and ports of its bridges, in the order written
  /// Of an -I line, the number that it names, 0 where it names none; nothing for an -A line. Where that
  /// put the rule is its place in Chain::rules.
  std::optional<uint32_t> insertNumber;
};

enum class Policy : uint8_t {
  None,     ///< a user chain: its end returns to the caller
  Accept,
  Drop,
  Unstated, ///< a built-in chain whose policy the text does not give: either
};

struct Chain {
  llvm::StringRef name;
  SourceRange at;                      ///< its declaration; where there is none, its first mention
  bool declared = false;               ///< has a `:CHAIN` or `-N` line
  std::optional<packet::Hook> hook;    ///< built-in chains
  Policy policy = Policy::None;
  std::optional<Counters> counters;    ///< as written; "[0:0]" is not the same as none
  std::vector<Rule> rules;
};

/// A line that is no rule and declares nothing, kept for printing and for suppressions: `# ...`, an empty
/// one, or a command such as -F whose effect is in the tables already.
struct Comment {
  SourceRange at;
};

struct Table {
  llvm::StringRef name;                ///< "filter", "nat" ...
  SourceRange at;                      ///< its `*table` line; empty range where rules stand without one
  std::optional<SourceRange> commit;   ///< its COMMIT line
  std::vector<Chain> chains;           ///< in the order of their declaration; built-in ones only where the text names them
  /// A later table of the same name in this text replaces this one when it is loaded.
  bool replaced = false;
  /// No chain is declared: text for `iptables-restore --noflush`, more rules may stand before these.
  bool fragment = false;
};

/// How a rule set was written.
enum class Form : uint8_t {
  Save,     ///< the text of iptables-save: emit prints it line by line as it stands
  S,        ///< `iptables -S`
  L,        ///< `iptables -L`
  Commands, ///< a list or a shell script of iptables commands: the rules that it leaves
  Nftables, ///< text for `nft -f`: rules have no words
};
/// "save", "S", "L", "commands", "nftables": as `--input-format` names it.
constexpr llvm::StringLiteral name(Form form) {
  constexpr llvm::StringLiteral names[] = {"save", "S", "L", "commands", "nftables"};
  return names[unsigned(form)];
}
constexpr Form kForms[] = {Form::Save, Form::S, Form::L, Form::Commands, Form::Nftables};
/// The form of that name; nothing if there is none.
inline std::optional<Form> formNamed(llvm::StringRef text) {
  for (Form form : kForms)
    if (name(form) == text)
      return form;
  return std::nullopt;
}

struct Ruleset {
  std::shared_ptr<const support::Source> source;
  Form form = Form::Save;
  /// Where the form is another than Save: the iptables-save text it was turned into, which words are slices of.
  /// Places are those in `source` all the same.
  std::shared_ptr<const support::Source> translated;
  /// Holds texts that are no slice of `source`.
  std::shared_ptr<llvm::BumpPtrAllocator> strings;
  packet::Family family = packet::Family::IPv4;
  std::vector<Table> tables;
  std::vector<Comment> comments;

  support::LineColumn lineColumn(SourceRange at) const { return source->lineColumn(at.begin); }
};

/// A rule by its indices, from 0.
struct RuleId {
  uint32_t chain = 0;
  uint32_t rule = 0;
  auto operator<=>(const RuleId &) const = default;
};

} // namespace iptlint::ir
