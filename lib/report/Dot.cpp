#include "report/Dot.h"
#include "report/Line.h"

namespace iptlint::report {

/// \p text up to the last whole character in so many bytes.
static std::string cut(const std::string &text, size_t longest) {
  if (text.size() <= longest)
    return text;
  size_t end = longest;
  while ((uint8_t(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end) + " ...";
}

std::string dotString(llvm::StringRef text) {
  constexpr size_t kLongest = 300;
  std::string escaped = "\"";
  for (char each : cut(printable(text), kLongest))
    if (each == '"' || each == '\\')
      escaped += std::string("\\") + each;
    else
      escaped += each;
  return escaped + "\"";
}

} // namespace iptlint::report
