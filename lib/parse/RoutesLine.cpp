#include "parse/RoutesLine.h"
#include "RoutesLexer.h"
#include "RoutesParser.h"
#include "parse/FirstError.h"
#include "parse/LineParser.h"
#include "llvm/ADT/ArrayRef.h"
#include <fmt/format.h>

namespace iptlint::parse {

using grammar::RoutesLexer;
using grammar::RoutesParser;

struct RouteLineReader::Machine : LineParser<RoutesLexer, RoutesParser, FirstError<RoutesLexer::ERRCHAR>> {
  using LineParser::slice;
  llvm::StringRef slice(antlr4::ParserRuleContext *tree) const {
    return tree && tree->getStart() && tree->getStop() ? slice(tree->getStart()) : llvm::StringRef();
  }
  llvm::StringRef slice(antlr4::tree::TerminalNode *leaf) const {
    return leaf ? slice(leaf->getSymbol()) : llvm::StringRef();
  }

  std::vector<llvm::StringRef> words() {
    std::vector<llvm::StringRef> words;
    tokens.fill();
    for (antlr4::Token *token : tokens.getTokens())
      if (token->getType() != antlr4::Token::EOF)
        words.push_back(slice(token));
    return words;
  }

  /// Nothing for an attribute that its error cut short.
  std::optional<Attribute> attribute(RoutesParser::AttributeContext *tree) const;
  RouteLine finish(llvm::ArrayRef<RoutesParser::AttributeContext *> attributes);
};

std::optional<Attribute> RouteLineReader::Machine::attribute(RoutesParser::AttributeContext *tree) const {
  if (tree->exception || !tree->getStart() || !tree->getStop())
    return std::nullopt;
  llvm::StringRef keyword = slice(tree->getStart());
  if (dynamic_cast<RoutesParser::FlagContext *>(tree))
    return Attribute{AttributeKind::Flag, keyword, {}, {}};
  if (dynamic_cast<RoutesParser::NextHopContext *>(tree))
    return Attribute{AttributeKind::NextHop, keyword, {}, {}};
  if (dynamic_cast<RoutesParser::RestatedContext *>(tree))
    return Attribute{AttributeKind::Restated, keyword, {}, {}};
  if (dynamic_cast<RoutesParser::EncapsulationContext *>(tree))
    return Attribute{AttributeKind::Encapsulation, keyword, {}, {}};
  if (dynamic_cast<RoutesParser::CachedContext *>(tree))
    return Attribute{AttributeKind::Cached, keyword, {}, {}};
  if (auto *gateway = dynamic_cast<RoutesParser::GatewayContext *>(tree))
    return Attribute{AttributeKind::Gateway, keyword, slice(gateway->FAMILY()), slice(gateway->word())};
  if (auto *pair = dynamic_cast<RoutesParser::PairContext *>(tree))
    return Attribute{AttributeKind::Pair, keyword, {}, slice(pair->word())};
  return std::nullopt;
}

RouteLine RouteLineReader::Machine::finish(llvm::ArrayRef<RoutesParser::AttributeContext *> attributes) {
  RouteLine read;
  read.error = errors.found;
  for (RoutesParser::AttributeContext *tree : attributes) {
    std::optional<Attribute> one = attribute(tree);
    bool before = !read.error || (one && one->keyword.begin() < read.error->at.begin());
    if (one && before)
      read.attributes.push_back(*one);
  }
  read.words = words();
  return read;
}

RouteLineReader::RouteLineReader() : machine(std::make_unique<Machine>()) {}
RouteLineReader::~RouteLineReader() = default;

/// A line that is not worth parsing.
static RouteLine noRoute(llvm::StringRef line) {
  RouteLine read;
  read.words = {line};
  read.error = LineError{line.take_front(1), fmt::format("a line of {} bytes is no route", line.size())};
  return read;
}

RouteLine RouteLineReader::route(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noRoute(line);
  RoutesParser::IpRouteContext *tree = machine->parse(line, &RoutesParser::ipRoute);
  RouteLine read = machine->finish(tree->attribute());
  read.type = machine->slice(tree->TYPE());
  read.destination = machine->slice(tree->word());
  return read;
}

RouteLine RouteLineReader::furtherLine(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noRoute(line);
  return machine->finish(machine->parse(line, &RoutesParser::furtherLine)->attribute());
}

RouteLine RouteLineReader::row(llvm::StringRef line) {
  if (line.size() > kMaxBytes)
    return noRoute(line);
  machine->parse(line, &RoutesParser::row);
  return machine->finish({});
}

} // namespace iptlint::parse
