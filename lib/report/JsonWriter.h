// Writes one JSON value, member by member, to a stream.
//
// LLVM has such a writer, but its header does not compile as C++20 with clang 14 and libstdc++ 12. This one
// makes valid UTF-8 of whatever strings it is given: each byte that belongs to no character becomes U+FFFD.
#pragma once

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <concepts>

namespace iptlint::report {

class JsonWriter {
public:
  explicit JsonWriter(llvm::raw_ostream &out) : out(out) {}

  void value(std::nullptr_t);
  void value(llvm::StringRef text);
  void value(const char *text) { value(llvm::StringRef(text)); }
  void value(const std::string &text) { value(llvm::StringRef(text)); }
  template <std::same_as<bool> Bool> void value(Bool truth) { raw(truth ? "true" : "false"); }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) void value(Number number) { raw(std::to_string(number)); }
  /// Written with three decimals.
  void value(double number);

  void object(llvm::function_ref<void()> members) { block('{', '}', members); }
  void array(llvm::function_ref<void()> elements) { block('[', ']', elements); }

  /// Inside object(): one member.
  template <typename Value> void attribute(llvm::StringRef key, const Value &of) {
    name(key);
    value(of);
  }
  void attributeObject(llvm::StringRef key, llvm::function_ref<void()> members) {
    name(key);
    object(members);
  }
  void attributeArray(llvm::StringRef key, llvm::function_ref<void()> elements) {
    name(key);
    array(elements);
  }
  /// The next value written is this member's.
  void name(llvm::StringRef key);

private:
  void raw(llvm::StringRef text);
  void block(char open, char close, llvm::function_ref<void()> content);
  /// Comma, line and indentation in front of the next value.
  void separate();

  llvm::raw_ostream &out;
  unsigned depth = 0;
  bool first = true;       ///< nothing stands in the innermost block yet
  bool afterName = false;  ///< the value belongs behind the name just written
};

} // namespace iptlint::report
