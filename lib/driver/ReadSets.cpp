#include "driver/ReadSets.h"
#include "driver/ReadWhole.h"
#include "report/Line.h"

namespace iptlint::driver {

std::optional<parse::ParsedSets> readSets(const std::vector<std::string> &paths, llvm::raw_ostream &err) {
  std::vector<std::shared_ptr<const support::Source>> sources;
  for (const std::string &path : paths) {
    auto source = support::Source::read(path);
    if (!source) {
      err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
      return std::nullopt;
    }
    sources.push_back(*source);
  }
  return parse::parseSets(sources);
}

std::optional<std::shared_ptr<const ir::Sets>> readWholeSets(const std::vector<std::string> &paths, llvm::raw_ostream &err) {
  if (paths.empty())
    return std::shared_ptr<const ir::Sets>();
  std::optional<parse::ParsedSets> parsed = readSets(paths, err);
  if (!parsed)
    return std::nullopt;
  if (!parsed->incomplete)
    return parsed->sets;
  for (const parse::ParsedSets::File &file : parsed->files)
    if (std::string error = firstError(*file.source, file.findings); !error.empty()) {
      err << "iptlint: " << report::printable(error) << "\n";
      break;
    }
  return std::nullopt;
}

} // namespace iptlint::driver
