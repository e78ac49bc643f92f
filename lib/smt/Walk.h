// What the rules of a slice of one table make of a packet of its cell, as terms.
//
// A chain is encoded for the state a packet enters it in, not for the way it came: its outcome then says
// for every packet which verdict it meets inside, or in which state it comes back. So a chain that a
// thousand rules call is encoded once as long as no rule on the way changes the state, and the whole
// is linear in the rules visited. Where states multiply, kMostVisits ends it.
//
// Nothing here knows what the rules are compared with.
#pragma once

#include "smt/Course.h"
#include "smt/Endings.h"
#include "smt/Instances.h"
#include "smt/Unknowns.h"
#include "llvm/Support/Error.h"
#include <deque>
#include <set>

namespace iptlint::smt {

/// Rules encoded for one built-in chain, each state anew, before it is given up.
constexpr uint64_t kMostVisits = 2'000'000;

/// Verdicts by number, so that the solver compares numbers: the same text, the same number.
class Verdicts {
public:
  /// For the verdicts of \p tables, and no others: as few bits as these need.
  explicit Verdicts(llvm::ArrayRef<const ir::Table *> tables);
  unsigned bits() const { return width; }
  unsigned numberOf(const std::string &text);
  const std::string &textOf(unsigned number) const { return texts[number]; }

private:
  unsigned width;
  std::map<std::string, unsigned> numbers;
  std::vector<std::string> texts;
};

/// What becomes of a packet that enters a chain.
struct Outcome {
  z3::expr ended;   ///< a verdict was met inside
  z3::expr verdict; ///< its number, where ended
  State atEnd;      ///< where ended
  State back;       ///< where not: how the packet comes out of the chain
};

class Walk {
public:
  /// \param instances  of the slice's table.
  Walk(Terms &terms, Unknowns &unknowns, Verdicts &verdicts, const Slice &slice, const Instances &instances);

  /// The outcome of the slice's built-in chain, its policy included, so that `ended` is always true. One that the text
  /// does not name has no rules and a policy that is not stated.
  llvm::Expected<Outcome> fromHook();

  /// The conditions with state and opaque targets that were encoded, as a report calls them.
  const std::set<std::string> &statefulOptions() const { return stateful; }

private:
  z3::expr policyVerdict(const ir::Chain *chain);

  /// A rule that takes some packets out of its chain, and what becomes of those.
  struct Exit {
    z3::expr when;
    Outcome outcome;
  };
  struct Condition {
    z3::expr met;
    State state; ///< after its evaluation, of the packets that meet it
  };
  /// A chain that is being encoded.
  struct Frame {
    uint32_t chain;
    llvm::ArrayRef<const ir::Rule *> rules;
    State entry;
    Course course;
    size_t next = 0;
    std::optional<Condition> calling; ///< of the next rule, while the chain that it calls is encoded
    std::vector<Exit> exits;
  };
  /// An outcome with the state it is for, kept so that the state's key stays unique.
  struct Encoded {
    State entry;
    Outcome outcome;
  };

  llvm::Expected<Outcome> encode(uint32_t chain, const State &entry);
  llvm::Error step(Frame &frame);
  llvm::Error enter(uint32_t chain, const State &entry);
  llvm::Error call(Frame &frame, const ir::Rule &rule, const Condition &condition);
  void take(Frame &frame, const ir::Rule &rule, const Condition &condition, const Outcome &callee);
  void finish(Frame &frame);
  Outcome named(Outcome outcome);
  const Outcome *known(uint32_t chain, const State &entry) const;

  Condition evaluate(Frame &frame, const ir::Rule &rule);
  z3::expr evaluateOpaque(Frame &frame, const ir::Rule &rule, size_t position, const z3::expr &soFar);
  void decide(Frame &frame, const ir::Rule &rule, const Condition &condition);
  void decideOpaque(Frame &frame, const ir::Rule &rule, const Condition &condition);
  State afterActing(const ir::Rule &rule, State state);
  void apply(const ir::Write &write, State &state);
  z3::expr valueAt(const Frame &frame, Tests tests, Field field);
  z3::expr valueIn(const State &state, Field field);

  Outcome ended(const std::string &verdict, const State &state);
  Outcome ended(const z3::expr &verdict, const State &state);
  Outcome returned(const State &state);

  Terms &terms;
  Unknowns &unknowns;
  Verdicts &verdicts;
  const Slice &slice;
  const ir::Table &table;
  const Instances &instances;
  Endings endings;
  std::map<std::pair<uint32_t, std::vector<unsigned>>, Encoded> encoded;
  std::deque<Frame> frames; ///< innermost last; a deque, since frames are held while others are added
  std::vector<bool> open;   ///< by chain: some frame is encoding it
  std::set<std::string> stateful;
  uint64_t visits = 0;
};

} // namespace iptlint::smt
