#include "driver/TextDiff.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <fmt/format.h>

namespace iptlint::driver {

using llvm::StringRef;

/// Lines around a change.
constexpr size_t kContext = 3;

namespace {

struct Edit {
  char mark; ///< ' ', '-' or '+'
  StringRef line;
  size_t before, after; ///< numbers, from 1, that a line would have on each side here
};

} // namespace

static std::vector<StringRef> linesOf(StringRef text) {
  std::vector<StringRef> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    end = end == StringRef::npos ? text.size() : end + 1;
    lines.push_back(text.take_front(end));
    text = text.drop_front(end);
  }
  return lines;
}

/// A line of the second text that stands further down in the first one is taken for that line: what is between is gone.
static std::vector<Edit> editsOf(const std::vector<StringRef> &before, const std::vector<StringRef> &after) {
  llvm::DenseMap<StringRef, llvm::SmallVector<uint32_t, 1>> places;
  for (uint32_t i = 0; i != before.size(); ++i)
    places[before[i]].push_back(i);
  std::vector<Edit> edits;
  size_t at = 0;
  auto takeOut = [&](size_t end, size_t line) {
    for (; at != end; ++at)
      edits.push_back({'-', before[at], at + 1, line});
  };
  for (size_t i = 0; i != after.size(); ++i) {
    auto found = places.find(after[i]);
    bool anywhere = found != places.end();
    const uint32_t *place = anywhere ? llvm::lower_bound(found->second, uint32_t(at)) : nullptr;
    if (anywhere && place != found->second.end()) {
      takeOut(*place, i + 1);
      edits.push_back({' ', after[i], at + 1, i + 1});
      ++at;
    } else
      edits.push_back({'+', after[i], at + 1, i + 1});
  }
  takeOut(before.size(), after.size() + 1);
  return edits;
}

/// Between two lines that stay, what is gone first and then what is new, as people expect it.
static void sortRuns(std::vector<Edit> &edits) {
  for (size_t from = 0; from != edits.size();) {
    size_t to = from;
    while (to != edits.size() && edits[to].mark != ' ')
      ++to;
    std::stable_sort(edits.begin() + from, edits.begin() + to,
                     [](const Edit &left, const Edit &right) { return left.mark == '-' && right.mark == '+'; });
    from = to == edits.size() ? to : to + 1;
  }
}

/// Behind the last edit that belongs to the hunk of the one at \p change.
static size_t endOfHunk(const std::vector<Edit> &edits, size_t change) {
  size_t last = change;
  for (size_t i = change; i != edits.size() && i <= last + 2 * kContext + 1; ++i)
    if (edits[i].mark != ' ')
      last = i;
  return std::min(edits.size(), last + kContext + 1);
}

static std::string rangeText(size_t first, size_t count) {
  return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

static void appendHunk(std::string &out, llvm::ArrayRef<Edit> edits, HunkReasons reasons) {
  std::vector<unsigned> gone;
  size_t before = 0, after = 0, firstBefore = edits.front().before, firstAfter = edits.front().after;
  for (const Edit &edit : edits) {
    firstBefore = std::min(firstBefore, edit.before);
    firstAfter = std::min(firstAfter, edit.after);
    before += edit.mark != '+';
    after += edit.mark != '-';
    if (edit.mark == '-')
      gone.push_back(unsigned(edit.before));
  }
  for (const std::string &reason : reasons(gone))
    out += "# " + reason + "\n";
  out += fmt::format("@@ -{} +{} @@\n", rangeText(firstBefore, before), rangeText(firstAfter, after));
  for (const Edit &edit : edits) {
    out += edit.mark;
    out += edit.line;
    if (!edit.line.endswith("\n"))
      out += "\n\\ No newline at end of file\n";
  }
}

std::string unifiedDiff(StringRef before, StringRef after, StringRef name, HunkReasons reasons) {
  if (before == after)
    return "";
  std::vector<Edit> edits = editsOf(linesOf(before), linesOf(after));
  sortRuns(edits);
  std::string out = fmt::format("--- {}\n+++ {}\n", name.str(), name.str());
  for (size_t next = 0; next != edits.size();) {
    if (edits[next].mark == ' ') {
      ++next;
      continue;
    }
    size_t end = endOfHunk(edits, next), first = next;
    while (first != 0 && next - first != kContext && edits[first - 1].mark == ' ')
      --first;
    appendHunk(out, llvm::makeArrayRef(edits).slice(first, end - first), reasons);
    next = end;
  }
  return out;
}

} // namespace iptlint::driver
