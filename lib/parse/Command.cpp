#include "parse/Command.h"
#include "parse/Nearest.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

const Use *Command::find(unsigned module, llvm::StringRef canonical) const {
  for (const Use &use : uses)
    if (use.module == module && use.is(canonical))
      return &use;
  return nullptr;
}

namespace {

/// What an option's name may mean among the modules loaded so far.
struct Candidate {
  const Option *option = nullptr;
  unsigned module = 0;
  bool ambiguous = false;
};

class CommandReader {
public:
  CommandReader(const Line &line, packet::Family family, llvm::BumpPtrAllocator &memory, Findings &findings,
                Command &command)
      : words(line.words), family(family), memory(memory), findings(findings), command(command) {}

  void read();

private:
  void readOption();
  void readLong(llvm::StringRef word);
  void readShort(llvm::StringRef letters);
  Candidate resolve(llvm::StringRef name) const;
  bool loadProtocolMatch();
  void readUnknown(llvm::StringRef word);
  void addUse(Candidate candidate, llvm::StringRef word, std::optional<llvm::StringRef> glued);
  void takeMisplacedNot(Use &use);
  bool takeValues(Use &use, std::optional<llvm::StringRef> glued);
  void skipValues();
  bool takeText(Use &use);
  void takeOptionalText(Use &use);
  void checkRepeated(const Use &use);
  void act(Use &use);
  void setVerb(const Use &use);
  void setJump(const Use &use);
  void setProtocol(const Use &use);
  void loadMatch(const Use &use);
  void loadTarget(const Use &use);
  void checkRequired(unsigned module);
  void error(llvm::StringRef where, std::string message);
  bool atWord() const { return at != words.size(); }

  llvm::ArrayRef<llvm::StringRef> words;
  packet::Family family;
  llvm::BumpPtrAllocator &memory;
  Findings &findings;
  Command &command;
  unsigned at = 0;              ///< the next word
  std::optional<unsigned> bang; ///< a `!` that waits for its option
  bool protocolMatchTried = false;
};

} // namespace

void CommandReader::error(llvm::StringRef where, std::string message) {
  command.broken = true;
  findings.error(where, std::move(message));
}

void CommandReader::read() {
  command.words = words;
  command.modules.assign(1, LoadedModule{&modules().front(), "", words.front()});
  command.uses.clear();
  command.verb = command.jump = command.target = -1;
  command.protocol.reset();
  command.protocolNegated = command.broken = false;
  while (atWord())
    readOption();
  if (bang)
    error(words[*bang], "nothing follows this '!'");
  for (unsigned i = 1; i != command.modules.size(); ++i)
    checkRequired(i);
}

void CommandReader::readOption() {
  llvm::StringRef word = words[at];
  if (word == "!") {
    if (bang)
      error(word, "two '!' in a row");
    bang = at++;
    return;
  }
  ++at;
  if (word.startswith("\"") && !word.contains('\\')) // an option in quotes is one all the same
    word = word.drop_front().drop_back();
  if (word.startswith("--") && word.size() > 2)
    readLong(word);
  else if (word == "--" && !atWord())
    return; // the end of options, and nothing behind it
  else if (word.startswith("-") && word.size() > 1 && word != "--")
    readShort(word);
  else if (word.endswith("'"))
    error(word, "single quotes do not hold words together in a file of rules; double quotes do");
  else
    error(word, fmt::format("'{}' is not an option, and no option before it takes it as a value", word));
  bang.reset();
}

/// As getopt_long(): the name itself goes before names it begins; of the same name that of the module loaded last.
Candidate CommandReader::resolve(llvm::StringRef name) const {
  Candidate abbreviated;
  auto consider = [&](unsigned module) -> const Option * {
    for (const Option &option : optionsOf(command.modules[module].module->id)) {
      if (!option.name.startswith(name) || (option.has(kOnlyIPv6) && family == packet::Family::IPv4))
        continue;
      if (option.name.size() == name.size())
        return &option;
      if (abbreviated.option && !(abbreviated.module == module && abbreviated.option->is(option.canonical)))
        abbreviated.ambiguous = true;
      else
        abbreviated = {&option, module};
    }
    return nullptr;
  };
  for (unsigned i = command.modules.size(); i-- != 0;)
    if (command.modules[i].module)
      if (const Option *option = consider(i))
        return {option, i};
  return abbreviated;
}

void CommandReader::readLong(llvm::StringRef word) {
  auto [name, value] = word.drop_front(2).split('=');
  std::optional<llvm::StringRef> glued;
  if (name.size() + 2 != word.size())
    glued = value;
  Candidate found = resolve(name);
  if ((!found.option || found.ambiguous) && loadProtocolMatch())
    found = resolve(name);
  if (found.ambiguous) {
    error(word, fmt::format("'{}' abbreviates more than one option", word));
    skipValues();
  } else if (found.option)
    addUse(found, word, glued);
  else
    readUnknown(word);
}

void CommandReader::readShort(llvm::StringRef letters) {
  const Option *option = findShort(letters[1]);
  if (!option)
    return error(letters, fmt::format("there is no option '{}'", letters.take_front(2)));
  llvm::StringRef rest = letters.drop_front(2);
  if (option->value != ValueKind::None)
    return addUse({option}, letters.take_front(2), rest.empty() ? std::nullopt : std::optional(rest));
  addUse({option}, letters.take_front(2), std::nullopt);
  if (!rest.empty())
    readShort(letters.drop_front(1));
}

/// `-p tcp --dport 80` without `-m tcp`: the protocol's match is loaded once, when an option is not known.
bool CommandReader::loadProtocolMatch() {
  if (protocolMatchTried || !command.protocol)
    return false;
  protocolMatchTried = true;
  std::string name = packet::protocolText(*command.protocol);
  const Module *module = findMatch(*command.protocol == 135 ? "mh" : llvm::StringRef(name));
  if (!module || !available(*module, family))
    return false;
  if (llvm::any_of(command.modules, [&](const LoadedModule &loaded) { return loaded.module == module; }))
    return false;
  command.modules.push_back({module, module->name, words[at - 1]});
  return true;
}

/// An option that no module has belongs to a match that is not known, where there is one.
void CommandReader::readUnknown(llvm::StringRef word) {
  Use use;
  use.word = word;
  use.begin = bang.value_or(at - 1);
  use.negated = bang.has_value();
  skipValues();
  use.end = at;
  use.values.append(words.begin() + use.begin + 1 + use.negated, words.begin() + use.end);
  for (unsigned i = command.modules.size(); i-- != 0;)
    if (!command.modules[i].module) {
      use.module = i;
      command.uses.push_back(std::move(use));
      return;
    }
  llvm::StringRef name = word.drop_front(2).split('=').first;
  error(word, fmt::format("unknown option '{}'{}", word, optionHint(name, command, family)));
}

void CommandReader::addUse(Candidate candidate, llvm::StringRef word, std::optional<llvm::StringRef> glued) {
  Use use;
  use.option = candidate.option;
  use.module = candidate.module;
  use.word = word;
  use.begin = bang.value_or(at - 1);
  use.negated = bang.has_value();
  if (glued && use.option->has(kApart))
    error(word,
          fmt::format("iptables takes '{}' with all that is glued to it for the value; a blank must part them", word));
  if (bang && use.option->has(kIgnoresNot))
    findings.add(support::Severity::Warning, words[*bang], fmt::format("iptables ignores the '!' before '{}'", word));
  else if (bang && !use.option->has(kNegatable))
    error(words[*bang], fmt::format("'!' may not stand before '{}'", word));
  if (use.option->state == OptionState::Unread)
    error(word, fmt::format("'{}' has no place in a file of rules", word));
  if (!glued)
    takeMisplacedNot(use);
  bool complete = takeValues(use, glued);
  use.end = at;
  if (!complete)
    return error(word, fmt::format("'{}' needs {} after it", word,
                                   use.option->takesTwo() ? "two words" : "a word"));
  checkRepeated(use);
  act(use);
  command.uses.push_back(std::move(use));
}

/// `-d ! net`, as versions before 1.4.3 wrote it.
void CommandReader::takeMisplacedNot(Use &use) {
  bool takesValue = use.option->value != ValueKind::None && use.option->has(kNegatable);
  if (!takesValue || bang || at + 1 >= words.size() || words[at] != "!")
    return;
  findings.add(support::Severity::Error, words[at],
               fmt::format("'{} !' is the way of old versions, which iptables refuses now; write '! {} {}'", use.word,
                           use.word, words[at + 1]),
               "deprecated-syntax");
  use.negated = true;
  ++at;
}

/// All that can be values: words that are neither an option nor `!`.
void CommandReader::skipValues() {
  while (atWord() && !words[at].startswith("-") && words[at] != "!")
    ++at;
}

bool CommandReader::takeText(Use &use) {
  if (!atWord())
    return false;
  use.values.push_back(words[at++]);
  return true;
}

void CommandReader::takeOptionalText(Use &use) {
  if (atWord() && !words[at].startswith("-") && words[at] != "!")
    use.values.push_back(words[at++]);
}

bool CommandReader::takeValues(Use &use, std::optional<llvm::StringRef> glued) {
  ValueKind kind = use.option->value;
  bool optional = kind == ValueKind::BitRate || kind == ValueKind::PacketRate;
  if (glued && optional)
    error(use.word, fmt::format("the value of '--{}' must stand behind a blank", use.option->name));
  if (glued && kind == ValueKind::None) {
    error(use.word, fmt::format("'--{}' takes no value", use.option->name));
    return true;
  }
  if (glued)
    use.values.push_back(*glued);
  else if (optional || kind == ValueKind::OptionalText)
    takeOptionalText(use);
  else if (kind != ValueKind::None && !takeText(use))
    return false;
  if (kind == ValueKind::ChainNumber)
    takeOptionalText(use);
  if (kind == ValueKind::Counters && !use.values[0].contains(',')) {
    takeOptionalText(use);
    return use.values.size() == 2;
  }
  if (use.option->takesTwo()) {
    takeOptionalText(use);
    return use.values.size() == 2;
  }
  return true;
}

void CommandReader::checkRepeated(const Use &use) {
  const Option &option = *use.option;
  for (const Use &earlier : command.uses) {
    if (!earlier.option || earlier.module != use.module)
      continue;
    bool same = earlier.option->is(option.canonical);
    if (same && !option.has(kRepeatable))
      return error(use.word, fmt::format("'{}' may stand only once in a rule", use.word));
    if (!same && earlier.option->has(kAlone) && option.has(kAlone))
      return error(use.word, fmt::format("'{}' and '{}' exclude each other", earlier.word, use.word));
  }
}

static bool isVerb(const Option &option) {
  static constexpr llvm::StringLiteral verbs[] = {"append", "insert",       "new-chain", "policy",  "flush",
                                                  "zero",   "delete-chain", "delete",    "replace", "rename-chain",
                                                  "check",  "list",         "list-rules"};
  return llvm::is_contained(verbs, option.canonical);
}

/// What the options of Base do to how the rest of the line is read.
void CommandReader::act(Use &use) {
  if (use.option->module != ModuleId::Base)
    return;
  if (use.is("match"))
    loadMatch(use);
  else if (use.is("jump") || use.is("goto"))
    setJump(use);
  else if (use.is("protocol"))
    setProtocol(use);
  else if (use.is("fragments") && family == packet::Family::IPv6)
    error(use.word, "IPv6 has no '-f', '-m frag' is its way to say it");
  else if (isVerb(*use.option))
    setVerb(use);
}

void CommandReader::setVerb(const Use &use) {
  if (command.verb >= 0)
    return error(use.word, fmt::format("'{}' and '{}' exclude each other", command.uses[command.verb].word, use.word));
  command.verb = int(command.uses.size());
}

void CommandReader::setJump(const Use &use) {
  command.jump = int(command.uses.size());
  if (use.is("jump"))
    loadTarget(use);
}

void CommandReader::setProtocol(const Use &use) {
  command.protocol = parseProtocol(unquoted(use.values[0], memory));
  command.protocolNegated = use.negated;
}

void CommandReader::loadMatch(const Use &use) {
  llvm::StringRef name = unquoted(use.values[0], memory);
  const Module *module = findMatch(name);
  if (module && !available(*module, family))
    error(use.values[0],
          fmt::format("the match '{}' is for {} only", name, module->families == Families::IPv4 ? "IPv4" : "IPv6"));
  llvm::StringRef meant = module ? llvm::StringRef() : nearestModule(name, ModuleKind::Match);
  if (!meant.empty())
    findings.add(support::Severity::Warning, use.values[0],
                 fmt::format("iptables has no match '{}' of its own; did you mean '{}'?", name, meant));
  command.modules.push_back({module, name, use.values[0]});
}

void CommandReader::loadTarget(const Use &use) {
  llvm::StringRef name = unquoted(use.values[0], memory);
  const Module *module = findTarget(name);
  if (!module)
    return;
  if (!available(*module, family))
    error(use.values[0],
          fmt::format("the target '{}' is for {} only", name, module->families == Families::IPv4 ? "IPv4" : "IPv6"));
  command.target = int(command.modules.size());
  command.modules.push_back({module, name, use.values[0]});
}

void CommandReader::checkRequired(unsigned index) {
  const LoadedModule &loaded = command.modules[index];
  if (!loaded.module)
    return;
  for (const Option &option : optionsOf(loaded.module->id))
    if (option.has(kRequired) && !command.find(index, option.canonical))
      return error(loaded.at, fmt::format("'{}' needs its option '--{}'", loaded.name, option.canonical));
}

void readCommand(const Line &line, packet::Family family, llvm::BumpPtrAllocator &memory, Findings &findings,
                 Command &command) {
  CommandReader(line, family, memory, findings, command).read();
}

} // namespace iptlint::parse
