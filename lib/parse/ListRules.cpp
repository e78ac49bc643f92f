#include "parse/ListRules.h"
#include "parse/Blanks.h"
#include "parse/Tables.h"
#include "parse/Translation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::parse {

static bool isListed(llvm::StringRef line) {
  return line.startswith("-P ") || line.startswith("-N ") || line.startswith("-A ");
}

namespace {
/// What one call of iptables printed.
struct Block {
  std::string table; ///< as the command line says it; empty: not known from there
  std::vector<llvm::StringRef> lines;
  llvm::StringSet<> chains;
};
} // namespace

/// The table of a line such as `$ sudo iptables -t nat -S`; nothing for another line.
static std::optional<std::string> promptOf(llvm::StringRef line) {
  BlankSeparated words = splitAtBlanks(line);
  auto program =
      llvm::find_if(words, [](llvm::StringRef word) { return word.contains("ip") && word.contains("tables"); });
  bool lists =
      llvm::is_contained(words, "-S") || llvm::is_contained(words, "--list-rules") || llvm::is_contained(words, "-vS");
  if (program == words.end() || !lists)
    return std::nullopt;
  auto table = llvm::find(words, "-t");
  return table == words.end() || table + 1 == words.end() ? "filter" : (table + 1)->str();
}

/// A table all whose chains are built in where \p block says that they are.
static bool fits(llvm::StringRef table, const Block &block, bool byPolicy) {
  return llvm::all_of(block.lines, [&](llvm::StringRef line) {
    BlankSeparated words = splitAtBlanks(line);
    if (words.size() < 2 || !builtInHook("mangle", words[1]) || (byPolicy && words[0] != "-P"))
      return true;
    return builtInHook(table, words[1]).has_value();
  });
}

/// What one table alone allows.
static llvm::StringRef tableOfTarget(llvm::StringRef target) {
  for (llvm::StringRef nat : {"DNAT", "SNAT", "MASQUERADE", "REDIRECT"})
    if (target == nat)
      return "nat";
  for (llvm::StringRef mangle : {"TTL", "HL", "TOS", "DSCP", "ECN", "TPROXY", "CHECKSUM"})
    if (target == mangle)
      return "mangle";
  return target == "CT" || target == "NOTRACK" ? "raw" : target == "REJECT" ? "filter" : "";
}

static std::string tableOf(const Block &block) {
  if (!block.table.empty())
    return block.table;
  static constexpr llvm::StringLiteral order[] = {"filter", "nat", "mangle", "raw"};
  auto policies = [&](llvm::StringRef table) {
    return llvm::count_if(block.lines, [&](llvm::StringRef line) {
      BlankSeparated words = splitAtBlanks(line);
      return words.size() > 1 && words[0] == "-P" && builtInHook(table, words[1]);
    });
  };
  size_t stated = llvm::count_if(block.lines, [](llvm::StringRef line) { return line.startswith("-P "); });
  static constexpr size_t kBuiltIn[] = {3, 4, 5, 2};
  for (size_t i = 0; i != std::size(order); ++i) // a whole table: just its own chains
    if (stated == kBuiltIn[i] && size_t(policies(order[i])) == stated)
      return order[i].str();
  for (llvm::StringRef line : block.lines) {
    BlankSeparated words = splitAtBlanks(line);
    for (size_t i = 0; i + 1 < words.size(); ++i)
      if (words[i] == "-j")
        if (llvm::StringRef table = tableOfTarget(words[i + 1]); !table.empty() && fits(table, block, false))
          return table.str();
  }
  for (llvm::StringRef table : order)
    if (fits(table, block, false))
      return table.str();
  return "filter";
}

bool isRuleList(llvm::StringRef text) {
  Block block;
  bool first = true, begins = false;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    line = line.ltrim(" \t");
    if (line.startswith("-") && !isListed(line))
      return false;
    if (isListed(line)) {
      begins |= first && !line.startswith("-A");
      first = false;
      block.lines.push_back(line);
    }
    text = rest;
  }
  return begins || (!first && tableOf(block) != "filter");
}

namespace {
class RuleListReader {
public:
  explicit RuleListReader(std::shared_ptr<const support::Source> source) : source(source), translation(source) {}

  void read() {
    for (llvm::StringRef text = source->text(); !text.empty();) {
      auto [line, rest] = text.split('\n');
      readLine(line.rtrim("\r"));
      text = rest;
    }
    translate();
  }

  std::shared_ptr<const support::Source> source;
  Translation translation;

private:
  void readLine(llvm::StringRef line) {
    if (auto table = promptOf(line)) {
      translate();
      block.table = *table;
    } else if (line.startswith("-")) {
      BlankSeparated words = splitAtBlanks(line);
      bool behindRules = !block.lines.empty() && !block.lines.back().startswith("-P ");
      bool again = words[0] == "-P" && words.size() > 1 && !block.chains.insert(words[1]).second;
      if (words[0] == "-P" && (behindRules || again)) {
        translate();
        block.chains.insert(words.size() > 1 ? words[1] : "");
      }
      block.lines.push_back(line);
    } else if (line.startswith("#")) {
      comments.push_back(line);
    }
  }

  /// `-c 12 3456`, which -v adds, is where the counters of a rule or a chain stand.
  struct Counted {
    BlankSeparated words;
    llvm::StringRef packets, bytes;
  };
  static Counted takeCounters(llvm::StringRef line) {
    Counted counted{splitAtBlanks(line), {}, {}};
    auto at = llvm::find(counted.words, "-c");
    if (counted.words.end() - at < 3)
      return counted;
    counted.packets = at[1];
    counted.bytes = at[2];
    counted.words.erase(at, at + 3);
    return counted;
  }

  void addCounters(const Counted &counted) {
    translation.addWord(
        "[" + counted.packets.str() + ":" + counted.bytes.str() + "]",
        source->rangeOf({counted.packets.begin(), size_t(counted.bytes.end() - counted.packets.begin())}));
  }

  void translateChain(llvm::StringRef line) {
    Counted counted = takeCounters(line);
    bool policy = counted.words[0] == "-P";
    translation.add(":", source->rangeOf(counted.words[0]));
    translation.add(counted.words.size() > 1 ? counted.words[1] : "", source->rangeOf(counted.words.back()));
    translation.addWord(policy && counted.words.size() > 2 ? counted.words[2] : "-",
                        source->rangeOf(counted.words.back()));
    if (!counted.packets.empty())
      addCounters(counted);
    else
      translation.addWord("[0:0]", source->rangeOf(counted.words.back()));
    translation.endLine();
  }

  void translate() {
    for (llvm::StringRef comment : comments) {
      translation.add(comment, source->rangeOf(comment));
      translation.endLine();
    }
    comments.clear();
    if (!block.lines.empty())
      translateBlock();
    block = {};
  }

  void translateBlock() {
    support::SourceRange at = source->rangeOf(block.lines.front());
    translation.add("*" + tableOf(block), at);
    translation.endLine();
    for (llvm::StringRef line : block.lines)
      if (line.startswith("-P ") || line.startswith("-N "))
        translateChain(line);
    for (llvm::StringRef line : block.lines) {
      if (line.startswith("-P ") || line.startswith("-N "))
        continue;
      Counted counted = takeCounters(line);
      if (!counted.packets.empty())
        addCounters(counted);
      if (counted.packets.empty())
        translation.add(line, source->rangeOf(line));
      else
        for (llvm::StringRef word : counted.words)
          translation.addWord(word, source->rangeOf(word));
      translation.endLine();
    }
    translation.add("COMMIT", source->rangeOf(block.lines.back()));
    translation.endLine();
  }

  Block block;
  std::vector<llvm::StringRef> comments;
};
} // namespace

ParsedRules parseRuleList(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  RuleListReader reader(std::move(source));
  reader.read();
  return readTranslated(reader.translation, ir::Form::S, options);
}

} // namespace iptlint::parse
