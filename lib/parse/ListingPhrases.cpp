#include "parse/ListingPhrases.h"
#include "parse/ListingPattern.h"
#include "parse/ListingValues.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <algorithm>
#include <optional>

namespace iptlint::parse {

namespace {

enum class PhraseKind : uint8_t { Lead, Part, Free, Hidden, Target };

struct Phrase {
  PhraseKind kind;
  llvm::StringLiteral owner; ///< the match or the target
  llvm::StringLiteral pattern;
  llvm::StringLiteral options;
};

} // namespace

static constexpr Phrase kPhrases[] = {
#define LEAD(Owner, Pattern, Options) {PhraseKind::Lead, Owner, Pattern, Options},
#define PART(Owner, Pattern, Options) {PhraseKind::Part, Owner, Pattern, Options},
#define FREE(Owner, Pattern, Options) {PhraseKind::Free, Owner, Pattern, Options},
#define HIDDEN(Pattern) {PhraseKind::Hidden, "", Pattern, ""},
#define TARGET(Owner, Pattern, Options) {PhraseKind::Target, Owner, Pattern, Options},
#include "parse/ListingPhrases.def"
};

// --- words

static std::string quotedIfNeeded(llvm::StringRef word) {
  if (!word.empty() && word.find_first_of(" \t\"") == llvm::StringRef::npos)
    return word.str();
  std::string text = "\"";
  for (char c : word) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + '"';
}

/// Flags of LOG: with -n a listing has their bits. Source: the kernel's nf_log.h, NF_LOG_*.
static void addLogFlags(llvm::StringRef text, llvm::StringRef from, std::vector<ListedWord> &words) {
  static constexpr llvm::StringLiteral names[] = {"tcp-sequence", "tcp-options", "ip-options", "uid", "", "macdecode"};
  unsigned bits = 0;
  text.getAsInteger(10, bits);
  for (size_t i = 0; i != std::size(names); ++i)
    if (bits >> i & 1 && !names[i].empty())
      words.push_back({"--log-" + names[i].str(), from});
}

/// The level of LOG, which iptables-save leaves out where it is the usual one.
static void addLogLevel(llvm::StringRef text, llvm::StringRef from, std::vector<ListedWord> &words) {
  std::string level = llvm::StringSwitch<llvm::StringRef>(text)
                          .Cases("emerg", "panic", "0")
                          .Case("alert", "1")
                          .Case("crit", "2")
                          .Cases("err", "error", "3")
                          .Cases("warn", "warning", "4")
                          .Case("notice", "5")
                          .Case("info", "6")
                          .Case("debug", "7")
                          .Default(text)
                          .str();
  if (level == "4")
    return;
  words.push_back({"--log-level", from});
  words.push_back({level, from});
}

/// One word of a row's options, with the values that the pattern found.
static ListedWord fillIn(llvm::StringRef word, const PhraseFit &fit, llvm::StringRef from) {
  std::string text;
  while (!word.empty()) {
    llvm::StringRef plain = word.take_until([](char c) { return c == '{'; });
    text += plain;
    word = word.drop_front(plain.size());
    if (word.empty())
      break;
    llvm::StringRef value = fit.value(word[1]);
    text += listedValue(word[1], value).value_or("");
    if (plain.empty() && word.size() == 3)
      from = value;
    word = word.drop_front(3);
  }
  return {quotedIfNeeded(text), from};
}

static void addOptions(const Phrase &phrase, const PhraseFit &fit, llvm::StringRef from,
                       std::vector<ListedWord> &words) {
  llvm::SmallVector<llvm::StringRef, 8> parts;
  phrase.options.split(parts, ' ', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    if (part == "{l}")
      addLogFlags(fit.value('l'), from, words);
    else if (part == "{L}")
      addLogLevel(fit.value('L'), from, words);
    else if (part != "{!}")
      words.push_back(fillIn(part, fit, from));
    else if (fit.negated)
      words.push_back({"!", from});
  }
}

// --- phrases

namespace {

class PhraseReader {
public:
  PhraseReader(llvm::StringRef text, llvm::StringRef target) : rest(text.trim(" \t")), target(target) {}

  ListedOptions read() {
    while (!rest.empty())
      if ((inTarget || !takeMatch()) && !takeTarget()) {
        giveUp();
        break;
      }
    return std::move(found);
  }

private:
  /// The part of the text that a fit takes, which is then behind us.
  llvm::StringRef take(size_t length) {
    llvm::StringRef taken = rest.take_front(length).rtrim(" \t");
    rest = rest.drop_front(length).ltrim(" \t");
    return taken;
  }

  bool takeMatch() {
    for (const Phrase &phrase : kPhrases) {
      if (phrase.kind == PhraseKind::Target ||
          (phrase.kind == PhraseKind::Part && open != llvm::StringRef(phrase.owner)))
        continue;
      if (auto fit = fitPhrase(phrase.pattern, rest)) {
        addMatch(phrase, *fit, take(fit->length));
        return true;
      }
    }
    return false;
  }

  void addMatch(const Phrase &phrase, const PhraseFit &fit, llvm::StringRef from) {
    if (phrase.kind == PhraseKind::Hidden) {
      addListed(from);
      open = "";
      return;
    }
    std::vector<ListedWord> options;
    addOptions(phrase, fit, from, options);
    if (phrase.kind == PhraseKind::Lead ||
        (phrase.kind == PhraseKind::Free && (open != llvm::StringRef(phrase.owner) || hasAny(options))))
      begin(phrase.owner, from);
    found.matches.insert(found.matches.end(), options.begin(), options.end());
    if (phrase.owner == "time")
      setClock(phrase, from);
    // Text in a comment that reads like the end of one and more phrases: nobody can tell.
    if (phrase.owner == "comment" && fit.value('Q').contains("*/"))
      addListed(from);
  }

  /// Times are those of the machine's own zone where the listing does not say UTC.
  void setClock(const Phrase &phrase, llvm::StringRef from) {
    if (phrase.kind == PhraseKind::Lead)
      found.matches.push_back({"--kerneltz", from});
    if (phrase.pattern == "UTC")
      llvm::erase_if(found.matches, [](const ListedWord &word) { return word.text == "--kerneltz"; });
  }

  void begin(llvm::StringRef match, llvm::StringRef from) {
    open = match;
    opened = found.matches.size();
    found.matches.push_back({"-m", from});
    found.matches.push_back({match.str(), from});
  }

  /// Whether the match that is open has one of these options.
  bool hasAny(llvm::ArrayRef<ListedWord> options) const {
    return llvm::any_of(options, [&](const ListedWord &option) {
      return llvm::StringRef(option.text).startswith("--") &&
             llvm::any_of(llvm::makeArrayRef(found.matches).drop_front(opened),
                          [&](const ListedWord &word) { return word.text == option.text; });
    });
  }

  void addListed(llvm::StringRef text) {
    // The listing of bpf has zero bytes, which no text of rules may have.
    std::string visible = text.str();
    std::replace(visible.begin(), visible.end(), '\0', ' ');
    for (llvm::StringRef word : {"-m", "listed", "--as"})
      found.matches.push_back({word.str(), text});
    found.matches.push_back({quotedIfNeeded(llvm::StringRef(visible).rtrim()), text});
  }

  bool takeTarget() {
    for (const Phrase &phrase : kPhrases) {
      if (phrase.kind != PhraseKind::Target || phrase.owner != target)
        continue;
      if (auto fit = fitPhrase(phrase.pattern, rest)) {
        std::vector<ListedWord> options;
        addOptions(phrase, *fit, take(fit->length), options);
        // iptables-save has the prefix in front of the level and the flags.
        bool first = !options.empty() && options[0].text == "--log-prefix";
        found.target.insert(first ? found.target.begin() : found.target.end(), options.begin(), options.end());
        inTarget = true;
        return true;
      }
    }
    return false;
  }

  /// What comes next is not understood: it goes on to where the phrases of the target begin, if there are any.
  void giveUp() {
    llvm::StringRef unknown = rest;
    if (inTarget)
      found.unread = unknown;
    for (size_t at = unknown.find(' '); at != llvm::StringRef::npos && !inTarget; at = unknown.find(' ', at + 1)) {
      PhraseReader behind(unknown.drop_front(at), target);
      if (behind.takeOnlyTarget()) {
        found.target = std::move(behind.found.target);
        unknown = unknown.take_front(at).rtrim(" \t");
        break;
      }
    }
    addListed(unknown);
  }

  bool takeOnlyTarget() {
    while (!rest.empty())
      if (!takeTarget())
        return false;
    return inTarget;
  }

  llvm::StringRef rest, target;
  /// The match whose options may go on; "" is one that is hidden.
  std::optional<llvm::StringRef> open;
  size_t opened = 0; ///< where its words begin
  bool inTarget = false;
  ListedOptions found;
};

} // namespace

ListedOptions readPhrases(llvm::StringRef text, llvm::StringRef target) {
  return PhraseReader(text, target).read();
}

} // namespace iptlint::parse
