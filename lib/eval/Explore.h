// All ways that something can go, whose course hangs on answers that are not known.
//
// What is explored is run once for each sequence of answers: it asks a Chooser, which follows the answers of an earlier
// run up to one and gives another there. So nothing but the answers is kept between runs, and what is explored need not
// know that it is.
#pragma once

#include "eval/Question.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include <functional>

namespace iptlint::eval {

struct Answered {
  Question question;
  size_t answer = 0;
  const Answer &chosen() const { return question.answers[answer]; }
};

/// The answers of one run, in the order they were asked for.
struct Course {
  std::vector<Answered> choices;
  /// Of the packets for which the answers without a known share are these.
  Fraction share() const;
  /// Whether every answer has a known share.
  bool isChanceAlone() const;
};

/// An answer that the user has chosen: a condition, whole or its beginning, and whether it holds.
struct Assumption {
  std::string condition;
  bool holds = true;
  mutable bool used = false;

  /// "-m limit" fits "-m limit --limit 5/min", and not "-m limits".
  bool fits(llvm::StringRef text) const;
};

/// Runs \p run for every course, first answers first.
/// \param assumptions  take answers away from questions that they fit; where none is left, the question stands as it
/// is. \param most  courses at most. \returns whether these were all.
bool explore(llvm::function_ref<void(Chooser &)> run, llvm::function_ref<void(Course)> done,
             llvm::ArrayRef<Assumption> assumptions, size_t most);

} // namespace iptlint::eval
