#include "parse/SetsLine.h"
#include "SetsLexer.h"
#include "SetsParser.h"
#include "parse/LineParser.h"
#include <fmt/format.h>

namespace iptlint::parse {

using grammar::SetsLexer;
using grammar::SetsParser;

namespace {

/// Keeps the first error of a line, in words that fit ipset's.
class FirstFault final : public antlr4::BaseErrorListener {
public:
  llvm::StringRef line, at;
  std::string message; ///< empty: none

  void begin(llvm::StringRef text) {
    line = text;
    message.clear();
  }

  void syntaxError(antlr4::Recognizer *recognizer, antlr4::Token *offending, size_t, size_t, const std::string &,
                   std::exception_ptr) override {
    if (!message.empty())
      return;
    if (offending->getType() == antlr4::Token::EOF)
      return tellEnd(*static_cast<SetsParser *>(recognizer)->getTokenStream(), *offending);
    at = slice(*offending);
    if (at == "$" || at == "`")
      message = "it takes a shell to know what stands here; the text of `ipset save` says it";
    else
      message = fmt::format("unexpected '{}'", at);
  }

private:
  void tellEnd(antlr4::TokenStream &tokens, antlr4::Token &end) {
    bool empty = end.getTokenIndex() == 0;
    at = empty ? line : slice(*tokens.get(end.getTokenIndex() - 1));
    message = empty ? "nothing stands in this line" : fmt::format("something is missing behind '{}'", at);
  }

  llvm::StringRef slice(antlr4::Token &token) const {
    return line.slice(token.getStartIndex(), token.getStopIndex() + 1);
  }
};

} // namespace

struct SetLineReader::Machine : LineParser<SetsLexer, SetsParser, FirstFault> {
  using LineParser::slice;
  llvm::StringRef slice(antlr4::ParserRuleContext *tree) const {
    return tree->getStart() ? slice(tree->getStart()) : llvm::StringRef();
  }

  /// Words and flags of a command, a heading or a member.
  void collect(antlr4::ParserRuleContext *tree, SetLine &into) const {
    for (antlr4::tree::ParseTree *child : tree->children) {
      if (auto *word = dynamic_cast<SetsParser::WordContext *>(child))
        into.words.push_back(slice(word));
      else if (auto *flag = dynamic_cast<SetsParser::FlagContext *>(child))
        into.exist |= flag->EXIST() != nullptr;
      else if (auto *argument = dynamic_cast<SetsParser::ArgumentContext *>(child))
        collect(argument, into);
    }
  }

  SetLine finish(antlr4::ParserRuleContext *tree, SetVerb verb) {
    SetLine read;
    read.verb = verb;
    if (tree)
      collect(tree, read);
    read.faultAt = errors.at;
    read.fault = errors.message;
    return read;
  }
};

static SetVerb verbOf(SetsParser::CommandContext *command) {
  if (dynamic_cast<SetsParser::CreateContext *>(command))
    return SetVerb::Create;
  if (dynamic_cast<SetsParser::AddContext *>(command))
    return SetVerb::Add;
  if (dynamic_cast<SetsParser::DelContext *>(command))
    return SetVerb::Del;
  if (dynamic_cast<SetsParser::DestroyContext *>(command))
    return SetVerb::Destroy;
  if (dynamic_cast<SetsParser::FlushContext *>(command))
    return SetVerb::Flush;
  if (dynamic_cast<SetsParser::RenameContext *>(command))
    return SetVerb::Rename;
  if (dynamic_cast<SetsParser::SwapContext *>(command))
    return SetVerb::Swap;
  return SetVerb::Other;
}

SetLineReader::SetLineReader() : machine(std::make_unique<Machine>()) {}
SetLineReader::~SetLineReader() = default;

/// A line that is not worth parsing.
static SetLine noSetLine(llvm::StringRef line) {
  SetLine read;
  read.faultAt = line.take_front(1);
  read.fault = fmt::format("a line of {} bytes is none of ipset's", line.size());
  return read;
}

SetLine SetLineReader::statement(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noSetLine(line);
  SetsParser::StatementContext *tree = machine->parse(line, &SetsParser::statement);
  SetLine read = machine->finish(tree->command(), verbOf(tree->command()));
  for (SetsParser::FlagContext *flag : tree->flag())
    read.exist |= flag->EXIST() != nullptr;
  return read;
}

SetLine SetLineReader::heading(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noSetLine(line);
  return machine->finish(machine->parse(line, &SetsParser::heading), SetVerb::Heading);
}

SetLine SetLineReader::member(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noSetLine(line);
  return machine->finish(machine->parse(line, &SetsParser::member), SetVerb::Member);
}

} // namespace iptlint::parse
