// The options that name what surrounds the rules, for `lint` and each command that asks where packets go.
#pragma once

#include "driver/Options.h"

namespace CLI {
class App;
}

namespace iptlint::driver {

/// Adds `--routes`, `--rules`, `--addresses`, `--bridges` and `--sysctl`, each of which may be repeated.
void addNetworkOptions(CLI::App &command, Options &options);

} // namespace iptlint::driver
