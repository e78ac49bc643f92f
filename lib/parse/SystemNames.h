// Names of services and protocols: what the machine says they are, and what they are by default.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace iptlint::parse {

/// Names and numbers in the form of /etc/services and /etc/protocols.
class NameTable {
public:
  /// Adds the lines of a text: `name number aliases` or `name number/protocol aliases`; `#` begins a comment. Of a
  /// name that stands twice the first line counts.
  void add(llvm::StringRef text);
  std::optional<uint16_t> find(llvm::StringRef name) const;

private:
  llvm::StringMap<uint16_t> numbers;
};

/// What \p services say of a name; without, what /etc/services says, as iptables asks it. Where that says nothing or is not
/// there, the copy of Names.def. The file is read when the first name is asked for.
std::optional<uint16_t> findService(llvm::StringRef name, const NameTable *services = nullptr);

/// Likewise for /etc/protocols, of a name in lower case.
std::optional<uint16_t> findProtocol(llvm::StringRef name, const NameTable *protocols = nullptr);

} // namespace iptlint::parse
