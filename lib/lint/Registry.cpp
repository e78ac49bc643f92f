#include "lint/Registry.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::lint {

const Check *findCheck(llvm::StringRef id) {
  auto found = llvm::find_if(allChecks(), [&](const Check *check) { return check->id == id; });
  return found == allChecks().end() ? nullptr : *found;
}

} // namespace iptlint::lint
