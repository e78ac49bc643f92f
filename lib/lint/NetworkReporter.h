// Takes a check's findings about what surrounds the rules, each in the text that it stands in.
#pragma once

#include "ir/Network.h"
#include "lint/Reporter.h"

namespace iptlint::lint {

/// By text, as ir::Network::sources has them.
using NetworkFindings = std::vector<std::vector<support::Diagnostic>>;

class NetworkReporter {
public:
  /// \p findings  where to put what the check finds; as many as there are texts.
  NetworkReporter(const Check &check, const ir::Network &network, NetworkFindings &findings)
      : check(check), network(network), findings(findings) {}

  /// A finding about a route that another explains: a note where both stand in one text, else part of the message.
  void add(const ir::NetworkRoute &route, const llvm::Twine &message, const ir::NetworkRoute &because,
           const llvm::Twine &why);
  /// A finding about a route.
  Finding add(const ir::NetworkRoute &route, const llvm::Twine &message);

private:
  const Check &check;
  const ir::Network &network;
  NetworkFindings &findings;
};

} // namespace iptlint::lint
