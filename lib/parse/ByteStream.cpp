#include "parse/ByteStream.h"
#include <algorithm>
#include <cassert>

namespace iptlint::parse {

void ByteStream::set(llvm::StringRef line) {
  text = line;
  at = 0;
}

void ByteStream::consume() {
  assert(at < text.size() && "nothing is left to consume");
  ++at;
}

size_t ByteStream::LA(ssize_t i) {
  if (i == 0)
    return 0;
  ssize_t position = ssize_t(at) + (i > 0 ? i - 1 : i);
  if (position < 0 || position >= ssize_t(text.size()))
    return antlr4::IntStream::EOF;
  return static_cast<unsigned char>(text[position]);
}

void ByteStream::seek(size_t index) {
  at = std::min(index, text.size());
}

std::string ByteStream::getText(const antlr4::misc::Interval &interval) {
  if (interval.a < 0 || interval.b < interval.a)
    return "";
  return text.slice(interval.a, interval.b + 1).str();
}

} // namespace iptlint::parse
