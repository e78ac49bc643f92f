// A URL taken apart, as far as a packet's protocol, host and port hang on it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace iptlint::parse {

/// All are slices of the URL. Source: RFC 3986, section 3.
struct Url {
  llvm::StringRef scheme;
  llvm::StringRef user;     ///< without a password
  llvm::StringRef host;     ///< without brackets
  llvm::StringRef port;     ///< digits; empty if none
  llvm::StringRef path;     ///< with its slash; empty, or "/" alone: none
  llvm::StringRef query;    ///< behind the `?`
  llvm::StringRef fragment; ///< behind the `#`
};

/// Whether a word is meant for a URL: it has `://` in it.
bool looksLikeUrl(llvm::StringRef word);

Url splitUrl(llvm::StringRef word);

} // namespace iptlint::parse
