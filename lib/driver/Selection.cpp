#include "driver/Selection.h"
#include "driver/Checks.h"
#include "lint/Registry.h"
#include "report/Line.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::driver {

using lint::Check;
using llvm::StringRef;

static bool names(StringRef word, const Check &check) {
  return word == "all" || word == check.id || word == name(check.group);
}

static StringRef withoutSign(StringRef word) {
  return word.startswith("+") || word.startswith("-") ? word.drop_front() : word;
}

std::string wrongCheckName(const std::vector<std::string> &words) {
  for (StringRef word : words) {
    StringRef wanted = withoutSign(word);
    if (llvm::none_of(lint::allChecks(), [&](const Check *check) { return names(wanted, *check); }))
      return "there is no check " + report::printable(wanted) + closestCheck(wanted);
  }
  return "";
}

std::vector<const Check *> selectChecks(const std::vector<std::string> &words, const lint::Settings &settings) {
  bool anyAlone = llvm::any_of(words, [](StringRef word) { return withoutSign(word) == word; });
  auto isSelected = [&](const Check *check) {
    bool isWanted = check->wantedBy && check->wantedBy(settings);
    bool selected = !anyAlone && (check->group == lint::Group::Defects || isWanted);
    for (StringRef word : words)
      if (names(withoutSign(word), *check))
        selected = !word.startswith("-");
    return selected;
  };
  std::vector<const Check *> checks;
  llvm::copy_if(lint::allChecks(), std::back_inserter(checks), isSelected);
  return checks;
}

} // namespace iptlint::driver
