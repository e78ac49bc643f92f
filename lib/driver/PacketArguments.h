// Which words of a command line are the packet of `trace`.
#pragma once

#include "driver/Options.h"
#include "llvm/ADT/ArrayRef.h"

namespace iptlint::driver {

/// Where `trace` is asked for, what stands behind `--` is a packet, whose words are no options. The `--` is the first
/// of what is returned; empty if there is none.
llvm::ArrayRef<const char *> packetWords(llvm::ArrayRef<const char *> words);

/// Of `trace`, a URL among the files is the packet, or part of it.
void moveUrls(Options &options);

} // namespace iptlint::driver
