#include "report/Line.h"
#include "report/Wording.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"
#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace iptlint::report {

using llvm::StringRef;

namespace {

/// What one character of the text becomes.
struct Cell {
  size_t offset;    ///< of its first byte
  std::string text; ///< what to show
  unsigned width;   ///< in columns
};

} // namespace

static uint32_t codePoint(StringRef character) {
  const auto *at = reinterpret_cast<const llvm::UTF8 *>(character.begin());
  llvm::UTF32 value = 0, *out = &value;
  llvm::ConvertUTF8toUTF32(&at, at + character.size(), &out, &value + 1, llvm::strictConversion);
  return value;
}

static Cell escaped(size_t offset, std::string text) {
  unsigned width = text.size();
  return {offset, std::move(text), width};
}

/// The cell of the character at \p offset; \p length gets its bytes.
static Cell cellAt(StringRef text, size_t offset, unsigned &length) {
  StringRef rest = text.substr(offset);
  length = characterLength(rest);
  if (length == 0) {
    length = 1;
    return escaped(offset, fmt::format("\\x{:02x}", uint8_t(rest[0])));
  }
  StringRef character = rest.take_front(length);
  if (int width = llvm::sys::unicode::columnWidthUTF8(character); width >= 0)
    return {offset, character.str(), unsigned(width)};
  uint32_t point = codePoint(character);
  return escaped(offset, point < 0x100 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{:04x}", point));
}

static std::vector<Cell> cellsOf(StringRef text) {
  std::vector<Cell> cells;
  unsigned column = 0, length = 0;
  for (size_t offset = 0; offset != text.size(); offset += length) {
    Cell cell = cellAt(text, offset, length);
    if (text[offset] == '\t')
      cell = escaped(offset, std::string(8 - column % 8, ' '));
    column += cell.width;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string printable(StringRef text) {
  std::string out;
  unsigned length = 0;
  for (size_t offset = 0; offset != text.size(); offset += length)
    out += cellAt(text, offset, length).text;
  return out;
}

/// The cells to show, as half-open indices: all if they fit, else from a little before the marked one on.
static std::pair<size_t, size_t> window(const std::vector<Cell> &cells, size_t marked, unsigned width) {
  auto widthOf = [&](size_t from, size_t to) {
    unsigned sum = 0;
    for (size_t i = from; i != to; ++i)
      sum += cells[i].width;
    return sum;
  };
  if (widthOf(0, cells.size()) <= width)
    return {0, cells.size()};
  size_t first = marked, last = marked;
  for (unsigned before = 0; first != 0 && before + cells[first - 1].width <= width / 4; --first)
    before += cells[first - 1].width;
  for (unsigned shown = widthOf(first, marked); last != cells.size() && shown + cells[last].width <= width; ++last)
    shown += cells[last].width;
  return {first, last};
}

/// Of a line that may be long beyond measure, the bytes that can be in its window.
static StringRef surroundings(StringRef line, size_t &begin, size_t &end, unsigned width) {
  constexpr unsigned widestCharacter = 4; // bytes for one column
  size_t reach = size_t(width) * widestCharacter;
  size_t start = begin > reach ? begin - reach : 0;
  line = line.slice(start, begin + reach);
  begin -= start;
  end = std::min(end - start, line.size());
  return line;
}

/// What nearly all lines are: as they stand, one column a byte.
static bool isPlain(StringRef line) { return llvm::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }); }

static MarkedLine markedPlainLine(StringRef line, size_t begin, size_t end) {
  MarkedLine out{line.str(), std::string(begin, ' ') + '^'};
  out.marks.append(end > begin ? end - begin - 1 : 0, '~');
  return out;
}

MarkedLine markedLine(StringRef whole, size_t begin, size_t end, unsigned width) {
  begin = std::min(begin, whole.size());
  end = std::clamp(end, begin, whole.size());
  if (whole.size() <= width && isPlain(whole))
    return markedPlainLine(whole, begin, end);
  size_t before = begin;
  StringRef line = surroundings(whole, begin, end, width);
  std::vector<Cell> cells = cellsOf(line);
  auto indexOf = [&](size_t offset) {
    return size_t(std::partition_point(cells.begin(), cells.end(), [&](const Cell &c) { return c.offset < offset; }) - cells.begin());
  };
  auto [first, last] = window(cells, indexOf(begin), width);
  bool cutFront = first != 0 || before != begin, cutBack = last != cells.size() || line.end() != whole.end();

  MarkedLine out;
  out.text = out.marks = cutFront ? "..." : "";
  std::fill(out.marks.begin(), out.marks.end(), ' ');
  for (size_t i = first; i != last; ++i) {
    const Cell &cell = cells[i];
    bool marked = cell.offset >= begin && cell.offset < end;
    out.text += cell.text;
    out.marks.append(cell.width, marked ? '~' : ' ');
    if (cell.offset == begin && cell.width != 0)
      out.marks[out.marks.size() - cell.width] = '^';
  }
  if (begin >= line.size())
    out.marks += '^';
  if (cutBack)
    out.text += "...";
  out.marks = StringRef(out.marks).rtrim(' ').str();
  return out;
}

} // namespace iptlint::report
