// One line of a text as a terminal may show it.
//
// Rule files hold any bytes: comments and log prefixes may carry escape sequences, text that runs from right
// to left, or no text at all. What a terminal would act on is shown escaped: \x1b, \u202e, \xff. Tabs become
// blanks. Wide characters count as two columns, so that carets stand where they should.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace iptlint::report {

/// \p text with everything escaped that is not printable. A backslash stays one.
std::string printable(llvm::StringRef text);

struct MarkedLine {
  std::string text;  ///< what to show
  std::string marks; ///< blanks, then ^~~~ below the marked part
};

/// A line with bytes [\p begin, \p end) marked. At most \p width columns wide: of longer ones the part around
/// \p begin is shown, with ... where something is cut off.
/// \p begin and \p end are byte offsets into \p line; an empty or overlong range is cut to what is there.
MarkedLine markedLine(llvm::StringRef line, size_t begin, size_t end, unsigned width = 160);

} // namespace iptlint::report
