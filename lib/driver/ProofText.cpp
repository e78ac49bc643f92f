#include "driver/ProofText.h"
#include <fmt/format.h>

namespace iptlint::driver {

std::string alikeText(const smt::Comparison &comparison) {
  if (comparison.alikeCells == 0)
    return "";
  return fmt::format("; in {} {} of packets both sides come to the same formula", comparison.alikeCells,
                     comparison.alikeCells == 1 ? "part" : "parts");
}

void writeProofFields(report::JsonWriter &json, const smt::Comparison &comparison) {
  json.attribute("seconds", comparison.seconds);
  json.attribute("queries", comparison.queries);
  json.attribute("unchanged", comparison.unchanged);
  json.attribute("parts", comparison.cells);
  json.attribute("parts_unchanged", comparison.unchangedCells);
  json.attribute("parts_alike", comparison.alikeCells);
  json.attribute("solver", smt::solverVersion());
}

} // namespace iptlint::driver
