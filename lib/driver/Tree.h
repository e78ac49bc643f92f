// `iptlint tree FILE`: each built-in chain as a decision tree.
#pragma once

#include "parse/Parse.h"
#include "tree/Build.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace iptlint::driver {

enum class TreeFormat : uint8_t { Text, Dot, Json };

struct TreeOptions {
  std::string input;         ///< FILE; "-" is standard input
  parse::RulesOptions rules; ///< `--family`, `--input-format`, `--hosts`, `--sets`
  TreeFormat format = TreeFormat::Text;
  std::string table, chain; ///< `--table`, `--chain`: the trees of these alone; empty: all
  tree::BuildOptions build; ///< `--nodes`, `--list`, `--backend`
};

/// \param out  the trees; \param err what could not be read, and which chains stay as they are.
/// \returns 0; 2 if the file could not be read in whole, is a fragment or has no such chain; 3 if a chain stays as it
/// is,
///          since jumps lead in a circle or to nowhere.
int runTree(const TreeOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace iptlint::driver
