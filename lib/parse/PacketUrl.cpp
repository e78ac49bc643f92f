#include "parse/PacketUrl.h"

namespace iptlint::parse {

using llvm::StringRef;

bool looksLikeUrl(StringRef word) {
  return word.contains("://");
}

/// What stands before the first of \p ends, which is left in \p rest.
static StringRef cutBefore(StringRef &rest, StringRef ends) {
  size_t at = rest.find_first_of(ends);
  StringRef before = rest.substr(0, at);
  rest = rest.substr(before.size());
  return before;
}

/// `user:password@host:port`; an IPv6 address stands in brackets.
static void splitAuthority(StringRef authority, Url &url) {
  size_t at = authority.rfind('@');
  if (at != StringRef::npos) {
    url.user = authority.substr(0, at).split(':').first;
    authority = authority.substr(at + 1);
  }
  if (authority.consume_front("[")) {
    url.host = cutBefore(authority, "]");
    authority.consume_front("]");
  } else {
    url.host = cutBefore(authority, ":");
  }
  // With no colon before it, what is left is no port; it is kept so that reading it fails.
  authority.consume_front(":");
  url.port = authority;
}

Url splitUrl(StringRef word) {
  Url url;
  StringRef rest;
  std::tie(url.scheme, rest) = word.split("://");
  splitAuthority(cutBefore(rest, "/?#"), url);
  url.path = cutBefore(rest, "?#");
  if (rest.consume_front("?"))
    url.query = cutBefore(rest, "#");
  rest.consume_front("#");
  url.fragment = rest;
  return url;
}

} // namespace iptlint::parse
