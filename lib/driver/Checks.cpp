#include "driver/Checks.h"
#include "driver/Options.h"
#include "driver/Pages.h"
#include "lint/Registry.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::driver {

using llvm::StringRef;

int runChecksList(llvm::raw_ostream &out) {
  for (const lint::Check *check : lint::allChecks()) {
    out << fmt::format("{:<20} {:<8} {}", check->id.str(), support::name(check->severity).str(), check->summary.str());
    if (check->group != lint::Group::Defects)
      out << " [" << name(check->group) << "]";
    out << "\n";
  }
  return kExitClean;
}

std::string closestCheck(StringRef id) {
  StringRef best;
  unsigned bestDistance = 4;
  for (const lint::Check *check : lint::allChecks())
    if (unsigned distance = id.edit_distance(check->id, /*AllowReplacements=*/true, bestDistance); distance < bestDistance) {
      bestDistance = distance;
      best = check->id;
    }
  return best.empty() ? "" : ", did you mean " + best.str() + "?";
}

int runExplain(StringRef id, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  const Page *page = llvm::find_if(allPages(), [&](const Page &of) { return of.id == id; });
  if (page == allPages().end()) {
    err << "iptlint: there is no check " << id << closestCheck(id) << "\n";
    return kExitUnreadable;
  }
  out << page->text;
  return kExitClean;
}

} // namespace iptlint::driver
