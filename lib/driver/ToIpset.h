// `optimize --to=ipset`: rules for iptables-restore, and sets that they ask about, for ipset.
#pragma once

#include "driver/Proved.h"

namespace iptlint::driver {

/// Rules under a heading that names \p setsPath and what is in it, and the text of that file.
Output asIpset(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading, const std::string &setsPath);

/// Keeps the passes from giving sets names that the rules use, or that sets in \p known have; \p known may be null.
void takeSetNames(const std::vector<ir::Ruleset> &original, const ir::Sets *known, pass::Program &program);

/// Why the sets must not be written over what \p setsPath holds: a set that the rules ask about and that would be lost.
/// Empty where nothing speaks against it, or nothing is to be written.
std::string lostWith(const std::string &setsPath, const Proved &proved);

} // namespace iptlint::driver
