// Parts as people read them: in the words of rules, as far as there are any.
#pragma once

#include "query/Query.h"

namespace iptlint::query {

/// "-s 10.0.0.0/8 -p tcp --dport 80 ! -d 10.96.0.0/12", and behind it what earlier rules take out of it and what has to
/// hold besides; "any packet" where nothing is asked for.
std::string wordsOf(const Answer &answer, const Part &part, const ir::Ruleset *rules);

/// "10.0.0.1", "80": a value of one of the fields that translation writes.
std::string valueWords(Field field, Value value, packet::Family family);

} // namespace iptlint::query
