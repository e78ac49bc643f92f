// What is supposed where the texts do not say: all ways through a computation that asks yes-or-no questions.
//
//   Suppositions cases;
//   do
//     decisions.push_back(decide(cases));
//   while (cases.next());
//
// The computation is run once for each way. It asks in the same order as long as it gets the same answers, so the
// answers so far say which way is next.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include <string>
#include <vector>

namespace iptlint::eval {

class Suppositions {
public:
  /// Whether the first holds and not the second, its contrary. Of one question, the same answer all the way. No is
  /// tried first.
  bool suppose(const std::string &yes, const std::string &no) {
    for (const Answer &answer : llvm::makeArrayRef(answers).take_front(asked))
      if (answer.yes == yes)
        return answer.given;
    if (asked == answers.size())
      answers.push_back({yes, no, false});
    return answers[asked++].given;
  }

  /// Begins the next way; false if there is none.
  bool next() {
    while (!answers.empty() && answers.back().given)
      answers.pop_back();
    if (answers.empty())
      return false;
    answers.back().given = true;
    asked = 0;
    return true;
  }

  /// What is supposed on this way: "a, b"; empty if nothing had to be.
  std::string text() const {
    std::string all;
    for (const Answer &answer : llvm::makeArrayRef(answers).take_front(asked))
      all += (all.empty() ? "" : ", ") + (answer.given ? answer.yes : answer.no);
    return all;
  }

private:
  struct Answer {
    std::string yes, no;
    bool given;
  };
  std::vector<Answer> answers;
  size_t asked = 0;
};

} // namespace iptlint::eval
