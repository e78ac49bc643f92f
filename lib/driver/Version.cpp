#include "driver/Version.h"

namespace iptlint::driver {

llvm::StringRef version() { return IPTLINT_VERSION; }

} // namespace iptlint::driver
