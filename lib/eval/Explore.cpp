#include "eval/Explore.h"

namespace iptlint::eval {

Fraction Course::share() const {
  Fraction share;
  for (const Answered &choice : choices)
    if (choice.chosen().share)
      share = share * *choice.chosen().share;
  return share;
}

bool Course::isChanceAlone() const {
  return llvm::all_of(choices, [](const Answered &choice) { return choice.chosen().share.has_value(); });
}

bool Assumption::fits(llvm::StringRef text) const {
  return text.consume_front(condition) && (text.empty() || text.front() == ' ');
}

/// Whether an answer is one that an assumption asks for, or takes away.
static std::optional<bool> judged(llvm::ArrayRef<Assumption> assumptions, const Answer &answer) {
  for (const Assumption &assumption : assumptions)
    if (assumption.fits(answer.condition)) {
      assumption.used = true;
      return assumption.holds == answer.holds;
    }
  return std::nullopt;
}

namespace {

/// Goes by the answers of a prefix, and by the first ones from there on.
class Recorder : public Chooser {
public:
  Recorder(llvm::ArrayRef<Assumption> assumptions, std::vector<size_t> prefix)
      : assumptions(assumptions), answers(std::move(prefix)) {}

  size_t choose(const Question &question) override;

  /// The next course's answers: the last one that can be another is; empty if there is no other course.
  std::vector<size_t> next() const;

  Course course;

private:
  std::vector<size_t> answersLeft(const Question &question) const;

  llvm::ArrayRef<Assumption> assumptions;
  std::vector<size_t> answers; ///< indices into those that are left
  std::vector<size_t> counts;  ///< how many those are
};

} // namespace

/// Answers that are asked for go before all others; those that are taken away are out.
std::vector<size_t> Recorder::answersLeft(const Question &question) const {
  std::vector<size_t> asked, open;
  for (size_t i = 0; i != question.answers.size(); ++i) {
    std::optional<bool> verdict = judged(assumptions, question.answers[i]);
    if (verdict == true)
      asked.push_back(i);
    else if (!verdict)
      open.push_back(i);
  }
  if (!asked.empty())
    return asked;
  if (open.empty())
    for (size_t i = 0; i != question.answers.size(); ++i)
      open.push_back(i);
  return open;
}

size_t Recorder::choose(const Question &question) {
  std::vector<size_t> left = answersLeft(question);
  size_t number = counts.size();
  if (number == answers.size())
    answers.push_back(0);
  counts.push_back(left.size());
  size_t answer = left[answers[number]];
  // What was the only answer is no choice, but for one that the user made.
  if (question.answers.size() > 1) {
    course.choices.push_back({question, answer});
    if (left.size() == 1)
      course.choices.back().question.answers[answer].share = Fraction();
  }
  return answer;
}

std::vector<size_t> Recorder::next() const {
  std::vector<size_t> other(answers.begin(), answers.begin() + long(counts.size()));
  while (!other.empty() && other.back() + 1 == counts[other.size() - 1])
    other.pop_back();
  if (!other.empty())
    ++other.back();
  return other;
}

bool explore(llvm::function_ref<void(Chooser &)> run, llvm::function_ref<void(Course)> done,
             llvm::ArrayRef<Assumption> assumptions, size_t most) {
  std::vector<size_t> prefix;
  for (size_t count = 0; count != most; ++count) {
    Recorder recorder(assumptions, prefix);
    run(recorder);
    prefix = recorder.next();
    done(std::move(recorder.course));
    if (prefix.empty())
      return true;
  }
  return false;
}

} // namespace iptlint::eval
