#include "parse/NetworkLine.h"
#include "NetworkLexer.h"
#include "NetworkParser.h"
#include "parse/FirstError.h"
#include "parse/LineParser.h"

namespace iptlint::parse {

using grammar::NetworkLexer;
using grammar::NetworkParser;

struct NetworkLineReader::Machine : LineParser<NetworkLexer, NetworkParser, FirstError<NetworkLexer::ERRCHAR>> {
  using LineParser::slice;
  llvm::StringRef slice(antlr4::ParserRuleContext *tree) const {
    return tree && tree->getStart() && tree->getStop() ? slice(tree->getStart()) : llvm::StringRef();
  }
  llvm::StringRef slice(antlr4::tree::TerminalNode *leaf) const {
    return leaf ? slice(leaf->getSymbol()) : llvm::StringRef();
  }

  /// A line with its words and its error.
  NetworkLine begun();
  /// One keyword and its value, or a lone word; left out where the error cut it short, or came before it.
  template <typename Part> void add(NetworkLine &read, Part *part) const;
};

NetworkLine NetworkLineReader::Machine::begun() {
  NetworkLine read;
  read.error = errors.found;
  tokens.fill();
  for (antlr4::Token *token : tokens.getTokens())
    if (token->getType() != antlr4::Token::EOF)
      read.words.push_back(slice(token));
  return read;
}

template <typename Part> void NetworkLineReader::Machine::add(NetworkLine &read, Part *part) const {
  llvm::StringRef keyword = slice(part);
  if (part->exception || keyword.empty() || (read.error && keyword.begin() >= read.error->at.begin()))
    return;
  read.parts.push_back({keyword, part->word() ? slice(part->word()) : llvm::StringRef()});
}

NetworkLineReader::NetworkLineReader() : machine(std::make_unique<Machine>()) {}
NetworkLineReader::~NetworkLineReader() = default;

static llvm::StringRef withoutColon(llvm::StringRef text) {
  text.consume_back(":");
  return text;
}

/// Whether a line is not worth parsing; \p read then says so.
static bool isTooLong(llvm::StringRef line, NetworkLine &read) {
  if (line.size() <= NetworkLineReader::kMaxBytes)
    return false;
  read.words = {line};
  read.error =
      LineError{line.take_front(1), fmt::format("a line of {} bytes is too long for what is read here", line.size())};
  return true;
}

NetworkLine NetworkLineReader::rule(llvm::StringRef line) {
  NetworkLine read;
  if (isTooLong(line, read))
    return read;
  NetworkParser::RoutingRuleContext *tree = machine->parse(line, &NetworkParser::routingRule);
  read = machine->begun();
  read.index = withoutColon(machine->slice(tree->INDEX()));
  read.negated = tree->NOT() != nullptr;
  for (NetworkParser::RulePartContext *part : tree->rulePart())
    machine->add(read, part);
  return read;
}

NetworkLine NetworkLineReader::link(llvm::StringRef line) {
  NetworkLine read;
  if (isTooLong(line, read))
    return read;
  NetworkParser::LinkContext *tree = machine->parse(line, &NetworkParser::link);
  read = machine->begun();
  read.index = withoutColon(machine->slice(tree->INDEX()));
  read.name = tree->IS_IN() ? machine->slice(tree->word(0)) : withoutColon(machine->slice(tree->name()));
  read.flags = machine->slice(tree->FLAGS());
  for (NetworkParser::LinkPartContext *part : tree->linkPart())
    machine->add(read, part);
  return read;
}

NetworkLine NetworkLineReader::address(llvm::StringRef line) {
  NetworkLine read;
  if (isTooLong(line, read))
    return read;
  NetworkParser::AddressContext *tree = machine->parse(line, &NetworkParser::address);
  read = machine->begun();
  bool named = tree->INDEX() != nullptr;
  std::vector<NetworkParser::WordContext *> words = tree->word();
  read.index = withoutColon(machine->slice(tree->INDEX()));
  if (named && !words.empty())
    read.name = machine->slice(words[0]);
  if (words.size() > named)
    read.address = machine->slice(words[named]);
  if (tree->PEER() && words.size() > named + size_t(1))
    read.peer = machine->slice(words[named + 1]);
  for (NetworkParser::AddressPartContext *part : tree->addressPart())
    machine->add(read, part);
  return read;
}

NetworkLine NetworkLineReader::plain(llvm::StringRef line) {
  NetworkLine read;
  if (isTooLong(line, read))
    return read;
  machine->parse(line, &NetworkParser::words);
  return machine->begun();
}

} // namespace iptlint::parse
