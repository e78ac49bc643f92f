#include "parse/ShellCalls.h"
#include "parse/Options.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <algorithm>

namespace iptlint::parse {

using packet::Family;

static ProgramName byName(llvm::StringRef name) {
  Family family = name.startswith("ip6") ? Family::IPv6 : Family::IPv4;
  if (!name.startswith("iptables") && !name.startswith("ip6tables"))
    return {name == "ipset" ? Program::Ipset : Program::Other, family};
  llvm::StringRef rest = name.drop_front(name.startswith("ip6") ? 9 : 8);
  return {llvm::StringSwitch<Program>(rest)
              .Cases("", "-legacy", "-nft", Program::Iptables)
              .Cases("-restore", "-legacy-restore", "-nft-restore", Program::Restore)
              .Cases("-save", "-legacy-save", "-nft-save", Program::Save)
              .Default(Program::Other),
          family};
}

/// `$IPT`, `${IP6TABLES}`: what nearly every script calls its programs.
static ProgramName byVariable(llvm::StringRef word) {
  std::string name = word.trim("\"${}").upper();
  llvm::StringRef upper = name;
  if (!word.contains('$') || upper.contains('/') ||
      !(upper.contains("IPT") || upper.contains("IP6T") || upper.contains("IP4T")))
    return {};
  Program program = upper.contains("RESTORE") ? Program::Restore
                    : upper.contains("SAVE")  ? Program::Save
                                              : Program::Iptables;
  return {program, upper.contains("6") ? Family::IPv6 : Family::IPv4, true};
}

ProgramName programOf(const ShellField &field) {
  llvm::StringRef text = field.text;
  if (!field.known)
    return byVariable(text);
  if (text.startswith("-") && text.size() > 1)
    return {Program::Iptables, Family::IPv4};
  return byName(text.drop_front(text.rfind('/') + 1));
}

/// An option of Base, by its letter or by its name or what it is short for; null: another, or none.
static const Option *baseOption(llvm::StringRef word) {
  if (!word.startswith("-") || word.size() < 2)
    return nullptr;
  if (!word.startswith("--"))
    return findShort(word[1]);
  llvm::StringRef name = word.drop_front(2).split('=').first;
  const Option *found = nullptr;
  for (const Option &option : optionsOf(ModuleId::Base)) {
    if (option.name == name)
      return &option;
    if (option.name.startswith(name) && !(found && found->canonical == option.canonical))
      found = found ? nullptr : &option;
  }
  return found;
}

/// The value that is glued to an option, or nothing.
static std::optional<llvm::StringRef> gluedValue(llvm::StringRef word) {
  if (word.startswith("--"))
    return word.contains('=') ? std::optional(word.split('=').second) : std::nullopt;
  return word.size() > 2 ? std::optional(word.drop_front(2)) : std::nullopt;
}

static bool isCommand(llvm::StringRef canonical) {
  static constexpr llvm::StringLiteral verbs[] = {"append",    "insert", "delete",      "replace",
                                                  "new-chain", "policy", "flush",       "delete-chain",
                                                  "zero",      "check",  "rename-chain"};
  return llvm::is_contained(verbs, canonical);
}

static bool onlyShows(llvm::StringRef canonical) {
  return canonical == "list" || canonical == "list-rules" || canonical == "version" || canonical == "help";
}

static bool concernsOutput(llvm::StringRef canonical) {
  static constexpr llvm::StringLiteral options[] = {"wait",         "wait-interval", "numeric", "verbose", "exact",
                                                    "line-numbers", "modprobe",      "ipv4",    "ipv6"};
  return llvm::is_contained(options, canonical);
}

namespace {
class CallReader {
public:
  CallReader(Family family, llvm::ArrayRef<ShellField> arguments) : arguments(arguments) {
    call.command.family = family;
  }

  IptablesCall read() {
    while (at != arguments.size())
      readWord();
    call.command.known = !call.unknown;
    call.command.anyChain = !call.command.known && call.command.chain.empty();
    if (verb == "new-chain" && !call.command.anyChain)
      call.command.makes = call.command.chain;
    else if (verb == "rename-chain" && at != 0)
      call.command.makes = renamed;
    call.command.verb = verb.str();
    return std::move(call);
  }

private:
  void readWord() {
    const ShellField &field = arguments[at];
    if (!field.known)
      return keep(field);
    const Option *option = previousTakesValue ? nullptr : baseOption(field.text);
    previousTakesValue = false;
    if (!option)
      return keep(field);
    llvm::StringRef canonical = option->canonical;
    auto glued = gluedValue(field.text);
    bool clustered = glued && !llvm::StringRef(field.text).startswith("--") && option->value == ValueKind::None;
    if (canonical == "table")
      return readTable(glued);
    if (concernsOutput(canonical) && !clustered)
      return skip(canonical, glued);
    if (onlyShows(canonical))
      call.changes = false;
    if (isCommand(canonical) && verb.empty())
      return readVerb(canonical, glued);
    previousTakesValue = option->value != ValueKind::None && !glued;
    keep(field);
  }

  void keep(const ShellField &field) {
    if (!field.known && !call.unknown)
      call.unknown = &field;
    call.words.push_back(field);
    ++at;
  }

  void readTable(std::optional<llvm::StringRef> glued) {
    ++at;
    if (glued) {
      call.command.table = glued->str();
    } else if (at != arguments.size()) {
      const ShellField &name = arguments[at++];
      call.command.table = name.known ? name.text : "filter";
      if (!name.known && !call.unknown)
        call.unknown = &name;
      call.command.anyTable = !name.known;
    }
  }

  void skip(llvm::StringRef canonical, std::optional<llvm::StringRef> glued) {
    ++at;
    bool number = canonical == "wait" || canonical == "wait-interval";
    bool takes =
        canonical == "modprobe" || (number && at != arguments.size() &&
                                    llvm::all_of(arguments[at].text, [](char c) { return c >= '0' && c <= '9'; }));
    if (takes && !glued && at != arguments.size())
      ++at;
  }

  void readVerb(llvm::StringRef canonical, std::optional<llvm::StringRef> glued) {
    verb = canonical;
    if (glued) {
      call.command.chain = glued->str();
      return keep(arguments[at]);
    }
    keep(arguments[at]);
    if (at == arguments.size() || !arguments[at].known || llvm::StringRef(arguments[at].text).startswith("-"))
      return;
    call.command.chain = arguments[at].text;
    keep(arguments[at]);
    if (canonical == "rename-chain" && at != arguments.size() && arguments[at].known)
      renamed = arguments[at].text;
  }

  llvm::ArrayRef<ShellField> arguments;
  IptablesCall call;
  llvm::StringRef verb;
  std::string renamed;
  size_t at = 0;
  bool previousTakesValue = false;
};
} // namespace

IptablesCall readCall(Family family, llvm::ArrayRef<ShellField> arguments) {
  return CallReader(family, arguments).read();
}

/// As a word of iptables-save text, where a line end would end the rule.
static std::string quoted(const ShellField &field) {
  llvm::StringRef text = field.text;
  if (!field.known) {
    std::string line = text.str();
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
  }
  if (!text.empty() && text.find_first_of(" \t\"\n") == llvm::StringRef::npos && text[0] != '#')
    return text.str();
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

support::SourceRange appendLine(Translation &translation, llvm::ArrayRef<ShellField> words) {
  uint32_t begin = uint32_t(translation.text().size());
  for (const ShellField &word : words)
    translation.addWord(quoted(word), word.from);
  uint32_t end = uint32_t(translation.text().size());
  translation.endLine();
  return {begin, end};
}

} // namespace iptlint::parse
