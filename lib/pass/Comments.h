// Comments of rules that become one.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::pass {

/// The most characters of `-m comment --comment` (XT_MAX_COMMENT_LEN counts the end as one more).
constexpr size_t kLongestComment = 255;

/// What each of the rules says, once, in their order, with "; " between; nothing where that is too long, or where a
/// rule's comment is a word to a program (iptlint: ...) or one of several.
std::optional<std::string> joinedComment(llvm::ArrayRef<const ir::Rule *> rules);

/// Takes the comment out of a rule's words; there is at most one.
void eraseComment(std::vector<std::string> &words);

/// Puts the comment into a rule's words, in place of the one that it has.
void writeComment(std::vector<std::string> &words, llvm::StringRef comment);

} // namespace iptlint::pass
