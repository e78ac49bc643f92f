// Which checks run: what `--checks` says.
//
// Its words are the id of a check, the name of a group (defects, hygiene), or all. A word by itself is what to run, and
// nothing else; with + before it, it is run as well; with - it is not.
#pragma once

#include "lint/Check.h"
#include <string>
#include <vector>

namespace iptlint::driver {

/// What is wrong with the first word that names nothing: "there is no check emty-chain, did you mean empty-chain?". Empty
/// where all name something.
std::string wrongCheckName(const std::vector<std::string> &words);

/// In the order of lint::allChecks(). What \p settings ask for is on as the defects are.
std::vector<const lint::Check *> selectChecks(const std::vector<std::string> &words, const lint::Settings &settings);

} // namespace iptlint::driver
