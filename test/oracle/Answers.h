// An oracle that gives every sequence of answers, one after the other.
#pragma once

#include "Space.h"
#include "eval/Eval.h"

namespace iptlint::oracle {

/// What was asked of the oracle. Two runs that asked the same and got the same answers acted alike on
/// everything that keeps state.
struct Question {
  enum Kind : uint8_t { Meets, HoldsAfterRewrite, AnyValue, Ends, Returns, BrokenMatches, Policy } kind;
  llvm::StringRef about;
  bool operator==(const Question &) const = default;
};

/// Use: do { answers.begin(); run with it; } while (answers.another());
class EveryAnswer : public eval::Oracle {
public:
  /// \param afterRewrites  not to ask about functions after rewritings: their values as bits, kMaxRewrites for each
  /// function.
  explicit EveryAnswer(const Space &space, std::optional<uint64_t> afterRewrites = std::nullopt)
      : space(space), afterRewrites(afterRewrites) {}
  static constexpr unsigned kMaxRewrites = 4;

  /// Before each run, those with the first answers included.
  void begin();
  /// Moves on to the next sequence; false if that was the last, and the next one is the first again.
  bool another();

  /// Of this run, in order.
  const std::vector<Question> &asked() const { return questions; }
  /// The conditions with state that this run evaluated.
  const std::vector<const ir::OpaqueTest *> &evaluated() const { return tests; }

  bool meets(const ir::OpaqueTest &test) override;
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override;
  Value anyValue(Field field) override;
  bool opaqueTargetEnds(const ir::Rule &rule) override;
  bool opaqueTargetReturns(const ir::Rule &rule) override;
  bool brokenRuleMatches(const ir::Rule &rule) override;
  bool policyAccepts(const ir::Chain &chain) override;

protected:
  unsigned choose(unsigned count);

private:
  struct Choice {
    unsigned taken;
    unsigned count;
  };
  struct Known {
    llvm::StringRef text;
    unsigned rewrites;
    bool holds;
  };

  const Space &space;
  std::optional<uint64_t> afterRewrites;
  std::vector<Choice> choices;
  size_t position = 0;
  std::vector<Question> questions;
  std::vector<const ir::OpaqueTest *> tests;
  std::vector<Known> known;
};

} // namespace iptlint::oracle
