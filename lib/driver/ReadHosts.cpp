#include "driver/ReadHosts.h"
#include "report/Line.h"
#include "support/Source.h"

namespace iptlint::driver {

std::shared_ptr<const parse::Hosts> readHosts(const std::vector<std::string> &paths, llvm::raw_ostream &err) {
  auto hosts = std::make_shared<parse::Hosts>();
  for (const std::string &path : paths) {
    auto source = support::Source::read(path);
    if (!source) {
      err << "iptlint: " << report::printable(llvm::toString(source.takeError())) << "\n";
      return nullptr;
    }
    if (unsigned line = hosts->add((*source)->text())) {
      err << "iptlint: " << report::printable(path) << ":" << line << ": a line of hosts begins with an address\n";
      return nullptr;
    }
  }
  return hosts;
}

} // namespace iptlint::driver
