#include "report/Text.h"
#include "report/Line.h"
#include "report/Wording.h"

namespace iptlint::report {

using llvm::StringRef;
using support::Diagnostic;
using support::Severity;
using support::Source;
using Colors = llvm::raw_ostream::Colors;

namespace {

class Printer {
public:
  Printer(const Source &source, bool colour, llvm::raw_ostream &out) : source(source), colour(colour), out(out) {}

  void print(const Diagnostic &finding) {
    place(finding.at);
    paint(colourOf(finding.severity), support::name(finding.severity));
    out << ": ";
    paint(Colors::SAVEDCOLOR, printable(finding.message));
    out << " [" << finding.check << "]\n";
    excerpt(finding.at);
    for (const support::Note &note : finding.notes) {
      place(note.at);
      paint(Colors::CYAN, "note");
      out << ": " << printable(note.message) << "\n";
      excerpt(note.at);
    }
  }

private:
  static Colors colourOf(Severity severity) {
    return severity == Severity::Error ? Colors::RED : severity == Severity::Warning ? Colors::MAGENTA : Colors::BLUE;
  }

  void paint(Colors with, StringRef text) {
    if (colour)
      out.changeColor(with, /*Bold=*/true);
    out << text;
    if (colour)
      out.resetColor();
  }

  void place(support::SourceRange at) {
    support::LineColumn where = source.lineColumn(at.begin);
    paint(Colors::SAVEDCOLOR, printable(source.path()) + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + ":");
    out << " ";
  }

  void excerpt(support::SourceRange at) {
    StringRef line = source.lineAt(at.begin).rtrim('\r');
    if (line.trim(" \t").empty())
      return;
    size_t begin = source.lineColumn(at.begin).column - 1;
    MarkedLine marked = markedLine(line, begin, begin + (at.end - at.begin));
    out << "  " << marked.text << "\n  ";
    paint(Colors::GREEN, marked.marks);
    out << "\n";
  }

  const Source &source;
  bool colour;
  llvm::raw_ostream &out;
};

} // namespace

void printText(const std::vector<FileReport> &files, bool colour, llvm::raw_ostream &out) {
  if (colour)
    out.enable_colors(true);
  for (const FileReport &file : files) {
    Printer printer(*file.source, colour, out);
    for (const Diagnostic &finding : file.findings)
      printer.print(finding);
  }
}

void printSummary(const std::vector<FileReport> &files, llvm::raw_ostream &out) {
  Totals totals = totalsOf(files);
  std::string found;
  auto add = [&](size_t number, StringRef thing) {
    if (number != 0)
      found += (found.empty() ? "" : ", ") + counted(number, thing);
  };
  add(totals.errors, "error");
  add(totals.warnings, "warning");
  if (totals.infos != 0)
    found += (found.empty() ? "" : ", ") + std::to_string(totals.infos) + " info";
  out << (found.empty() ? "no findings" : found) << " in " << counted(files.size(), "file") << " (" << counted(totals.rules, "rule") << ")";
  if (totals.undecided != 0)
    out << "; " << counted(totals.undecided, "rule") << " undecided";
  if (totals.suppressed != 0)
    out << "; " << totals.suppressed << " suppressed";
  out << "\n";
}

} // namespace iptlint::report
