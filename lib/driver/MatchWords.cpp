#include "driver/MatchWords.h"
#include "report/Line.h"
#include "report/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::driver {

/// The match that an option belongs to, for which a rule needs `-m`; empty: to none.
static llvm::StringRef matchOf(llvm::StringRef option) {
  return llvm::StringSwitch<llvm::StringRef>(option)
      .Cases("--ctstate", "--ctdir", "--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst", "--ctproto",
             "conntrack")
      .Case("--mark", "mark")
      .Case("--mac-source", "mac")
      .Cases("--src-type", "--dst-type", "addrtype")
      .Cases("--ttl-eq", "--ttl-lt", "--ttl-gt", "ttl")
      .Cases("--dports", "--sports", "--ports", "multiport")
      .Cases("--src-range", "--dst-range", "iprange")
      .Case("--uid-owner", "owner")
      .Case("--tos", "tos")
      .Case("--length", "length")
      .Default("");
}

static std::string inQuotes(const std::string &word) {
  return llvm::StringRef(word).find_first_of(" \t\"'") == llvm::StringRef::npos ? word : "\"" + word + "\"";
}

static bool namesAddress(llvm::StringRef option) {
  return llvm::StringSwitch<bool>(option)
      .Cases("-s", "-d", "--source", "--destination", "--src", "--dst", true)
      .Default(false);
}

std::optional<packet::Family> familyOf(llvm::ArrayRef<std::string> words) {
  for (size_t i = 1; i < words.size(); ++i)
    if (namesAddress(words[i - 1]))
      return llvm::StringRef(words[i]).contains(':') ? packet::Family::IPv6 : packet::Family::IPv4;
  return std::nullopt;
}

/// Takes -i and -o out of the words. \returns what is wrong with them; empty if nothing.
static std::string takeInterfaces(std::vector<std::string> &words, query::Question &question) {
  for (size_t i = 0; i != words.size();) {
    bool in = words[i] == "-i" || words[i] == "--in-interface", out = words[i] == "-o" || words[i] == "--out-interface";
    if (!in && !out) {
      ++i;
      continue;
    }
    std::string &into = in ? question.in : question.bound;
    if (i != 0 && words[i - 1] == "!")
      return "a query is about one interface: ! stands before " + words[i];
    if (i + 1 == words.size() || words[i + 1].empty() || words[i + 1].back() == '+' || words[i + 1].size() > 15)
      return words[i] + " takes the name of one interface";
    if (!into.empty())
      return words[i] + " is said twice";
    into = words[i + 1];
    words.erase(words.begin() + long(i), words.begin() + long(i) + 2);
  }
  return !question.in.empty() && !question.bound.empty() ? "which interface a packet leaves by is for routing to say; "
                                                           "-o is for packets of this machine, whose socket is bound"
                                                         : "";
}

std::optional<ParsedMatch> readMatch(llvm::ArrayRef<std::string> given, packet::Family family,
                                     const parse::RulesOptions &options, llvm::raw_ostream &err) {
  ParsedMatch match;
  match.question.family = family;
  std::vector<std::string> words(given.begin(), given.end());
  auto refuse = [&](const std::string &message) {
    err << "iptlint: " << report::printable(message) << "\n";
    return std::nullopt;
  };
  if (std::string wrong = takeInterfaces(words, match.question); !wrong.empty())
    return refuse(wrong);
  if (llvm::any_of(words, [](const std::string &word) {
        return word == "-j" || word == "-g" || word == "--jump" || word == "--goto";
      }))
    return refuse("a match has no target");
  std::string text = "-A PREROUTING";
  for (size_t i = 0; i != words.size(); ++i) {
    bool negated = words[i] == "!" && i + 1 != words.size();
    llvm::StringRef needed = matchOf(negated ? words[i + 1] : words[i]);
    bool isNamed = llvm::any_of(words, [&](const std::string &word) { return word == needed; }) ||
                   llvm::StringRef(text).contains(" -m " + needed.str());
    if (!needed.empty() && !isNamed)
      text += " -m " + needed.str();
    text += " " + inQuotes(words[i]);
  }
  text += " -j ACCEPT\n";
  parse::RulesOptions reading = options;
  reading.family = family;
  reading.form = ir::Form::Save;
  reading.normalTexts = true;
  auto source = support::Source::fromText("*mangle\n" + text + "COMMIT\n", "match");
  match.text = parse::parseRules(source, reading);
  llvm::erase_if(match.text.findings,
                 [](const support::Diagnostic &finding) { return finding.severity != support::Severity::Error; });
  report::printText({{source, {}, match.text.findings, 0}}, /*colour=*/false, err);
  if (!match.text.findings.empty() || match.text.incomplete)
    return std::nullopt;
  for (const ir::Table &table : match.text.rulesets.front().tables)
    for (const ir::Chain &chain : table.chains)
      for (const ir::Rule &rule : chain.rules)
        match.question.tests = rule.tests;
  return match;
}

} // namespace iptlint::driver
