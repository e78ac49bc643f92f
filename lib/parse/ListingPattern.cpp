#include "parse/ListingPattern.h"
#include "parse/ListingValues.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

namespace iptlint::parse {

llvm::StringRef PhraseFit::value(char name) const {
  for (const Value &value : values)
    if (value.name == name)
      return value.text;
  llvm_unreachable("a row's options name a value that its pattern has not");
}

static bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

namespace {

class Fitter {
public:
  Fitter(llvm::StringRef pattern, llvm::StringRef text) : pattern(pattern), text(text) {}

  std::optional<PhraseFit> fit() {
    while (!pattern.empty())
      if (!step())
        return std::nullopt;
    if (at != text.size() && !isBlank(text[at]))
      return std::nullopt;
    found.length = at;
    return std::move(found);
  }

private:
  void skipBlanks() {
    while (at != text.size() && isBlank(text[at]))
      ++at;
  }

  bool step() {
    if (pattern.consume_front("{!}")) {
      skipBlanks();
      found.negated = text.substr(at).startswith("!");
      at += found.negated;
      skipBlanks();
      return true;
    }
    if (pattern.startswith("{"))
      return takeValue();
    char wanted = pattern.front();
    pattern = pattern.drop_front();
    if (at == text.size() || text[at] != wanted)
      return false;
    ++at;
    // Text between quotes or comment marks may begin with blanks.
    if (wanted == ' ' && !pattern.startswith("{Q}"))
      skipBlanks();
    return true;
  }

  bool takeValue() {
    char name = pattern[1];
    pattern = pattern.drop_front(3);
    bool quoted = name == 'q' || name == 'Q';
    llvm::StringRef rest = text.substr(at);
    if (!quoted)
      rest = rest.take_until(isBlank);
    llvm::StringRef next = pattern.take_until([&](char c) { return c == '{' || (c == ' ' && !quoted); });
    size_t end = next.empty() ? rest.size() : name == 'q' ? rest.find(next) : rest.rfind(next);
    if (end == llvm::StringRef::npos || !listedValue(name, rest.take_front(end)))
      return false;
    found.values.push_back({name, rest.take_front(end)});
    at += end;
    return true;
  }

  llvm::StringRef pattern, text;
  size_t at = 0;
  PhraseFit found;
};

} // namespace

std::optional<PhraseFit> fitPhrase(llvm::StringRef pattern, llvm::StringRef text) {
  return Fitter(pattern, text).fit();
}

} // namespace iptlint::parse
