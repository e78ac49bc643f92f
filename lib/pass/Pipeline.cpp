#include "pass/Pipeline.h"

namespace iptlint::pass {

namespace passes {
extern constinit const Pass drop_unreached;
} // namespace passes

static constexpr const Pass *tidy[] = {
    &passes::drop_unreached, // needs nothing before it
};

Passes tidyPasses() { return tidy; }

ir::Ruleset runPasses(const ir::Ruleset &in, Passes passes) {
  ir::Ruleset ruleset = in;
  for (const Pass *pass : passes)
    ruleset = pass->run(ruleset);
  return ruleset;
}

} // namespace iptlint::pass
