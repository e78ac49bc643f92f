// Route tables as text.
//
// Versions of iproute2 and net-tools differ in how they fill up lines and columns, so the blanks
// are those that were read; the words are the routes' own.
#include "emit/Emit.h"

namespace iptlint::emit {

namespace {

class RoutesPrinter {
public:
  explicit RoutesPrinter(const ir::Routes &routes) : routes(routes) {}

  std::string print();

private:
  void addOtherLinesBefore(uint32_t offset);
  void add(support::SourceRange part);
  void addGapUpTo(uint32_t offset);

  const ir::Routes &routes;
  size_t otherLine = 0;
  uint32_t at = 0; ///< up to here the text is printed, or was left out
  std::string text;
};

std::string RoutesPrinter::print() {
  for (const ir::Route &route : routes.routes) {
    addOtherLinesBefore(route.at.begin);
    for (llvm::StringRef word : route.words)
      add(routes.source->rangeOf(word));
  }
  uint32_t end = routes.source->text().size();
  addOtherLinesBefore(end + 1);
  addGapUpTo(end);
  return std::move(text);
}

void RoutesPrinter::addOtherLinesBefore(uint32_t offset) {
  for (; otherLine != routes.otherLines.size() && routes.otherLines[otherLine].begin < offset; ++otherLine)
    add(routes.otherLines[otherLine]);
}

void RoutesPrinter::add(support::SourceRange part) {
  addGapUpTo(part.begin);
  text += routes.source->slice(part);
  at = part.end;
}

/// What parts two words: blanks and line ends (`\` in one-line form). Where a route was taken out in
/// between, just what a line or a word needs.
void RoutesPrinter::addGapUpTo(uint32_t offset) {
  llvm::StringRef gap = routes.source->slice({at, offset});
  if (gap.find_first_not_of(" \t\r\n\\") == llvm::StringRef::npos)
    text += gap;
  else if (!text.empty())
    text += gap.contains('\n') ? "\n" : " ";
}

} // namespace

std::string routesText(const ir::Routes &routes) {
  return RoutesPrinter(routes).print();
}

} // namespace iptlint::emit
