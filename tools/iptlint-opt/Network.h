// iptlint-opt --network: what surrounds the rules, read and printed.
#pragma once

#include "parse/Hosts.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <memory>

/// Prints what the texts say together, in the form of emit::networkText(), and findings on standard error.
/// \param texts  words of the command line: `--routes=FILE`, `--rules=FILE`, `--addresses=FILE`, `--bridges=FILE`,
///               `--sysctl=FILE|NAME=VALUE`.
/// \returns the exit code: 2 where a text could not be read in whole.
int printNetwork(llvm::ArrayRef<llvm::StringRef> texts, std::shared_ptr<const iptlint::parse::Hosts> hosts);

/// Whether a word of the command line is one of those.
bool isNetworkText(llvm::StringRef word);
