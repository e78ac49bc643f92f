#include "parse/ListingRow.h"
#include "parse/Blanks.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

std::optional<ListingColumns> readColumns(llvm::StringRef line) {
  if (!line.contains(" opt "))
    return std::nullopt;
  auto words = splitAtBlanks(line);
  llvm::ArrayRef<llvm::StringRef> rest = words;
  ListingColumns columns;
  auto take = [&](std::initializer_list<llvm::StringRef> names) {
    bool there = rest.size() >= names.size() &&
                 rest.take_front(names.size()).equals(llvm::ArrayRef<llvm::StringRef>(names.begin(), names.size()));
    if (there)
      rest = rest.drop_front(names.size());
    return there;
  };
  columns.number = take({"num"});
  columns.counters = take({"pkts", "bytes"});
  if (rest.empty() || rest.front() != "target")
    return std::nullopt;
  columns.target = rest.front().begin() - line.begin();
  if (!take({"target", "prot", "opt"}))
    return std::nullopt;
  columns.interfaces = take({"in", "out"});
  return take({"source", "destination"}) && rest.empty() ? std::optional(columns) : std::nullopt;
}

static bool isNumber(llvm::StringRef word) {
  return !word.empty() && llvm::all_of(word, llvm::isDigit);
}

/// `634`, `170K`, `3193G`
static bool isCounter(llvm::StringRef word) {
  if (!word.empty() && llvm::StringRef("KMGTP").contains(word.back()))
    word = word.drop_back();
  return isNumber(word);
}

/// `--`, `-f`, `!f`
static bool isFragments(llvm::StringRef word) {
  return word == "--" || word == "-f" || word == "!f";
}

namespace {

class RowReader {
public:
  RowReader(llvm::StringRef line, const ListingColumns &columns) : line(line), words(splitAtBlanks(line)), columns(columns) {}

  std::optional<ListingRow> read() {
    if (!skipCounters() || !takeTarget())
      return std::nullopt;
    row.protocol = word(next++);
    // Old versions of ip6tables leave this column blank.
    if (isFragments(word(next)))
      row.fragments = word(next++);
    if (columns.interfaces) {
      row.in = word(next++);
      row.out = word(next++);
    }
    row.source = word(next++);
    row.destination = word(next++);
    if (row.destination.empty() || !isPlausible())
      return std::nullopt;
    row.phrases = line.drop_front(row.destination.end() - line.begin()).trim(" \t");
    return row;
  }

private:
  llvm::StringRef word(size_t index) const { return index < words.size() ? words[index] : llvm::StringRef(); }

  bool skipCounters() {
    if (columns.number && !isNumber(word(next++)))
      return false;
    if (columns.counters && (!isCounter(word(next)) || !isCounter(word(next + 1))))
      return false;
    next += columns.counters ? 2 : 0;
    return true;
  }

  /// Without a target the protocol comes at once: its neighbour tells, or else the blanks in front of it.
  bool takeTarget() {
    if (words.size() < next + 3)
      return false;
    bool missing = isFragments(word(next + 1)) || (!isFragments(word(next + 2)) && isIndented());
    if (!missing)
      row.target = word(next++);
    return true;
  }

  /// Whether the next word stands further right than a target would.
  bool isIndented() const {
    size_t at = words[next].begin() - line.begin();
    size_t before = next == 0 ? 0 : words[next - 1].end() - line.begin() + 1;
    return at > std::max(columns.target, before);
  }

  /// Addresses and names of hosts look alike; a protocol is a number or a name in either case.
  bool isPlausible() const {
    auto fits = [](llvm::StringRef text, llvm::StringRef also) {
      text.consume_front("!");
      return !text.empty() && llvm::all_of(text, [&](char c) { return llvm::isAlnum(c) || also.contains(c); });
    };
    bool shown = !row.fragments.empty() || row.source.contains(':') || row.destination.contains(':') ||
                 row.source.endswith("anywhere") || row.destination.endswith("anywhere");
    return shown && fits(row.protocol, "-+._") && fits(row.source, ".:/-_") && fits(row.destination, ".:/-_");
  }

  llvm::StringRef line;
  llvm::SmallVector<llvm::StringRef, 16> words;
  const ListingColumns &columns;
  size_t next = 0;
  ListingRow row;
};

} // namespace

std::optional<ListingRow> readRow(llvm::StringRef line, const ListingColumns &columns) {
  return RowReader(line, columns).read();
}

std::optional<ListingHeading> readHeading(llvm::StringRef line) {
  line = line.rtrim(" \t\r");
  if (!line.consume_front("Chain ") || !line.consume_back(")"))
    return std::nullopt;
  auto [name, inside] = line.rsplit(" (");
  ListingHeading heading{name.trim(), {}, {}};
  unsigned references = 0;
  if (inside.consume_front("policy "))
    heading.policy = inside.take_until([](char c) { return c == ' '; });
  else if (!inside.consumeInteger(10, references) && inside.startswith(" references"))
    heading.references = references;
  else if (!inside.startswith("ERROR"))
    return std::nullopt;
  return heading.name.empty() ? std::nullopt : std::optional(heading);
}

} // namespace iptlint::parse
