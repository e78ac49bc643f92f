// What a fuzzer does when a property does not hold.
#pragma once

#include "support/Diagnostic.h"
#include <cstdio>
#include <cstdlib>

namespace iptlint::fuzz {

/// Ends the program, saying what is wrong and with which text, unless \p holds.
inline void demand(bool holds, const char *what, llvm::StringRef text) {
  if (holds)
    return;
  std::fprintf(stderr, "%s:\n%s\n", what, text.str().c_str());
  std::abort();
}

inline bool isInside(support::SourceRange at, llvm::StringRef text) {
  return at.begin <= at.end && at.end <= text.size();
}

/// Findings and their notes point into the text that they are about.
inline void demandInside(const std::vector<support::Diagnostic> &findings, llvm::StringRef text) {
  for (const support::Diagnostic &finding : findings) {
    demand(isInside(finding.at, text), "a finding lies outside the text", finding.message);
    for (const support::Note &note : finding.notes)
      demand(isInside(note.at, text), "a note lies outside the text", note.message);
  }
}

} // namespace iptlint::fuzz
