// Names of hosts and their addresses, in the form of /etc/hosts.
#pragma once

#include "packet/Field.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::parse {

class Hosts {
public:
  /// Adds the lines of a text: an address and its names; `#` begins a comment. Names count in either case.
  /// \returns the number of the first line, from 1, that does not begin with an address; 0 if all do.
  unsigned add(llvm::StringRef text);

  /// The addresses of a name, each once, in the order of the text.
  llvm::ArrayRef<packet::Value> find(llvm::StringRef name, packet::Family family) const;

private:
  using Table = llvm::StringMap<llvm::SmallVector<packet::Value, 1>>;
  bool addLine(llvm::StringRef line);

  Table four, six;
};

} // namespace iptlint::parse
