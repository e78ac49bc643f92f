// The text form of a trace: what an administrator reads in one go.
#include "packet/Usual.h"
#include "report/Line.h"
#include "report/Trace.h"
#include "llvm/ADT/STLExtras.h"
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

std::string fateText(const TraceLeg &leg) {
  if (!leg.out.empty())
    return fmt::format("{} out of {} to {}", leg.fate, leg.out, leg.nextHop.empty() ? "?" : leg.nextHop);
  if (leg.fate == "input")
    return "input to this machine";
  if (leg.fate == "reject")
    return leg.reason.empty() ? "reject without an answer" : "reject with " + leg.reason;
  return leg.reason.empty() ? leg.fate : leg.fate + ": " + leg.reason;
}

namespace {

class TextPrinter {
public:
  TextPrinter(const Trace &trace, llvm::raw_ostream &out) : trace(trace), out(out) {}

  void run();

private:
  void printSteps(const TraceLeg &leg);
  void printStep(const TraceStep &step);
  void printHook(const TraceStep &step);
  void printRule(const TraceStep &step);
  void printRouting(const TraceStep &step);
  void printChanges(const TraceStep &step, unsigned indent);
  void printEnd(const TraceLeg &leg);
  void printPath(const TracePath &path, size_t number);
  void printLeg(const TraceLeg &leg);
  void printSummary();
  void line(unsigned indent, const std::string &text) { out.indent(indent) << printable(text) << "\n"; }

  const Trace &trace;
  llvm::raw_ostream &out;
  std::string hook, table; ///< of the step before
};

} // namespace

void TextPrinter::printHook(const TraceStep &step) {
  if (step.hook != hook)
    line(0, step.hook);
  if (step.hook != hook || step.table != table)
    if (!step.table.empty())
      line(2, step.table);
  hook = step.hook;
  table = step.table;
}

void TextPrinter::printChanges(const TraceStep &step, unsigned indent) {
  for (const TraceChange &change : step.changes)
    line(indent, changeText(change));
  if (!step.text.empty())
    line(indent, step.text);
}

void TextPrinter::printRule(const TraceStep &step) {
  unsigned indent = 2 + 2 * unsigned(step.depth);
  line(indent, fmt::format("{} rule {} (line {}): {}", step.chain, step.rule, step.line, step.words));
  printChanges(step, indent + 4);
}

void TextPrinter::printRouting(const TraceStep &step) {
  line(0, "routing" + (step.text.empty() ? "" : ", once more: " + step.text));
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

void TextPrinter::printStep(const TraceStep &step) {
  if (step.kind == Kind::Routing)
    return printRouting(step);
  printHook(step);
  switch (step.kind) {
  case Kind::Rule:
    return printRule(step);
  case Kind::Policy:
    return line(4, fmt::format("{} policy (line {}): {}", step.chain, step.line, step.target));
  case Kind::Rewritten:
    line(4, "conntrack, as the first packet was:");
    return printChanges(step, 8);
  default:
    return line(4, step.text);
  }
}

void TextPrinter::printSteps(const TraceLeg &leg) {
  hook.clear();
  for (const TraceStep &step : leg.steps)
    printStep(step);
}

void TextPrinter::printEnd(const TraceLeg &leg) {
  line(0, "=> " + fateText(leg));
  if (!leg.ports.empty()) {
    std::string ports;
    for (const std::string &port : leg.ports)
      ports += (ports.empty() ? "" : ", ") + port;
    line(3, fmt::format("{} is a bridge: by one of its ports {}", leg.out, ports));
  }
  if (!leg.encapsulated.empty())
    line(3, leg.encapsulated);
  bool left = !leg.out.empty() || leg.fate == "input";
  if (left)
    line(3, "as: " + packet::inIptablesWords(leg.packet));
  for (const auto &[field, possible] : leg.open)
    if (left && (field == packet::Field::Src || field == packet::Field::Dst || field == packet::Field::Sport ||
                 field == packet::Field::Dport || field == packet::Field::Mark))
      line(3, fmt::format("where {} is {}", fieldWords(field), possible.empty() ? "not known" : "any of " + possible));
}

void TextPrinter::printLeg(const TraceLeg &leg) {
  if (leg.role == "first")
    line(0, "the first packet of the flow: " + packet::inIptablesWords(leg.sent));
  else if (leg.role == "answer")
    line(0, "the answer: " + packet::inIptablesWords(leg.sent));
  else
    line(0, "packet: " + packet::inIptablesWords(leg.sent));
  printSteps(leg);
  printEnd(leg);
}

static std::string shareText(const TracePath &path) {
  return fmt::format("{:.6g}% ({})", path.percent, path.share);
}

void TextPrinter::printPath(const TracePath &path, size_t number) {
  if (trace.paths.size() > 1)
    line(0, fmt::format("\nway {} of {}{}{}", number, trace.paths.size(), trace.complete ? "" : " and more",
                        path.share == "1" ? "" : ": " + shareText(path))
                .substr(1));
  for (const TraceCondition &condition : path.conditions)
    line(2, fmt::format("{} {}{}", condition.holds ? "if" : "unless", condition.condition,
                        condition.where.empty() ? "" : " (" + condition.where + ")"));
  for (const TraceLeg &leg : path.legs)
    printLeg(leg);
}

/// One line for each way.
void TextPrinter::printSummary() {
  line(0, fmt::format("{} ways{}:", trace.paths.size(), trace.complete ? "" : " and more, which were not followed"));
  for (size_t i = 0; i != trace.paths.size(); ++i) {
    const TracePath &path = trace.paths[i];
    line(2, fmt::format("{}. {}{}", i + 1, path.share == "1" ? "" : shareText(path) + " ", fateText(path.asked())));
  }
}

void TextPrinter::run() {
  for (const std::string &note : trace.notes)
    line(0, note);
  for (size_t i = 0; i != trace.paths.size(); ++i) {
    if (i != 0 || !trace.notes.empty())
      out << "\n";
    printPath(trace.paths[i], i + 1);
  }
  if (trace.paths.size() > 1 || !trace.complete) {
    out << "\n";
    printSummary();
  }
  for (const std::string &each : trace.whyNot)
    line(0, each);
}

void printTrace(const Trace &trace, llvm::raw_ostream &out) {
  TextPrinter(trace, out).run();
}

} // namespace iptlint::report
