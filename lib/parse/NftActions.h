// What statements of nft text do, put into the words of iptables, which the one reader of options understands.
#pragma once

#include "packet/Field.h"
#include "parse/NftLine.h"

namespace iptlint::parse {

/// The words behind `-j` for a clause that acts, `LOG --log-prefix "x"`, or of a condition with state,
/// `-m limit --limit 3/min`; empty for one that iptables has no words for.
std::string nftWords(const NftClause &clause, packet::Family family);

} // namespace iptlint::parse
