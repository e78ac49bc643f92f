#include "report/JsonWriter.h"
#include "report/Wording.h"
#include <fmt/format.h>

namespace iptlint::report {

using llvm::StringRef;

static std::string quoted(StringRef text) {
  std::string out = "\"";
  while (!text.empty()) {
    unsigned length = characterLength(text);
    StringRef character = text.take_front(length);
    unsigned char byte = text.front();
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (byte == '"' || byte == '\\')
      (out += '\\') += char(byte);
    else if (byte < ' ' || byte == 0x7f)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += character;
    text = text.drop_front(length == 0 ? 1 : length);
  }
  return out + '"';
}

void JsonWriter::value(std::nullptr_t) { raw("null"); }

void JsonWriter::value(StringRef text) { raw(quoted(text)); }

void JsonWriter::value(double number) { raw(fmt::format("{:.3f}", number)); }

void JsonWriter::raw(StringRef text) {
  separate();
  out << text;
}

void JsonWriter::name(StringRef key) {
  raw(quoted(key));
  out << ": ";
  afterName = true;
}

void JsonWriter::block(char open, char close, llvm::function_ref<void()> content) {
  separate();
  out << open;
  ++depth;
  first = true;
  content();
  --depth;
  if (!first)
    (out << '\n').indent(2 * depth);
  out << close;
  first = false;
}

void JsonWriter::separate() {
  if (afterName) {
    afterName = false;
    return;
  }
  if (!first)
    out << ',';
  if (depth != 0)
    (out << '\n').indent(2 * depth);
  first = false;
}

} // namespace iptlint::report
