// The chains that kube-proxy writes for a service and its endpoints, by their names.
//
// KUBE-SVC-HASH sends a service's packets to one of its KUBE-SEP-HASH, which translates them to an endpoint's address.
// Source: kubernetes, pkg/proxy/iptables/proxier.go, servicePortPolicyClusterChain(), servicePortEndpointChainName().
#pragma once

#include "ir/Ruleset.h"
#include "lint/Facts.h"
#include <string>

namespace iptlint::lint {

/// "KUBE-SVC-" and sixteen characters of base 32.
bool isServiceChain(llvm::StringRef chain);
/// "KUBE-SEP-" and the same.
bool isEndpointChain(llvm::StringRef chain);

/// "shop/web:http", which a comment of kube-proxy's begins with; empty if it does not.
llvm::StringRef serviceOfComment(llvm::StringRef comment);

/// The service that a chain is for, as comments in it or in rules that jump to it say; empty if none does.
llvm::StringRef serviceOf(const TableFacts &table, uint32_t chain);

/// " of service shop/web:http"; empty where the service is not known.
std::string ofService(llvm::StringRef service);

} // namespace iptlint::lint
