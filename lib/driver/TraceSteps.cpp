#include "driver/TraceSteps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using eval::StepKind;
using packet::Field;
using report::TraceLeg;
using report::TraceStep;

std::string wordsOf(const ir::Rule &rule) {
  return llvm::join(rule.words, " ");
}

namespace {

/// Tells the steps of one trip.
class Teller {
public:
  Teller(const eval::Leg &leg, const eval::Machine &machine) : leg(leg), machine(machine) {}

  TraceLeg tell();

private:
  TraceStep stepOf(const eval::TripStep &step) const;
  void tellRule(const eval::TripStep &step, TraceStep &out) const;
  void tellPolicy(const eval::TripStep &step, TraceStep &out) const;
  void tellRouting(const eval::Decision &decision, TraceStep &out) const;
  void tellBridge(TraceLeg &out) const;
  void tellTunnel(TraceLeg &out) const;
  std::string possible(Field field) const;
  unsigned lineOf(ir::SourceRange at) const { return machine.rules->lineColumn(at).line; }
  packet::Family family() const { return leg.trip.packet.family; }

  const eval::Leg &leg;
  const eval::Machine &machine;
};

} // namespace

/// What a target does, in the words of the JSON form.
static std::string effectOf(const ir::Target &target) {
  switch (target.kind) {
  case ir::TargetKind::Jump:
    return "jump";
  case ir::TargetKind::Goto:
    return "goto";
  case ir::TargetKind::Return:
    return "return";
  case ir::TargetKind::Accept:
    return "accept";
  case ir::TargetKind::Drop:
    return "drop";
  case ir::TargetKind::Verdict:
    return target.name == "NFQUEUE" ? "queue" : target.name.lower();
  case ir::TargetKind::Continue:
    return target.name == "MARK" ? "set-mark" : target.name == "LOG" ? "log" : "continue";
  case ir::TargetKind::None:
  case ir::TargetKind::Opaque:
    return "continue";
  }
  llvm_unreachable("every kind is above");
}

static std::vector<report::TraceChange> changesOf(const eval::TripStep &step, packet::Family family,
                                                  const eval::OpenFields &open) {
  std::vector<report::TraceChange> changes;
  for (const eval::Change &change : step.changes) {
    if (change.field == Field::DstType || change.field == Field::SrcType)
      continue;
    report::TraceChange &out = changes.emplace_back();
    out.field = change.field;
    out.from = eval::valueWords(change.field, change.from, family);
    if (change.known)
      out.to = eval::valueWords(change.field, change.to, family);
    else if (auto left = open.possible(change.field); !left.empty())
      out.possible = eval::rangesWords(change.field, left, family);
  }
  return changes;
}

void Teller::tellRule(const eval::TripStep &step, TraceStep &out) const {
  const ir::Table &table = machine.rules->tables[step.rule.table];
  const ir::Chain &chain = table.chains[step.rule.rule.chain];
  const ir::Rule &rule = chain.rules[step.rule.rule.rule];
  out.kind = TraceStep::Kind::Rule;
  out.chain = chain.name.str();
  out.rule = step.rule.rule.rule + 1;
  out.line = lineOf(rule.at);
  out.words = wordsOf(rule);
  out.target = rule.target.name.str();
  out.effect = effectOf(rule.target);
  out.depth = step.depth;
}

void Teller::tellPolicy(const eval::TripStep &step, TraceStep &out) const {
  const ir::Chain &chain = machine.rules->tables[step.rule.table].chains[step.rule.rule.chain];
  out.kind = TraceStep::Kind::Policy;
  out.chain = chain.name.str();
  out.line = lineOf(chain.at);
  out.target = step.accepted ? "ACCEPT" : "DROP";
  out.effect = "policy";
}

static std::string effectOf(const eval::Decision &decision) {
  switch (decision.fate) {
  case eval::Fate::Out:
    return "route";
  case eval::Fate::NoRoute:
    return "no-route";
  case eval::Fate::NotForwarding:
    return "not-forwarding";
  default:
    return eval::name(decision.fate).str();
  }
}

void Teller::tellRouting(const eval::Decision &decision, TraceStep &out) const {
  out.kind = TraceStep::Kind::Routing;
  out.table = decision.table;
  out.words = decision.routeText;
  out.routingRule = decision.ruleText;
  out.effect = effectOf(decision);
  out.device = decision.device.str();
  if (decision.gateway)
    out.via = packet::addressText(*decision.gateway, decision.gatewayFamily);
  if (!decision.route)
    return;
  const support::Source &source = *machine.network->sources[decision.route->source];
  out.path = source.path().str();
  out.line = source.lineColumn(decision.route->at.begin).line;
}

TraceStep Teller::stepOf(const eval::TripStep &step) const {
  TraceStep out;
  out.hook = packet::name(step.hook).str();
  out.text = step.text;
  out.changes = changesOf(step, family(), leg.trip.open);
  if (step.kind == StepKind::Routing) {
    tellRouting(*step.decision, out);
    return out;
  }
  out.effect = step.kind == StepKind::Rewritten ? "rewritten" : "skipped";
  out.kind = step.kind == StepKind::Rewritten ? TraceStep::Kind::Rewritten : TraceStep::Kind::Remark;
  out.table = step.kind == StepKind::Rewritten ? "nat" : machine.rules->tables[step.rule.table].name.str();
  if (step.kind == StepKind::Rule)
    tellRule(step, out);
  if (step.kind == StepKind::Policy)
    tellPolicy(step, out);
  return out;
}

/// By which of its ports a bridge sends depends on what it has learnt.
void Teller::tellBridge(TraceLeg &out) const {
  for (const ir::Bridge &bridge : machine.network->bridges)
    if (bridge.name == out.out)
      for (llvm::StringRef port : bridge.ports)
        out.ports.push_back(port.str());
}

/// The packet travels on inside another, which is the next hop's to unpack. To which host that one goes the texts do
/// not tell, so that it is not traced. Source: the kernel's net/ipv4/ip_tunnel_core.c, iptunnel_xmit().
void Teller::tellTunnel(TraceLeg &out) const {
  for (const ir::Interface &interface : machine.network->interfaces)
    if (interface.name == out.out && interface.vxlan)
      out.encapsulated = fmt::format(
          "{} puts it into UDP to port {}{}{}; what carries it goes through OUTPUT and POSTROUTING here, with its mark, and "
          "then to the machine that has {}, which sees it as a packet by its own {}",
          out.out, interface.vxlan->port,
          interface.vxlan->local ? " from " + packet::addressText(*interface.vxlan->local, family()) : "",
          interface.vxlan->device.empty() ? "" : " by " + interface.vxlan->device.str(), out.nextHop, out.out);
}

static std::string nameOf(eval::Role role) {
  return role == eval::Role::First ? "first" : role == eval::Role::Answer ? "answer" : "packet";
}

std::string Teller::possible(Field field) const {
  auto ranges = leg.trip.open.possible(field);
  return ranges.empty() ? "" : eval::rangesWords(field, ranges, family());
}

TraceLeg Teller::tell() {
  const eval::Trip &trip = leg.trip;
  TraceLeg out;
  out.role = nameOf(leg.role);
  out.sent = trip.sent;
  for (const eval::TripStep &step : trip.steps)
    out.steps.push_back(stepOf(step));
  out.fate = eval::name(trip.ending).str();
  out.reason = trip.reason;
  out.out = trip.out;
  if (trip.copy)
    out.copyFate = eval::name(*trip.copy).str();
  out.copyReason = trip.copyReason;
  if (trip.nextHop)
    out.nextHop = packet::addressText(*trip.nextHop, trip.nextHopFamily);
  out.icmp = trip.icmp;
  out.packet = trip.packet;
  for (const auto &[field, values] : trip.open.all())
    out.open.push_back({field, possible(field)});
  tellBridge(out);
  tellTunnel(out);
  return out;
}

std::vector<report::TracePath> pathsOf(const eval::Story &story, const eval::Machine &machine) {
  std::vector<report::TracePath> paths;
  for (size_t i = 0; i != story.paths.size(); ++i) {
    report::TracePath &out = paths.emplace_back();
    out.share = story.shares[i].text();
    out.percent = 100 * story.shares[i].value();
    out.byChance = story.paths[i].course.isChanceAlone();
    for (const eval::Answered &choice : story.paths[i].course.choices)
      out.conditions.push_back({choice.chosen().condition, choice.chosen().holds, choice.question.where});
    for (const eval::Leg &leg : story.paths[i].legs)
      out.legs.push_back(Teller(leg, machine).tell());
  }
  return paths;
}

} // namespace iptlint::driver
