#include "lint/Kube.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::lint {

using llvm::StringRef;

static bool isHash(StringRef text) {
  return text.size() == 16 &&
         llvm::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); });
}

bool isServiceChain(StringRef chain) {
  return chain.consume_front("KUBE-SVC-") && isHash(chain);
}

bool isEndpointChain(StringRef chain) {
  return chain.consume_front("KUBE-SEP-") && isHash(chain);
}

/// Namespaces and names are DNS labels; a port's name stands behind a colon.
static bool isName(StringRef text) {
  return !text.empty() && llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '-' || c == '.'; });
}

StringRef serviceOfComment(StringRef comment) {
  StringRef word = comment.take_until([](char c) { return c == ' '; });
  auto [nameSpace, rest] = word.split('/');
  auto [name, port] = rest.split(':');
  bool isService = isName(nameSpace) && isName(name) && (port.empty() || isName(port)) && !word.endswith(":");
  return isService ? word : StringRef();
}

StringRef serviceOf(const TableFacts &table, uint32_t chain) {
  for (const ir::Rule &rule : table.table->chains[chain].rules)
    if (StringRef service = serviceOfComment(rule.comment); !service.empty())
      return service;
  for (const analysis::CallGraph::Site &site : table.graph.callers[chain]) {
    const ir::Rule &caller = table.table->chains[site.rule.chain].rules[site.rule.rule];
    if (StringRef service = serviceOfComment(caller.comment); !service.empty())
      return service;
  }
  return "";
}

std::string ofService(StringRef service) {
  return service.empty() ? "" : " of service " + service.str();
}

} // namespace iptlint::lint
