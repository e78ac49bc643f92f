#include "driver/Presumed.h"

namespace iptlint::driver {

bool Presumed::meets(const ir::OpaqueTest &test) {
  bool presumed = nextState < decision.state.size() && decision.state[nextState].first == test.text;
  hasFailed |= !presumed;
  return presumed && decision.state[nextState++].second;
}

bool Presumed::holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) {
  auto found = decision.afterRewriting.find({test.text.str(), rewrites});
  hasFailed |= found == decision.afterRewriting.end();
  return found != decision.afterRewriting.end() && found->second;
}

packet::Value Presumed::anyValue(packet::Field) {
  bool presumed = nextMadeUp < decision.madeUp.size();
  hasFailed |= !presumed;
  return presumed ? decision.madeUp[nextMadeUp++] : 0;
}

} // namespace iptlint::driver
