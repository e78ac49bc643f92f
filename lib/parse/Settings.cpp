#include "parse/Settings.h"
#include <fmt/format.h>

namespace iptlint::parse {

using llvm::StringRef;

/// The first of `.` and `/` parts the name; the other stands for a dot in the name of an interface.
static std::string dotted(StringRef name) {
  std::string text = name.str();
  size_t first = name.find_first_of("./");
  if (first != StringRef::npos && name[first] == '/')
    for (char &c : text)
      c = c == '/' ? '.' : c == '.' ? '/' : c;
  return text;
}

/// What is wrong with a name; empty: nothing.
static std::string faultOf(StringRef name) {
  if (name.empty() || name.find_first_of(" \t") != StringRef::npos)
    return fmt::format("\"{}\" is no name of a setting", name);
  if (name.find_first_of("*?[") != StringRef::npos)
    return "which settings this pattern stands for is not known; `sysctl -a` says it";
  return "";
}

void Settings::readLine(StringRef line, Findings &findings, size_t source) {
  StringRef text = line.trim(" \t");
  if (text.startswith("sysctl: ")) // what it could not read, as it says on standard error
    return;
  text.consume_front("-"); // sysctl is not to mind if there is no such setting
  auto [left, value] = text.split('=');
  StringRef name = left.rtrim(" \t");
  std::string fault =
      left.size() == text.size() ? "no = in this line; a setting is written NAME = VALUE" : faultOf(name);
  if (!fault.empty()) {
    findings.error(text, std::move(fault));
    return;
  }
  ir::Setting setting = {dotted(name), value.trim(" \t").str(), {source, findings.source.rangeOf(text)}};
  auto [known, isNew] = numbers.try_emplace(setting.name, settings.size());
  if (isNew)
    settings.push_back(std::move(setting));
  else
    settings[known->second] = std::move(setting);
}

} // namespace iptlint::parse
