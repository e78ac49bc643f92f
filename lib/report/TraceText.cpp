// The text form of a trace: what an administrator reads in one go.
#include "packet/Usual.h"
#include "report/Line.h"
#include "report/Trace.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::report {

using Kind = TraceStep::Kind;

static std::string fieldWords(packet::Field field) {
  switch (field) {
  case packet::Field::ConnMark:
    return "mark of the flow";
  case packet::Field::CtState:
    return "state";
  case packet::Field::TcpFlags:
    return "TCP flags";
  default:
    return packet::name(field).str();
  }
}

std::string changeText(const TraceChange &change) {
  std::string to = !change.to.empty() ? change.to : change.possible.empty() ? "not known" : "any of " + change.possible;
  std::string from = change.from.empty() ? "not known" : change.from;
  return fmt::format("{} {} -> {}", fieldWords(change.field), from, to);
}

/// ", for 10.244.1.184:3000": where it is bound for, if that is not where it was sent to or not the next hop.
static std::string destination(const TraceLeg &leg) {
  const packet::Packet &packet = leg.packet;
  std::string address = packet::addressText(packet[packet::Field::Dst], packet.family);
  bool moved = packet[packet::Field::Dst] != leg.sent[packet::Field::Dst] ||
               packet[packet::Field::Dport] != leg.sent[packet::Field::Dport];
  if (!moved)
    return "";
  bool hasPorts = packet::hasPorts(unsigned(packet[packet::Field::Proto]));
  if (packet.family == packet::Family::IPv6 && hasPorts)
    address = "[" + address + "]";
  return ", for " + address + (hasPorts ? ":" + std::to_string(unsigned(packet[packet::Field::Dport])) : "");
}

std::string fateText(const TraceLeg &leg) {
  if (!leg.out.empty())
    return fmt::format("{} out of {} to {}{}", leg.fate, leg.out, leg.nextHop.empty() ? "?" : leg.nextHop,
                       destination(leg));
  if (leg.fate == "input")
    return "input to this machine" + destination(leg);
  if (leg.fate == "reject")
    return leg.reason.empty() ? "reject without an answer" : "reject with " + leg.reason;
  return leg.reason.empty() ? leg.fate : leg.fate + ": " + leg.reason;
}

namespace {

class TraceText {
public:
  TraceText(const Trace &trace, llvm::raw_ostream &out) : trace(trace), out(out) {}

  void run();

private:
  void printSteps(llvm::ArrayRef<TraceStep> steps);
  void printStep(const TraceStep &step, bool alone);
  void printHook(const TraceStep &step);
  void printRule(const TraceStep &step);
  void printRouting(const TraceStep &step);
  void printChanges(const TraceStep &step, unsigned indent);
  void printEnd(const TraceLeg &leg);
  void printPath(size_t number);
  void printLeg(const TraceLeg &leg, const TraceLeg *before);
  void printSummary();
  void line(unsigned indent, const std::string &text) { out.indent(indent) << printable(text) << "\n"; }

  const Trace &trace;
  llvm::raw_ostream &out;
  std::string hook; ///< of the step before
};

} // namespace

void TraceText::printHook(const TraceStep &step) {
  if (step.hook != hook)
    line(0, step.hook);
  hook = step.hook;
}

void TraceText::printChanges(const TraceStep &step, unsigned indent) {
  for (const TraceChange &change : step.changes)
    line(indent, changeText(change));
  if (!step.text.empty())
    line(indent, step.text);
}

void TraceText::printRule(const TraceStep &step) {
  unsigned indent = 2 + 2 * unsigned(step.depth);
  line(indent, fmt::format("{} rule {} (line {}): {}", step.chain, step.rule, step.line, step.words));
  printChanges(step, indent + 4);
}

void TraceText::printRouting(const TraceStep &step) {
  line(0, "routing" + (step.text.empty() ? "" : " once more: " + step.text));
  if (!step.words.empty()) {
    std::string where = step.line ? fmt::format(" ({} line {}, table {})", step.path, step.line, step.table)
                                  : fmt::format(" (table {})", step.table);
    line(2, step.words + where);
  }
  if (!step.routingRule.empty())
    line(2, "by rule " + step.routingRule);
  std::string way = step.effect;
  if (!step.device.empty())
    way += step.via.empty() ? ", " + step.device : ", " + step.device + " by " + step.via;
  line(2, "-> " + way);
  hook.clear();
}

/// \param alone  no other step is of its table and hook.
void TraceText::printStep(const TraceStep &step, bool alone) {
  switch (step.kind) {
  case Kind::Routing:
    return printRouting(step);
  case Kind::Rule:
    return printRule(step);
  case Kind::Policy:
    if (alone)
      return line(2, fmt::format("{}: policy {}", step.table, step.target));
    return line(4, fmt::format("{} policy (line {}): {}", step.chain, step.line, step.target));
  case Kind::Rewritten:
    line(4, "conntrack, as the first packet was:");
    return printChanges(step, 8);
  case Kind::Remark:
    return line(alone ? 2 : 4, alone ? step.table + ": " + step.text : step.text);
  }
}

static bool isSamePlace(const TraceStep &left, const TraceStep &right) {
  return left.hook == right.hook && left.table == right.table && left.kind != Kind::Routing &&
         right.kind != Kind::Routing;
}

void TraceText::printSteps(llvm::ArrayRef<TraceStep> steps) {
  hook.clear();
  for (size_t i = 0; i != steps.size(); ++i) {
    bool isFirst = i == 0 || !isSamePlace(steps[i - 1], steps[i]);
    bool isLast = i + 1 == steps.size() || !isSamePlace(steps[i], steps[i + 1]);
    bool alone = isFirst && isLast && (steps[i].kind == Kind::Policy || steps[i].kind == Kind::Remark);
    if (steps[i].kind != Kind::Routing)
      printHook(steps[i]);
    if (isFirst && !alone && steps[i].kind != Kind::Routing)
      line(2, steps[i].table);
    printStep(steps[i], alone);
  }
}

/// Without what conntrack knows of the flow, which stands in the packets before.
static std::string packetWords(packet::Packet packet) {
  for (unsigned i = unsigned(packet::Field::ConnMark); i <= unsigned(packet::Field::CtReplDport); ++i)
    packet[packet::Field(i)] = packet::usualValue(packet::Field(i), packet);
  return packet::inIptablesWords(packet);
}

void TraceText::printEnd(const TraceLeg &leg) {
  line(0, "=> " + fateText(leg));
  if (!leg.copyFate.empty())
    line(3, "the copy that comes back by it: " + leg.copyFate + (leg.copyReason.empty() ? "" : ", " + leg.copyReason));
  if (!leg.ports.empty())
    line(3, fmt::format("{} is a bridge: by one of its ports {}", leg.out, llvm::join(leg.ports, ", ")));
  if (!leg.encapsulated.empty())
    line(3, leg.encapsulated);
  bool left = !leg.out.empty() || leg.fate == "input";
  if (!left)
    return;
  line(3, "as " + packetWords(leg.packet));
  for (const auto &[field, possible] : leg.open)
    if (field == packet::Field::Src || field == packet::Field::Dst || field == packet::Field::Sport ||
        field == packet::Field::Dport || field == packet::Field::Mark)
      line(3, fmt::format("where {} is {}", fieldWords(field), possible.empty() ? "not known" : "any of " + possible));
}

/// What a step says, for comparing steps of two ways.
static std::string textOf(const TraceStep &step) {
  std::string text = fmt::format("{}/{}/{}/{}/{}/{}/{}/{}", int(step.kind), step.hook, step.table, step.chain,
                                 step.rule, step.words, step.device, step.text);
  for (const TraceChange &change : step.changes)
    text += changeText(change);
  return text;
}

/// \param before  the same packet on the first way; what both have in common is not told again.
void TraceText::printLeg(const TraceLeg &leg, const TraceLeg *before) {
  llvm::StringRef title = leg.role == "first"    ? "the first packet of the flow: "
                          : leg.role == "answer" ? "the answer: "
                                                 : "packet: ";
  line(0, title.str() + packetWords(leg.sent));
  if (leg.role == "packet" && !before && !trace.assumedWords.empty())
    line(3, "of which was not said, and is taken to be usual: " + trace.assumedWords);
  size_t common = 0;
  while (before && common != leg.steps.size() && common != before->steps.size() &&
         textOf(leg.steps[common]) == textOf(before->steps[common]))
    ++common;
  if (common != 0)
    line(0, fmt::format("... as on way 1 for {} step{}", common, common == 1 ? "" : "s"));
  printSteps(llvm::makeArrayRef(leg.steps).drop_front(common));
  printEnd(leg);
}

static std::string shareText(const TracePath &path) {
  return fmt::format("{:.8g} % ({})", path.percent, path.share);
}

void TraceText::printPath(size_t number) {
  const TracePath &path = trace.paths[number];
  if (trace.paths.size() > 1)
    line(0, fmt::format("way {}{}", number + 1, path.share == "1" ? "" : ": " + shareText(path)));
  for (const TraceCondition &condition : path.conditions)
    line(2, fmt::format("{} {}{}", condition.holds ? "if" : "unless", condition.condition,
                        condition.where.empty() ? "" : " (" + condition.where + ")"));
  const TracePath &first = trace.paths.front();
  for (size_t i = 0; i != path.legs.size(); ++i)
    printLeg(path.legs[i], number != 0 && i < first.legs.size() ? &first.legs[i] : nullptr);
}

/// One line for each way.
void TraceText::printSummary() {
  line(0, fmt::format("{} ways{}:", trace.paths.size(), trace.complete ? "" : " and more, which were not followed"));
  for (size_t i = 0; i != trace.paths.size(); ++i) {
    const TracePath &path = trace.paths[i];
    line(2, fmt::format("{}. {}{}", i + 1, path.share == "1" ? "" : shareText(path) + " ", fateText(path.asked())));
  }
}

void TraceText::run() {
  for (const std::string &note : trace.notes)
    line(0, note);
  for (size_t i = 0; i != trace.paths.size(); ++i) {
    if (i != 0 || !trace.notes.empty())
      out << "\n";
    printPath(i);
  }
  if (trace.paths.size() > 1 || !trace.complete) {
    out << "\n";
    printSummary();
  }
  if (!trace.whyNot.empty())
    out << "\n";
  for (const std::string &each : trace.whyNot)
    line(0, each);
}

void printTrace(const Trace &trace, llvm::raw_ostream &out) {
  TraceText(trace, out).run();
}

} // namespace iptlint::report
