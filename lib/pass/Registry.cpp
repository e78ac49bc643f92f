// allPasses() is generated from the folder passes/: see cmake/Registry.cmake.
#include "pass/Registry.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::pass {

const Pass *findPass(llvm::StringRef id) {
  Passes all = allPasses();
  auto found = llvm::find_if(all, [id](const Pass *pass) { return pass->id == id; });
  return found == all.end() ? nullptr : *found;
}

} // namespace iptlint::pass
