// Which implementation of iptables loads the rules.
#pragma once

#include <cstdint>

namespace iptlint::ir {

enum class BackEnd : uint8_t { Legacy, Nft };

} // namespace iptlint::ir
