#include "smt/Equivalent.h"
#include <fmt/format.h>
#include <z3.h>

namespace iptlint::smt {

std::string solverVersion() {
  unsigned major, minor, build, revision;
  Z3_get_version(&major, &minor, &build, &revision);
  return fmt::format("Z3 {}.{}.{}", major, minor, build);
}

} // namespace iptlint::smt
