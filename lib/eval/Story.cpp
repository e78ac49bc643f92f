#include "eval/Story.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::eval {

using packet::CtState;
using packet::Field;
using packet::Value;

const Leg &Path::asked() const {
  return *llvm::find_if(legs, [](const Leg &leg) { return leg.role == Role::Packet; });
}

// --- the packets of a flow

static bool arrived(const Trip &trip) {
  return trip.ending == Ending::Forward || trip.ending == Ending::Input || trip.ending == Ending::Output;
}

static bool belongsToFlow(const Traveller &traveller) {
  Value state = traveller.packet[Field::CtState];
  return state >= Value(CtState::Established) && state < Value(CtState::Related);
}

/// The packet that began the flow: the same, but that it opens one.
static Traveller firstOf(const Traveller &traveller) {
  constexpr unsigned kSyn = 2;
  Traveller first = traveller;
  first.packet[Field::CtState] = Value(CtState::New);
  first.packet[Field::ConnMark] = 0;
  first.packet[Field::CtStatus] = 0;
  first.open.close(Field::ConnMark);
  first.open.close(Field::CtStatus);
  if (first.packet[Field::Proto] == packet::kTcp)
    first.packet[Field::TcpFlags] = kSyn;
  return first;
}

static bool marksFlows(const ir::Ruleset &rules) {
  auto marks = [](const ir::Rule &rule) {
    return llvm::any_of(rule.target.writes, [](const ir::Write &write) { return write.field == Field::ConnMark; });
  };
  return llvm::any_of(rules.tables, [&](const ir::Table &table) {
    return llvm::any_of(table.chains, [&](const ir::Chain &chain) { return llvm::any_of(chain.rules, marks); });
  });
}

/// The mark of the flow behind its first packet and the answer to that, which may have marked it, too.
static void markFlow(const Machine &machine, const Traveller &first, const Trip &trip, Traveller &later,
                     Chooser &chooser) {
  std::optional<Trip> answer;
  if (machine.rules && marksFlows(*machine.rules))
    answer = travel(machine, answerTo(first, trip, trip.flow, *machine.network), chooser);
  const Trip &last = answer ? *answer : trip;
  if (last.open.isOpen(Field::ConnMark) || last.ending == Ending::Unknown)
    return;
  later.open.close(Field::ConnMark);
  later.packet[Field::ConnMark] = last.packet[Field::ConnMark];
}

/// How the flow was translated, and marked, its first packet shows.
static Traveller laterOf(const Machine &machine, const Traveller &traveller, const Traveller &first, const Trip &trip,
                         Chooser &chooser) {
  Traveller later = traveller;
  later.flow = trip.flow;
  later.flowOpen = trip.open;
  if (later.open.isOpen(Field::ConnMark))
    markFlow(machine, first, trip, later, chooser);
  return later;
}

static Trip withoutFlow(const Traveller &traveller, const Trip &first) {
  Trip trip;
  trip.sent = trip.packet = traveller.packet;
  trip.open = traveller.open;
  trip.reason = arrived(first) ? "there is no such flow: conntrack does not keep one for its first packet"
                               : "there is no such flow: its first packet does not come through";
  if (first.ending == Ending::Unknown)
    trip.reason = "what became of the first packet of its flow is not known: " + first.reason;
  return trip;
}

static std::vector<Leg> tellOnce(const Machine &machine, const Traveller &traveller, bool reply, Chooser &chooser) {
  std::vector<Leg> legs;
  Traveller asked = traveller;
  if (belongsToFlow(traveller)) {
    Traveller first = firstOf(traveller);
    legs.push_back({Role::First, travel(machine, first, chooser)});
    const Trip &trip = legs.back().trip;
    if (!arrived(trip) || !isTracked(trip.packet)) {
      legs.push_back({Role::Packet, withoutFlow(traveller, trip)});
      return legs;
    }
    asked = laterOf(machine, traveller, first, trip, chooser);
  }
  legs.push_back({Role::Packet, travel(machine, asked, chooser)});
  if (!reply || !arrived(legs.back().trip))
    return legs;
  const Trip &trip = legs.back().trip;
  Traveller answer = answerTo(asked, trip, trip.flow, *machine.network);
  legs.push_back({Role::Answer, travel(machine, answer, chooser)});
  return legs;
}

// --- paths that are one

static bool isSame(const Change &left, const Change &right) {
  return left.field == right.field && left.to == right.to && left.known == right.known;
}

static bool isSame(const TripStep &left, const TripStep &right) {
  bool sameRoute = left.decision.has_value() == right.decision.has_value() &&
                   (!left.decision || (left.decision->routeText == right.decision->routeText &&
                                       left.decision->device == right.decision->device &&
                                       left.decision->gateway == right.decision->gateway));
  return left.kind == right.kind && left.hook == right.hook && left.rule == right.rule && left.text == right.text &&
         sameRoute && left.changes.size() == right.changes.size() &&
         std::equal(left.changes.begin(), left.changes.end(), right.changes.begin(),
                    [](const Change &a, const Change &b) { return isSame(a, b); });
}

static bool isSame(const Trip &left, const Trip &right) {
  return left.ending == right.ending && left.reason == right.reason && left.out == right.out &&
         left.copy == right.copy && left.copyReason == right.copyReason && left.nextHop == right.nextHop && left.packet == right.packet && left.steps.size() == right.steps.size() &&
         std::equal(left.steps.begin(), left.steps.end(), right.steps.begin(),
                    [](const TripStep &a, const TripStep &b) { return isSame(a, b); });
}

bool Path::isSame(const Path &other) const {
  return legs.size() == other.legs.size() &&
         std::equal(legs.begin(), legs.end(), other.legs.begin(), [](const Leg &left, const Leg &right) {
           return left.role == right.role && eval::isSame(left.trip, right.trip);
         });
}

static bool hasAnswer(const Course &course, const Answered &choice) {
  return llvm::any_of(course.choices, [&](const Answered &of) {
    return of.question.where == choice.question.where && of.chosen().condition == choice.chosen().condition &&
           of.chosen().holds == choice.chosen().holds;
  });
}

/// Where chance alone tells two paths apart, their shares add up; where what is unknown does, each has the whole of its
/// case, so that they are one only if the shares are the same.
static bool fold(Path &into, Fraction &share, const Path &path) {
  Course differing = path.course;
  llvm::erase_if(differing.choices, [&](const Answered &choice) { return hasAnswer(into.course, choice); });
  if (differing.isChanceAlone())
    share = share + path.course.share();
  else if (!(share == path.course.share()))
    return false;
  llvm::erase_if(into.course.choices, [&](const Answered &choice) { return !hasAnswer(path.course, choice); });
  return true;
}

Story tell(const Machine &machine, const Traveller &traveller, const StoryOptions &options) {
  Story story;
  Path path;
  auto run = [&](Chooser &chooser) { path.legs = tellOnce(machine, traveller, options.reply, chooser); };
  auto done = [&](Course course) {
    path.course = std::move(course);
    for (size_t i = 0; i != story.paths.size(); ++i)
      if (story.paths[i].isSame(path) && fold(story.paths[i], story.shares[i], path))
        return;
    story.shares.push_back(path.course.share());
    story.paths.push_back(std::move(path));
  };
  story.complete = explore(run, done, options.assumptions, options.mostPaths);
  return story;
}

} // namespace iptlint::eval
