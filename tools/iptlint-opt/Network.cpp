#include "Network.h"
#include "Print.h"
#include "emit/Emit.h"
#include "parse/Parse.h"
#include "llvm/Support/raw_ostream.h"

using namespace iptlint;
using Sources = parse::NetworkTexts::Sources;

/// Where the text that a word names belongs; \p word is then what stands behind the `=`. Null: the word names none.
static Sources *destinationOf(llvm::StringRef &word, parse::NetworkTexts &texts) {
  if (word.consume_front("--routes="))
    return &texts.routes;
  if (word.consume_front("--rules="))
    return &texts.rules;
  if (word.consume_front("--addresses="))
    return &texts.addresses;
  if (word.consume_front("--bridges="))
    return &texts.bridges;
  if (word.consume_front("--sysctl="))
    return &texts.settings;
  return nullptr;
}

bool isNetworkText(llvm::StringRef word) {
  parse::NetworkTexts none;
  return destinationOf(word, none) != nullptr;
}

static bool read(llvm::StringRef word, parse::NetworkTexts &texts) {
  Sources &sources = *destinationOf(word, texts);
  if (&sources == &texts.settings && word.contains('=')) {
    sources.push_back(support::Source::fromText(word, "--sysctl"));
    return true;
  }
  auto source = support::Source::read(word);
  if (source)
    sources.push_back(*source);
  else
    llvm::errs() << "iptlint-opt: " << llvm::toString(source.takeError()) << '\n';
  return bool(source);
}

int printNetwork(llvm::ArrayRef<llvm::StringRef> words, std::shared_ptr<const parse::Hosts> hosts) {
  parse::NetworkTexts texts;
  texts.hosts = std::move(hosts);
  for (llvm::StringRef word : words)
    if (!read(word, texts))
      return 2;
  parse::ParsedNetwork parsed = parse::parseNetwork(texts);
  for (const parse::ParsedNetwork::File &file : parsed.files)
    for (const support::Diagnostic &finding : file.findings)
      print(*file.source, finding);
  llvm::outs() << emit::networkText(*parsed.network);
  return parsed.incomplete ? 2 : 0;
}
