// The DOT form of a trace, for Graphviz: a box for each table and each routing decision that the packet comes to. Ways
// that part share the boxes up to there.
#include "report/Dot.h"
#include "report/Trace.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::report {

using Kind = TraceStep::Kind;

namespace {

/// What one box says, line by line.
struct Box {
  std::string title;
  std::vector<std::string> lines;
  bool isEnd = false;
  auto operator<=>(const Box &) const = default;
};

class Drawing {
public:
  explicit Drawing(llvm::raw_ostream &out) : out(out) {}
  void add(llvm::ArrayRef<Box> boxes, const std::string &label);

private:
  size_t nodeOf(size_t parent, const Box &box, const std::string &label);

  llvm::raw_ostream &out;
  std::map<std::pair<size_t, Box>, size_t> nodes; ///< by the box before and what the box says
};

} // namespace

static std::string ruleLine(const TraceStep &step) {
  std::string text = fmt::format("{}{} {}: {}", std::string(2 * step.depth, ' '), step.chain, step.rule, step.words);
  for (const TraceChange &change : step.changes)
    text += "  [" + changeText(change) + "]";
  return text;
}

static std::string stepLine(const TraceStep &step) {
  switch (step.kind) {
  case Kind::Rule:
    return ruleLine(step);
  case Kind::Policy:
    return "policy " + step.target;
  case Kind::Rewritten: {
    std::string text = "conntrack:";
    for (const TraceChange &change : step.changes)
      text += " " + changeText(change);
    return text;
  }
  default:
    return step.text;
  }
}

static Box routingBox(const TraceStep &step) {
  Box box{"routing", {}};
  if (!step.words.empty())
    box.lines.push_back(step.words);
  box.lines.push_back("-> " + step.effect + (step.device.empty() ? "" : ", " + step.device));
  return box;
}

static std::vector<Box> boxesOf(const TraceLeg &leg) {
  std::vector<Box> boxes{{"packet", {packet::inIptablesWords(leg.sent)}}};
  for (const TraceStep &step : leg.steps) {
    if (step.kind == Kind::Routing) {
      boxes.push_back(routingBox(step));
      continue;
    }
    std::string title = step.hook + " " + step.table;
    if (boxes.back().title != title)
      boxes.push_back({title, {}});
    boxes.back().lines.push_back(stepLine(step));
  }
  boxes.push_back({fateText(leg), {}, true});
  return boxes;
}

size_t Drawing::nodeOf(size_t parent, const Box &box, const std::string &label) {
  auto [found, isNew] = nodes.try_emplace({parent, box}, nodes.size() + 1);
  size_t node = found->second;
  if (!isNew)
    return node;
  std::vector<std::string> lines{box.title};
  lines.insert(lines.end(), box.lines.begin(), box.lines.end());
  out << "  n" << node << " [shape=" << (box.isEnd ? "ellipse" : "box") << ", label=" << dotLines(lines) << "];\n";
  if (parent != 0)
    out << "  n" << parent << " -> n" << node
        << (box.isEnd && !label.empty() ? " [label=" + dotQuoted(label) + "]" : "") << ";\n";
  return node;
}

void Drawing::add(llvm::ArrayRef<Box> boxes, const std::string &label) {
  size_t node = 0;
  for (const Box &box : boxes)
    node = nodeOf(node, box, label);
}

void printTraceDot(const Trace &trace, llvm::raw_ostream &out) {
  out << "digraph iptlint {\n  node [fontname=\"monospace\", fontsize=10];\n  edge [fontname=\"sans-serif\"];\n";
  Drawing drawing(out);
  for (const TracePath &path : trace.paths)
    for (const TraceLeg &leg : path.legs)
      drawing.add(boxesOf(leg), path.share == "1" ? "" : fmt::format("{:.6g}%", path.percent));
  out << "}\n";
}

} // namespace iptlint::report
