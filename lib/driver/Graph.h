// `iptlint graph FILE`: the chains and who calls whom.
#pragma once

#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace iptlint::driver {

enum class GraphFormat : uint8_t { Text, Dot, Json };

struct GraphOptions {
  std::string input;         ///< FILE; "-" is standard input
  parse::RulesOptions rules; ///< `--family`, `--input-format`, `--hosts`, `--sets`
  GraphFormat format = GraphFormat::Dot;
  std::string table; ///< `--table`: this one alone; empty: all
  std::string chain; ///< `--chain`: what this one leads to; empty: everything
  size_t depth = 0;  ///< `--depth`: so many calls from there, or from built-in chains; 0: all
};

/// \returns 0; 2 if the file could not be read in whole, or has no such table or chain.
int runGraph(const GraphOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
