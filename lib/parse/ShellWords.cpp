#include "parse/ShellWords.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

std::optional<std::string> ShellVariables::find(llvm::StringRef name) const {
  unsigned index = 0;
  if (!name.getAsInteger(10, index)) {
    if (!arguments || index == 0)
      return std::nullopt;
    return index <= arguments->size() ? (*arguments)[index - 1] : "";
  }
  if (name == "#" && arguments)
    return llvm::utostr(arguments->size());
  if ((name == "@" || name == "*") && arguments)
    return llvm::join(*arguments, " ");
  auto at = values.find(name);
  return at == values.end() ? std::nullopt : at->second;
}

void ShellVariables::meet(const ShellVariables &other) {
  for (auto &entry : values)
    if (auto at = other.values.find(entry.first()); at == other.values.end() || at->second != entry.second)
      entry.second.reset();
  for (const auto &entry : other.values)
    values.try_emplace(entry.first(), std::nullopt);
}

static bool isNamePart(char c) {
  return llvm::isAlnum(c) || c == '_';
}

llvm::StringRef assignedName(llvm::StringRef word) {
  llvm::StringRef name = word.take_while(isNamePart);
  bool named = !name.empty() && !llvm::isDigit(name[0]) && word.drop_front(name.size()).startswith("=");
  return named ? name : llvm::StringRef();
}

namespace {

enum class Mode : uint8_t { Words, Text, Line };

class Expander {
public:
  Expander(support::SourceRange from, llvm::StringRef word, const ShellVariables &variables, Mode mode)
      : from(from), rest(word), written(word), variables(variables), mode(mode) {}

  std::vector<ShellField> run();

private:
  void plain();
  void quoted();
  void expansion(bool inQuotes);
  void braced(llvm::StringRef inner, bool inQuotes);
  void command(llvm::StringRef inner, bool inQuotes);
  void value(std::optional<std::string> text, bool inQuotes);
  void add(llvm::StringRef text) {
    current.text += text;
    any = true;
  }
  void end();

  support::SourceRange from;
  llvm::StringRef rest, written;
  const ShellVariables &variables;
  Mode mode;
  ShellField current;
  bool any = false;     ///< the field has text, or quotes around none
  bool unknown = false; ///< something in the word is not known
  std::vector<ShellField> fields;
};

} // namespace

std::vector<ShellField> Expander::run() {
  if (mode == Mode::Words && !rest.contains('$') && rest.contains('{') && (rest.contains(',') || rest.contains("..")) &&
      !rest.contains('\'') && !rest.contains('"'))
    unknown = true; // {a,b} and {1..9} of bash
  while (!rest.empty())
    plain();
  end();
  if (unknown)
    return {ShellField{written.str(), false, from}};
  return std::move(fields);
}

void Expander::end() {
  if (any || mode != Mode::Words) {
    current.from = from;
    fields.push_back(current);
  }
  current = {};
  any = false;
}

void Expander::plain() {
  char c = rest.front();
  bool quotes = mode != Mode::Line;
  if (quotes && c == '\'') {
    auto [inner, behind] = rest.drop_front().split('\'');
    add(inner);
    rest = behind;
  } else if (quotes && c == '"') {
    rest = rest.drop_front();
    quoted();
  } else if (c == '\\' && rest.size() > 1) {
    bool taken = quotes || llvm::StringRef("$`\\\n").contains(rest[1]);
    if (!taken)
      add("\\");
    if (rest[1] != '\n')
      add(rest.substr(1, 1));
    rest = rest.drop_front(2);
  } else if (c == '$' || c == '`') {
    expansion(/*inQuotes=*/!quotes);
  } else {
    add(rest.take_front());
    rest = rest.drop_front();
  }
}

void Expander::quoted() {
  any = true;
  while (!rest.empty() && rest.front() != '"') {
    char c = rest.front();
    if (c == '$' || c == '`') {
      expansion(/*inQuotes=*/true);
    } else if (c == '\\' && rest.size() > 1 && llvm::StringRef("$`\"\\\n").contains(rest[1])) {
      if (rest[1] != '\n')
        add(rest.substr(1, 1));
      rest = rest.drop_front(2);
    } else {
      add(rest.take_front());
      rest = rest.drop_front();
    }
  }
  rest = rest.drop_front(rest.empty() ? 0 : 1);
}

/// How long `$(...)` or `${...}` is, both ends included: quotes and nested ones are passed over.
static size_t lengthOf(llvm::StringRef text, char open, char close) {
  unsigned depth = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '\'' && open == '(') {
      size_t other = text.find('\'', i + 1);
      i = other == llvm::StringRef::npos ? text.size() : other;
    } else if (text[i] == open)
      ++depth;
    else if (text[i] == close && --depth == 0)
      return i + 1;
  }
  return text.size();
}

void Expander::expansion(bool inQuotes) {
  if (rest.front() == '`') {
    auto [inner, behind] = rest.drop_front().split('`');
    rest = behind;
    return command(inner, inQuotes);
  }
  if (rest.startswith("$(") || rest.startswith("${")) {
    size_t length = rest[1] == '(' ? lengthOf(rest, '(', ')') : lengthOf(rest, '{', '}');
    llvm::StringRef inner = rest.slice(2, length - 1);
    bool isCommand = rest[1] == '(';
    rest = rest.drop_front(length);
    return isCommand ? command(inner, inQuotes) : braced(inner, inQuotes);
  }
  llvm::StringRef name = rest.drop_front().take_while(isNamePart);
  if (name.empty() || llvm::isDigit(name[0]))
    name = rest.substr(1, 1);
  if (name.empty() || (!isNamePart(name[0]) && !llvm::StringRef("@*#?$!-").contains(name[0]))) {
    add("$");
    rest = rest.drop_front();
    return;
  }
  rest = rest.drop_front(1 + name.size());
  value(variables.find(name), inQuotes);
}

/// `${NAME}` and, of a variable that is known, `${NAME:-...}`.
void Expander::braced(llvm::StringRef inner, bool inQuotes) {
  llvm::StringRef name = inner.take_while(isNamePart);
  llvm::StringRef what = inner.drop_front(name.size());
  auto known = name.empty() ? std::nullopt : variables.find(name);
  bool orElse = what.startswith(":-") || what.startswith(":=") || what.startswith("-") || what.startswith("=");
  if (!what.empty() && !(orElse && known && !known->empty()))
    known.reset();
  value(known, inQuotes);
}

/// Where a program is does not matter, only which it is.
void Expander::command(llvm::StringRef inner, bool inQuotes) {
  llvm::SmallVector<llvm::StringRef, 4> words;
  inner.split(words, ' ', -1, /*KeepEmpty=*/false);
  size_t at = words.size() > 1 && (words[0] == "command" || words[0] == "type") ? 2 : 1;
  bool finds = words.size() > at && (words[0] == "which" || (at == 2 && (words[1] == "-v" || words[1] == "-p")));
  if (!finds || words[at].contains('$'))
    return value(std::nullopt, inQuotes);
  value(words[at].str(), inQuotes);
}

void Expander::value(std::optional<std::string> text, bool inQuotes) {
  if (!text) {
    unknown = true;
    return;
  }
  if (inQuotes || mode != Mode::Words)
    return add(*text);
  for (llvm::StringRef left = *text; !left.empty();) {
    llvm::StringRef word = left.take_until([](char c) { return c == ' ' || c == '\t' || c == '\n'; });
    if (!word.empty())
      add(word);
    left = left.drop_front(word.size());
    if (!left.empty() && any)
      end();
    left = left.ltrim(" \t\n");
  }
}

std::vector<ShellField> expandArguments(support::SourceRange from, const ShellVariables &variables) {
  if (!variables.arguments)
    return {{"", false, from}};
  std::vector<ShellField> fields;
  for (const std::string &argument : *variables.arguments)
    fields.push_back({argument, true, from});
  return fields;
}

std::vector<ShellField> expandWord(const support::Source &source, llvm::StringRef word,
                                   const ShellVariables &variables) {
  support::SourceRange from = source.rangeOf(word);
  if ((word == "\"$@\"" || word == "$@" || word == "$*") && variables.arguments)
    return expandArguments(from, variables);
  return Expander(from, word, variables, Mode::Words).run();
}

ShellField expandText(const support::Source &source, llvm::StringRef word, const ShellVariables &variables) {
  return Expander(source.rangeOf(word), word, variables, Mode::Text).run().front();
}

ShellField expandLine(const support::Source &source, llvm::StringRef line, const ShellVariables &variables) {
  return Expander(source.rangeOf(line), line, variables, Mode::Line).run().front();
}

} // namespace iptlint::parse
