// Settings of the kernel: what `sysctl -a` prints, what sysctl.conf holds, or one NAME=VALUE.
//
// Read by hand: a line is a name, `=` and the rest. Source: sysctl(8), sysctl.conf(5); procps 4, src/sysctl.c.
#pragma once

#include "ir/Network.h"
#include "parse/Findings.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::parse {

class Settings {
public:
  explicit Settings(std::vector<ir::Setting> &settings) : settings(settings) {}

  /// Adds one line that is neither empty nor a comment. A name that was there before gets the new value.
  /// \param source  the index of the text in ir::Network::sources.
  void readLine(llvm::StringRef line, Findings &findings, size_t source);

private:
  std::vector<ir::Setting> &settings;
  llvm::StringMap<size_t> numbers;
};

} // namespace iptlint::parse
