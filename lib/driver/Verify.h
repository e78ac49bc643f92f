// `iptlint verify A B`: do two rule sets decide every packet alike; if not, a packet.
#pragma once

#include "parse/Parse.h"
#include "smt/Equivalent.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace iptlint::driver {

struct VerifyOptions {
  std::string before, after;             ///< FILEs; "-" is standard input, for one of them at most
  parse::RulesOptions rules;             ///< `--family`, `--input-format`, `--hosts`, `--sets`: of both
  bool json = false;                     ///< `--format=json`
  smt::Effort effort{std::chrono::seconds(60)}; ///< `--timeout`, `-j`, `--log-smt`
};

/// Proves two rule sets equal, or shows a packet that they decide differently and that `eval` confirms.
/// \param out  the answer, as text or as one JSON object; \param err what could not be read.
/// \returns 0 equal, 1 different, 2 a file could not be read in whole, 3 unknown (fragments are, since others' rules
///          may stand before theirs).
int runVerify(const VerifyOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
