// The unknown in the rules, as functions that the solver may choose.
//
// A history is a term: `start`, or one more event after a history. Events and the answers that depend
// on them are uninterpreted functions, so the solver may tell any two different histories apart, and must
// give the same unknown the same value where both sides' histories are the same. That is all that is
// assumed of LOG, of limit's bucket, of a restored connmark or of what lies in a payload.
#pragma once

#include "ir/Ruleset.h"
#include "smt/State.h"
#include <map>
#include <set>

namespace iptlint::smt {

/// Something that happens on a packet's way.
struct Event {
  enum class Kind : uint8_t {
    Effect,       ///< a target acted and let the packet go on
    Evaluation,   ///< a condition with state was evaluated
    OpaqueTarget, ///< a target ran of which nothing is known
  };
  Kind kind;
  std::string text;
  auto operator<=>(const Event &) const = default;
};

class Unknowns {
public:
  /// \param written  the fields that some rule writes: every event sees their values.
  Unknowns(Terms &terms, std::vector<Field> written);

  /// The packet as it enters.
  State start();

  /// Where \p field stands in State::fields; none: nothing writes it.
  std::optional<unsigned> indexOf(Field field) const;
  const std::vector<Field> &writtenFields() const { return written; }
  /// \p test, where it asks for one field that nothing writes, so that it has one answer all along; nullptr where not.
  const ir::RangeTest *unwrittenRange(const ir::Test &test) const;

  /// The history after one more event.
  z3::expr after(const State &state, const Event &event);
  /// State::evaluations after one more.
  z3::expr afterEvaluation(const State &state, const Event &event);
  /// Whether an opaque function of the packet holds.
  z3::expr holds(llvm::StringRef text, const State &state);
  /// How the event that came last in \p history turned out.
  z3::expr cameTrue(const z3::expr &history);
  /// What the event that came last in \p history made of \p field.
  z3::expr madeUp(Field field, const z3::expr &history);
  /// Notes which condition with state \p event evaluates.
  void noteEvaluation(const Event &event, llvm::StringRef text) { evaluated.try_emplace(event, text.str()); }
  /// Notes that \p event rewrites parts of the packet that are no field.
  void noteRewriting(const Event &event) { rewriting.insert(event); }
  /// Whether a policy that neither side states accepts.
  z3::expr policyAccepts();

  /// Facts that tie the functions together; to be asserted once all terms are built.
  z3::expr consistency() const { return consistent; }
  /// Whether any function was used: without, the query is of bit-vectors alone.
  bool usesFunctions() const { return functions; }

  // For who reads a model:
  /// What a name of a history stands for; nothing where it is none.
  std::optional<z3::expr> meaningOf(const z3::expr &history) const { return terms.meaningOf(history); }
  /// The event a term made by after() ends with; none for the start.
  std::optional<Event> lastEvent(const z3::expr &history) const;
  /// The fields that an event makes up, in the order of its writes.
  std::vector<Field> madeUpBy(const Event &event) const;
  /// ir::OpaqueTest::text of an Evaluation.
  const std::string &evaluatedBy(const Event &event) const { return evaluated.at(event); }
  bool rewrites(const Event &event) const { return rewriting.count(event) != 0; }
  /// The opaque functions of the packet that were met on the way, by text, numbered.
  const std::map<std::string, unsigned> &opaqueConditions() const { return conditions; }
  /// The truth of such a condition for the packet as it enters.
  z3::expr entryTruth(unsigned condition);
  /// Its truth after rewriting, as a function of the history.
  z3::func_decl laterTruth(unsigned condition);

private:
  z3::func_decl eventFunction(const Event &event);

  Terms &terms;
  std::vector<Field> written;
  z3::sort histories;
  z3::expr beginning;
  z3::expr consistent;
  bool functions = false;
  std::map<Event, z3::func_decl> events;
  std::map<unsigned, Event> eventOfFunction;
  std::map<Event, std::vector<Field>> fieldsMadeUp;
  std::set<Event> rewriting;
  std::map<Event, std::string> evaluated;
  std::map<std::string, unsigned> conditions;
};

} // namespace iptlint::smt
