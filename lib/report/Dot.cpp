#include "report/Dot.h"
#include "report/Line.h"

namespace iptlint::report {

static std::string escaped(const std::string &text) {
  constexpr size_t kLongest = 300;
  std::string shown = printable(text), escaped;
  if (shown.size() > kLongest) {
    size_t end = kLongest;
    while ((uint8_t(shown[end]) & 0xc0) == 0x80)
      --end;
    shown = shown.substr(0, end) + " ...";
  }
  for (char each : shown)
    if (each == '"' || each == '\\')
      escaped += std::string("\\") + each;
    else
      escaped += each;
  return escaped;
}

std::string dotQuoted(const std::string &text) {
  return "\"" + escaped(text) + "\"";
}

std::string dotLines(llvm::ArrayRef<std::string> lines) {
  std::string label = "\"";
  for (const std::string &line : lines)
    label += escaped(line) + "\\l";
  return label + "\"";
}

} // namespace iptlint::report
