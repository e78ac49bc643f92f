// Whether a text is a value that iptables would take, for each kind of ValueKinds.def.
#pragma once

#include "parse/Options.h"

namespace iptlint::parse {

#define VALUE_KIND(Name, Right) bool is##Name(llvm::StringRef text, const Option &option, packet::Family family);
#include "parse/ValueKinds.def"

/// Whether a value is one that \p option takes, as far as its kind tells.
bool fits(llvm::StringRef text, const Option &option, packet::Family family);

/// What may stand behind \p option, for an error: "a number from 1 to 32". Empty where its kind does not tell.
std::string whatFits(const Option &option, packet::Family family);

/// The minutes and seconds of a `Clock` as seconds; nothing where it is none.
std::optional<unsigned> parseClock(llvm::StringRef text);

/// The microseconds of a `Period`; nothing where it is none.
std::optional<uint64_t> parsePeriod(llvm::StringRef text);

/// The bytes a second of a `HashRate` that counts bytes; nothing for others.
std::optional<uint64_t> parseByteRate(llvm::StringRef text);

/// The number of a `HashBurst`, in bytes where it has a unit; nothing where it is none.
std::optional<uint64_t> parseBurst(llvm::StringRef text);

/// Whether a value of NAT names ports.
bool namesPorts(llvm::StringRef text, const Option &option);

} // namespace iptlint::parse
