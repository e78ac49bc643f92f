// `iptlint optimize FILE`: a smaller rule set, written only after a proof that it decides every packet alike.
#pragma once

#include "parse/Parse.h"
#include "pass/Pipeline.h"
#include "smt/Equivalent.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace iptlint::driver {

/// What the rules are written for.
enum class OutputForm : uint8_t { Legacy, Nft, Nftables, Ipset };

struct OptimizeOptions {
  std::string input;                         ///< FILE; "-" is standard input
  parse::RulesOptions rules;                 ///< `--family`, `--input-format`, `--hosts`, `--sets`
  std::string output;                        ///< `-o OUT`; empty or "-": standard output
  std::string setsOut;                       ///< `--sets-out FILE`, for OutputForm::Ipset
  std::string report;                        ///< `--report FILE`, JSON; empty: none
  smt::Effort effort{std::chrono::seconds(60)}; ///< `--timeout`, `-j`, `--log-smt`
  pass::Program program{pass::tidyPasses()};    ///< `--goal`, `--to`, `--chains`, `--drop-accounting`
  OutputForm to = OutputForm::Legacy;           ///< `--to`
  bool diff = false; ///< `--diff`: print what differs; rules are written to `output` only if it is given
};

/// Reads the input, runs the passes, reads their text back and proves it equal to the input.
/// The rules go to the output whole or not at all: an existing file keeps its permissions and is
/// replaced by renaming. So do sets, before them; where one of the files cannot be written, neither is. Chains that could not be proved equal are written as they were.
/// \param out  standard output: rules or diff; \param err standard error: one summary line, or what is wrong.
/// \returns 0 proved and written; 2 the input could not be read in whole, or is a fragment, or a diff is asked for of
///          a text that is not one for iptables-restore, or an output could not be written, or a set would be lost with it; 3 nothing is written since
///          no proof was found, since nft cannot say what the rules say, or since a pass was wrong (the packet is shown).
int runOptimize(const OptimizeOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
