// What the reader has to say about a text, bounded.
#pragma once

#include "support/Diagnostic.h"

namespace iptlint::parse {

/// Collects findings. After kMost of them one last says that there are more, and the rest is dropped:
/// a text of nothing but errors must not fill the memory.
class Findings {
public:
  static constexpr size_t kMost = 1000;

  explicit Findings(const support::Source &source) : source(source) {}

  /// \p at must be a slice of the source.
  /// \returns the finding, for notes and its place; the last one again when there are too many.
  support::Diagnostic &add(support::Severity severity, llvm::StringRef at, std::string message,
                           llvm::StringRef check = "syntax");
  support::Diagnostic &error(llvm::StringRef at, std::string message) {
    incomplete = true;
    return add(support::Severity::Error, at, std::move(message));
  }

  /// Whether the last finding is an error about the very same text.
  bool saidAt(llvm::StringRef at) const {
    return !found.empty() && found.back().severity == support::Severity::Error && found.back().at == source.rangeOf(at);
  }

  size_t size() const { return found.size(); }
  /// Says where in the rule set all findings from number \p first on belong.
  void placeFrom(size_t first, const support::Place &place);

  std::vector<support::Diagnostic> take() { return std::move(found); }

  const support::Source &source;
  bool incomplete = false; ///< an error was among them

private:
  std::vector<support::Diagnostic> found;
  support::Diagnostic dropped;
};

} // namespace iptlint::parse
