// What the rules and the network leave open, as questions with their possible answers.
#pragma once

#include "eval/Fraction.h"
#include <optional>
#include <string>
#include <vector>

namespace iptlint::eval {

struct Answer {
  /// What holds then: "-m limit --limit 5/min matches", "10.0.0.9 is an address of this machine".
  std::string condition;
  bool holds = true;             ///< the condition does, or does not
  std::optional<Fraction> share; ///< of the packets that come to the question; none: not known
};

/// One of the answers is so; none excludes that another would have been for another packet.
struct Question {
  std::string where; ///< "line 12"; empty: no single rule asks
  std::vector<Answer> answers;

  static Question whether(std::string condition, std::string where = "", std::optional<Fraction> share = {},
                          std::optional<Fraction> otherwise = {}) {
    return {std::move(where), {{condition, true, std::move(share)}, {condition, false, std::move(otherwise)}}};
  }
};

/// Says which answer a journey is to go by.
class Chooser {
public:
  virtual ~Chooser() = default;
  /// \returns an index into the answers, of which there is at least one.
  virtual size_t choose(const Question &question) = 0;
  /// The first answer of two that are Question::whether.
  bool chooses(const Question &question) { return choose(question) == 0; }
};

} // namespace iptlint::eval
