// Route tables as text.
//
// Versions of iproute2 and net-tools differ in how they fill up lines and columns, so the blanks
// are those that were read; the words are the routes' own.
#include "emit/Emit.h"

namespace iptlint::emit {

namespace {

class NetworkPrinter {
public:
  explicit NetworkPrinter(const ir::Network &network) : network(network) {}

  std::string print();

private:
  void addOtherLinesBefore(uint32_t offset);
  void add(support::SourceRange part);
  void addGapUpTo(uint32_t offset);

  const ir::Network &network;
  size_t otherLine = 0;
  uint32_t at = 0; ///< up to here the text is printed, or was left out
  std::string text;
};

std::string NetworkPrinter::print() {
  for (const ir::Route &route : network.routes) {
    addOtherLinesBefore(route.at.begin);
    for (llvm::StringRef word : route.words)
      add(network.source->rangeOf(word));
  }
  uint32_t end = network.source->text().size();
  addOtherLinesBefore(end + 1);
  addGapUpTo(end);
  return std::move(text);
}

void NetworkPrinter::addOtherLinesBefore(uint32_t offset) {
  for (; otherLine != network.otherLines.size() && network.otherLines[otherLine].begin < offset; ++otherLine)
    add(network.otherLines[otherLine]);
}

void NetworkPrinter::add(support::SourceRange part) {
  addGapUpTo(part.begin);
  text += network.source->slice(part);
  at = part.end;
}

/// What parts two words: blanks and line ends (`\` in one-line form). Where a route was taken out in
/// between, just what a line or a word needs.
void NetworkPrinter::addGapUpTo(uint32_t offset) {
  llvm::StringRef gap = network.source->slice({at, offset});
  if (gap.find_first_not_of(" \t\r\n\\") == llvm::StringRef::npos)
    text += gap;
  else if (!text.empty())
    text += gap.contains('\n') ? "\n" : " ";
}

} // namespace

std::string networkText(const ir::Network &network) {
  return NetworkPrinter(network).print();
}

} // namespace iptlint::emit
