#include "driver/ReadNetwork.h"
#include "report/Line.h"
#include "report/Text.h"

namespace iptlint::driver {

using Sources = parse::NetworkTexts::Sources;

/// \returns false, having said so, where a file cannot be opened.
static bool readInto(Sources &sources, const std::string &path, llvm::raw_ostream &err) {
  auto source = support::Source::read(path);
  if (source)
    sources.push_back(*source);
  else
    err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
  return bool(source);
}

static bool readAll(Sources &sources, const std::vector<std::string> &paths, llvm::raw_ostream &err) {
  for (const std::string &path : paths)
    if (!readInto(sources, path, err))
      return false;
  return true;
}

/// Files and NAME=VALUE, in the order given: what comes later counts.
static bool readSettings(Sources &sources, const std::vector<std::string> &settings, llvm::raw_ostream &err) {
  for (const std::string &setting : settings) {
    if (llvm::StringRef(setting).contains('='))
      sources.push_back(support::Source::fromText(setting, "--sysctl"));
    else if (!readInto(sources, setting, err))
      return false;
  }
  return true;
}

std::optional<parse::ParsedNetwork> readNetwork(const NetworkFiles &files, std::shared_ptr<const parse::Hosts> hosts,
                                                llvm::raw_ostream &err) {
  parse::NetworkTexts texts;
  texts.hosts = std::move(hosts);
  if (!readAll(texts.routes, files.routes, err) || !readAll(texts.rules, files.rules, err) ||
      !readAll(texts.addresses, files.addresses, err) || !readAll(texts.bridges, files.bridges, err) ||
      !readSettings(texts.settings, files.settings, err))
    return std::nullopt;
  return parse::parseNetwork(texts);
}

std::optional<std::shared_ptr<const ir::Network>>
readWholeNetwork(const NetworkFiles &files, std::shared_ptr<const parse::Hosts> hosts, llvm::raw_ostream &err) {
  if (files.empty())
    return std::shared_ptr<const ir::Network>();
  std::optional<parse::ParsedNetwork> parsed = readNetwork(files, std::move(hosts), err);
  if (!parsed)
    return std::nullopt;
  for (parse::ParsedNetwork::File &file : parsed->files)
    if (!file.findings.empty())
      report::printText({{file.source, {}, std::move(file.findings), 0}}, /*colour=*/false, err);
  return parsed->incomplete ? std::nullopt : std::optional(parsed->network);
}

} // namespace iptlint::driver
