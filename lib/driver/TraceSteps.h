// From the ways of a packet, as eval tells them, to what is printed.
#pragma once

#include "eval/Story.h"
#include "report/Trace.h"

namespace iptlint::driver {

/// The paths of a trace.
std::vector<report::TracePath> pathsOf(const eval::Story &story, const eval::Machine &machine);

/// The words of a rule, as they are written.
std::string wordsOf(const ir::Rule &rule);

} // namespace iptlint::driver
