// Values that are small languages: bytes to look for, programs of bpf, tests of u32.
#include "parse/ValueKinds.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using packet::Family;

namespace {

/// Reads `text|41 42|text`. Source: libxt_string.c, parse_hex_string().
class HexReader {
public:
  explicit HexReader(llvm::StringRef text) : text(text) {}

  /// The number of bytes; nothing where the text is wrong.
  std::optional<size_t> count() {
    size_t bytes = 0;
    for (; !text.empty(); ++bytes) {
      if (text.consume_front("|"))
        toggle();
      if (text.empty())
        break;
      if (!(inHex ? takeHex() : takeText()))
        return std::nullopt;
    }
    return bytes;
  }

private:
  void toggle() {
    inHex = !inHex;
    if (inHex)
      text = text.ltrim(' ');
  }
  bool takeHex() {
    if (text.size() < 3 || !llvm::isHexDigit(text[0]) || !llvm::isHexDigit(text[1])) // a `|` must follow
      return false;
    text = text.drop_front(text[2] == ' ' ? 3 : 2);
    return true;
  }
  bool takeText() {
    size_t size = text[0] == '\\' ? 2 : 1;
    if (text.size() < size)
      return false;
    text = text.drop_front(size);
    return true;
  }

  llvm::StringRef text;
  bool inHex = false;
};

} // namespace

bool isHexString(llvm::StringRef text, const Option &, Family) {
  constexpr size_t kMost = 128; // XT_STRING_MAX_PATTERN_SIZE
  auto bytes = HexReader(text).count();
  return bytes && *bytes != 0 && *bytes <= kMost;
}

/// `code jt jf k`. Source: libxt_bpf.c, bpf_parse_string().
static bool isInstruction(llvm::StringRef text) {
  static constexpr uint64_t most[] = {0xffff, 0xff, 0xff, 0xffffffff};
  llvm::SmallVector<llvm::StringRef, 4> numbers;
  text.split(numbers, ' ', -1, /*KeepEmpty=*/false);
  if (numbers.size() < 4)
    return false;
  for (unsigned i = 0; i != 4; ++i) {
    uint64_t number = 0;
    if (numbers[i].getAsInteger(10, number) || number > most[i])
      return false;
  }
  return true;
}

bool isBytecode(llvm::StringRef text, const Option &, Family) {
  constexpr unsigned kMost = 64; // XT_BPF_MAX_NUM_INSTR
  auto [count, program] = text.split(',');
  unsigned length = 0;
  if (count.trim().getAsInteger(10, length) || length == 0 || length > kMost)
    return false;
  program.consume_back(",");
  llvm::SmallVector<llvm::StringRef, 16> instructions;
  program.split(instructions, ',');
  return instructions.size() == length && llvm::all_of(instructions, isInstruction);
}

namespace {

/// Reads `location=ranges&&location=ranges`. Source: libxt_u32.c, u32_parse(); net/netfilter/xt_u32.c.
class ByteTestReader {
public:
  explicit ByteTestReader(llvm::StringRef text) : text(text) {}

  bool read() {
    for (unsigned tests = 1; tests <= kMost; ++tests) {
      if (!readLocation() || !readRanges())
        return false;
      if (peek().empty())
        return true;
      if (!text.consume_front("&&"))
        return false;
    }
    return false;
  }

private:
  static constexpr unsigned kMost = 10; // XT_U32_MAXSIZE

  llvm::StringRef peek() { return text = text.ltrim(" \t\n"); }

  std::optional<uint64_t> takeNumber() {
    llvm::StringRef digits = peek().take_while([](char c) { return llvm::isAlnum(c); });
    text = text.drop_front(digits.size());
    return parseNumber(digits, 0xffffffff);
  }
  bool readLocation() {
    if (!takeNumber())
      return false;
    for (unsigned numbers = 2; !peek().consume_front("="); ++numbers) {
      bool shift = peek().startswith("<<") || text.startswith(">>");
      if (numbers > kMost || (!shift && !text.startswith("&") && !text.startswith("@")))
        return false;
      text = text.drop_front(shift ? 2 : 1);
      auto number = takeNumber();
      if (!number || (shift && *number > 31))
        return false;
    }
    text.consume_front("=");
    return true;
  }
  bool readRanges() {
    for (unsigned ranges = 1; ranges <= kMost; ++ranges) {
      if (!takeNumber())
        return false;
      peek();
      if (text.consume_front(":") && !takeNumber())
        return false;
      peek();
      if (!text.consume_front(","))
        return true;
    }
    return false;
  }

  llvm::StringRef text;
};

} // namespace

bool isByteTests(llvm::StringRef text, const Option &, Family) {
  return ByteTestReader(text).read();
}

} // namespace iptlint::parse
