// What a file is checked with: the command line together with the configuration that is nearest to the file.
//
// Files of one run may have different ones. Each configuration is read once, and so is all that it names; whatever is
// wrong with it is said then.
#pragma once

#include "driver/Options.h"
#include "ir/Network.h"
#include "lint/Check.h"
#include "report/Report.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace iptlint::driver {

struct Session {
  Options options;
  std::vector<const lint::Check *> checks;
  std::shared_ptr<const ir::Sets> sets;       ///< null: nothing is known of any
  std::shared_ptr<const ir::Network> network; ///< null: nothing is known of what surrounds the rules
  std::vector<report::FileReport> otherReports; ///< of files of sets and the network's texts in which something was found
  bool incomplete = false;                      ///< not all of these could be read
};

class Sessions {
public:
  /// \param options  those of the command line.
  Sessions(const Options &options, llvm::raw_ostream &err) : options(options), err(err) {}

  /// The session of a file; nullptr, which was said, where its configuration or the hosts that it names are of no use.
  /// Valid as long as this is.
  const Session *of(const std::string &file);

  /// All that were opened, by the paths of their configurations.
  const std::map<std::string, std::optional<Session>> &all() const { return opened; }

private:
  std::optional<Session> open(const std::string &config) const;
  bool configure(const std::string &config, Options &wanted) const;

  const Options &options;
  llvm::raw_ostream &err;
  std::map<std::string, std::optional<Session>> opened;
};

} // namespace iptlint::driver
