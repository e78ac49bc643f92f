// What the tool has to say about a text: findings and their notes.
//
// A Diagnostic names the check it comes from, where it points, and what is so;
// it knows nothing of how it is printed (report does). Their order is total and
// depends only on their content, never on how or when they were found.
#pragma once

#include "support/Source.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::support {

/// How bad a finding is; smaller is worse. docs/semantics.md says what is which.
enum class Severity : uint8_t { Error, Warning, Info };

/// "error", "warning", "info".
llvm::StringRef name(Severity severity);

/// Where in a rule set something stands, in the words of an administrator.
/// All optional: a finding about a whole file has none of it.
struct Place {
  std::string table; ///< "filter"; empty if none
  std::string chain; ///< "INPUT"; empty if none
  unsigned rule = 0; ///< number in its chain from 1, as `iptables -L --line-numbers` counts; 0 if none
  bool operator==(const Place &) const = default;
};

/// A place that explains a finding.
struct Note {
  SourceRange at;
  Place place;
  std::string message;
};

/// Lines to replace by others; an empty text takes them out.
struct Edit {
  SourceRange lines; ///< from somewhere in the first line to somewhere in the last
  std::string text;
};

/// How to mend what a finding is about. Nothing else that was reported changes by it.
struct Fix {
  std::vector<Edit> edits;
  bool proved = false; ///< a solver has shown that no packet is decided otherwise
};

/// One finding. \p message is lower case, no full stop, and says what is so.
struct Diagnostic {
  std::string check; ///< the id of the check: "shadowed-rule"
  Severity severity = Severity::Error;
  SourceRange at;
  Place place;
  std::string message;
  std::vector<Note> notes;
  std::optional<Fix> fix;
};

/// Orders findings of one Source: by place, then severity, check and message.
bool operator<(const Diagnostic &left, const Diagnostic &right);

} // namespace iptlint::support
