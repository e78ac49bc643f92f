#include "parse/NftLine.h"
#include "NftLexer.h"
#include "NftParser.h"
#include "parse/LineParser.h"
#include <fmt/format.h>

namespace iptlint::parse {

using grammar::NftLexer;
using grammar::NftParser;

namespace {

/// Keeps the first error of a line.
class FirstFault final : public antlr4::BaseErrorListener {
public:
  llvm::StringRef at;
  std::string message; ///< empty: none

  void begin(llvm::StringRef text) {
    line = text;
    message.clear();
  }

  void syntaxError(antlr4::Recognizer *, antlr4::Token *offending, size_t, size_t, const std::string &,
                   std::exception_ptr) override {
    if (!message.empty())
      return;
    bool isEnd = offending->getType() == antlr4::Token::EOF;
    at = isEnd ? line.take_back(1) : line.slice(offending->getStartIndex(), offending->getStopIndex() + 1);
    message = isEnd ? "something is missing at the end of this line"
                    : fmt::format("unexpected '{}' in what is read of nft's text", at);
  }

private:
  llvm::StringRef line;
};

} // namespace

struct NftLineReader::Machine : LineParser<NftLexer, NftParser, FirstFault> {
  using LineParser::errors;
  using LineParser::slice;

  antlr4::ParserRuleContext *start(NftPlace place) {
    switch (place) {
    case NftPlace::Top:
      return parser.topLine();
    case NftPlace::Table:
      return parser.tableLine();
    case NftPlace::Chain:
      return parser.chainLine();
    case NftPlace::Map:
      return parser.mapLine();
    }
    return nullptr;
  }

  antlr4::ParserRuleContext *parse(llvm::StringRef text, NftPlace place) {
    return LineParser::parse(text, [&](NftParser &) { return start(place); });
  }

  llvm::StringRef slice(antlr4::ParserRuleContext *tree) const {
    return line.slice(tree->getStart()->getStartIndex(), tree->getStop()->getStopIndex() + 1);
  }

  /// Every token below, in order.
  void collect(antlr4::tree::ParseTree *tree, std::vector<llvm::StringRef> &words) const {
    if (auto *leaf = dynamic_cast<antlr4::tree::TerminalNode *>(tree)) {
      if (leaf->getSymbol()->getType() != antlr4::Token::EOF)
        words.push_back(slice(leaf->getSymbol()));
      return;
    }
    for (antlr4::tree::ParseTree *child : tree->children)
      collect(child, words);
  }

  NftValue value(NftParser::ValueContext *tree) const {
    NftValue made;
    for (NftParser::PartContext *part : tree->part())
      made.push_back(slice(part));
    return made;
  }

  NftVerdict verdict(NftParser::VerdictContext *tree) const {
    std::vector<llvm::StringRef> words;
    collect(tree, words);
    return {words[0], words.size() > 1 ? words[1] : llvm::StringRef()};
  }

  void addElements(const std::vector<NftParser::ElementContext *> &trees, std::vector<NftElement> &into) const {
    for (NftParser::ElementContext *tree : trees)
      into.push_back({slice(tree), value(tree->value()), verdict(tree->verdict())});
  }

  void addSelector(NftParser::SelectorContext *tree, NftClause &clause) const {
    for (NftParser::ExpressionContext *expression : tree->expression()) {
      std::vector<llvm::StringRef> words;
      collect(expression, words);
      clause.selector.emplace_back(words.begin(), words.end());
    }
  }

  void addMatching(NftParser::MatchingContext *tree, NftClause &clause) const {
    addSelector(tree->selector(), clause);
    if (tree->word())
      clause.mask = slice(tree->word());
    clause.negated = tree->relation() && tree->relation()->NE();
    NftParser::RightContext *right = tree->right();
    if (auto *anyOf = dynamic_cast<NftParser::AnyOfContext *>(right))
      for (NftParser::ValueContext *each : anyOf->value())
        clause.values.push_back(value(each));
    else if (auto *single = dynamic_cast<NftParser::SingleContext *>(right))
      clause.values.push_back(value(single->value()));
    else if (auto *flags = dynamic_cast<NftParser::FlagsContext *>(right)) {
      clause.flags = true;
      for (NftParser::WordContext *word : flags->word())
        clause.values.push_back({slice(word)});
    }
  }

  void addMap(NftParser::VerdictMapContext *tree, NftClause &clause) const {
    addSelector(tree->selector(), clause);
    addElements(tree->element(), clause.elements);
    clause.open = !tree->CLOSE();
  }

  static NftClauseKind kindOf(NftParser::ClauseContext *tree) {
    if (dynamic_cast<NftParser::SetMarkContext *>(tree))
      return NftClauseKind::SetMark;
    if (dynamic_cast<NftParser::ChanceContext *>(tree))
      return NftClauseKind::Chance;
    if (dynamic_cast<NftParser::LimitContext *>(tree))
      return NftClauseKind::Limit;
    if (dynamic_cast<NftParser::LogContext *>(tree))
      return NftClauseKind::Log;
    if (dynamic_cast<NftParser::RejectContext *>(tree))
      return NftClauseKind::Reject;
    if (dynamic_cast<NftParser::NatContext *>(tree))
      return NftClauseKind::Nat;
    if (dynamic_cast<NftParser::PortNatContext *>(tree))
      return NftClauseKind::PortNat;
    if (dynamic_cast<NftParser::NotrackContext *>(tree))
      return NftClauseKind::Notrack;
    if (dynamic_cast<NftParser::CounterContext *>(tree))
      return NftClauseKind::Counter;
    if (dynamic_cast<NftParser::VerdictClauseContext *>(tree))
      return NftClauseKind::Verdict;
    return NftClauseKind::Comment;
  }

  NftClause clause(NftParser::ClauseContext *tree) const {
    NftClause made;
    made.at = slice(tree);
    if (auto *matching = dynamic_cast<NftParser::MatchingContext *>(tree)) {
      addMatching(matching, made);
      return made;
    }
    if (auto *map = dynamic_cast<NftParser::VerdictMapContext *>(tree)) {
      made.kind = NftClauseKind::Map;
      addMap(map, made);
      return made;
    }
    made.kind = kindOf(tree);
    collect(tree, made.words);
    if (auto *verdictTree = dynamic_cast<NftParser::VerdictClauseContext *>(tree))
      made.verdict = verdict(verdictTree->verdict());
    return made;
  }

  void addClauses(const std::vector<NftParser::ClauseContext *> &trees, NftLine &into) const {
    for (NftParser::ClauseContext *tree : trees)
      into.clauses.push_back(clause(tree));
  }

  /// The line's kind, and what lines of that kind have.
  void fill(antlr4::ParserRuleContext *tree, NftLine &into) const {
    if (auto *rule = dynamic_cast<NftParser::RuleLineContext *>(tree)) {
      into.kind = NftLineKind::Rule;
      return addClauses(rule->clause(), into);
    }
    if (auto *part = dynamic_cast<NftParser::MapPartContext *>(tree)) {
      into.kind = NftLineKind::MapPart;
      return addElements(part->element(), into.elements);
    }
    if (auto *end = dynamic_cast<NftParser::MapEndContext *>(tree)) {
      into.kind = NftLineKind::MapEnd;
      addElements(end->element(), into.elements);
      return addClauses(end->clause(), into);
    }
    into.kind = blockKind(tree);
    collect(tree, into.words);
  }

  static NftLineKind blockKind(antlr4::ParserRuleContext *tree) {
    if (dynamic_cast<NftParser::TableOpenContext *>(tree))
      return NftLineKind::TableOpen;
    if (dynamic_cast<NftParser::TableMadeContext *>(tree))
      return NftLineKind::TableMade;
    if (dynamic_cast<NftParser::TableDeletedContext *>(tree))
      return NftLineKind::TableDeleted;
    if (dynamic_cast<NftParser::TableCloseContext *>(tree))
      return NftLineKind::TableClose;
    if (dynamic_cast<NftParser::ChainOpenContext *>(tree))
      return NftLineKind::ChainOpen;
    if (dynamic_cast<NftParser::ChainCloseContext *>(tree))
      return NftLineKind::ChainClose;
    return NftLineKind::Base;
  }
};

NftLineReader::NftLineReader() : machine(std::make_unique<Machine>()) {}
NftLineReader::~NftLineReader() = default;

NftLine NftLineReader::read(llvm::StringRef line, NftPlace place) {
  NftLine made;
  if (line.size() > kMaxBytes) {
    made.faultAt = line.take_front(1);
    made.fault = fmt::format("a line of {} bytes", line.size());
    return made;
  }
  antlr4::ParserRuleContext *tree = machine->parse(line, place);
  made.faultAt = machine->errors.at;
  made.fault = machine->errors.message;
  if (made.fault.empty())
    machine->fill(tree, made);
  return made;
}

} // namespace iptlint::parse
