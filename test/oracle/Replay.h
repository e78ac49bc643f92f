// The answers that one account got to what is not known, given to another that must ask for the same.
#pragma once

#include "Answers.h"
#include <map>

namespace iptlint::oracle {

/// A question that the chain asked, and the answer it got.
struct Asked {
  Question::Kind kind;
  std::string about;
  Value answer;
};

/// Answers as another oracle does, and takes it down.
class Recording : public eval::Oracle {
public:
  explicit Recording(eval::Oracle &from) : from(from) {}
  bool meets(const ir::OpaqueTest &test) override { return note(Question::Meets, test.text, from.meets(test)); }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override {
    return functions[{test.text.str(), rewrites}] = from.holdsAfterRewrite(test, rewrites);
  }
  Value anyValue(Field field) override { return note(Question::AnyValue, packet::name(field), from.anyValue(field)); }
  bool opaqueTargetEnds(const ir::Rule &rule) override {
    return note(Question::Ends, rule.target.name, from.opaqueTargetEnds(rule));
  }
  bool brokenRuleMatches(const ir::Rule &rule) override { return from.brokenRuleMatches(rule); }
  bool policyAccepts(const ir::Chain &chain) override {
    return note(Question::Policy, chain.name, from.policyAccepts(chain));
  }

  std::vector<Asked> asked;
  std::map<std::pair<std::string, unsigned>, bool> functions;

private:
  template <typename Answer> Answer note(Question::Kind kind, llvm::StringRef about, Answer answer) {
    asked.push_back({kind, about.str(), Value(answer)});
    return answer;
  }
  eval::Oracle &from;
};

/// Gives the answers of a recording, and notices whatever is asked otherwise.
class Replay : public eval::Oracle {
public:
  explicit Replay(const Recording &of) : of(of) {}
  bool meets(const ir::OpaqueTest &test) override { return next(Question::Meets, test.text) != 0; }
  bool holdsAfterRewrite(const ir::OpaqueTest &test, unsigned rewrites) override {
    auto known = of.functions.find({test.text.str(), rewrites});
    differs |= known == of.functions.end();
    return !differs && known->second;
  }
  Value anyValue(Field field) override { return next(Question::AnyValue, packet::name(field)); }
  bool opaqueTargetEnds(const ir::Rule &rule) override { return next(Question::Ends, rule.target.name) != 0; }
  bool brokenRuleMatches(const ir::Rule &) override { return !(differs = true); }
  bool policyAccepts(const ir::Chain &chain) override { return next(Question::Policy, chain.name) != 0; }

  bool sameQuestions() const { return !differs && position == of.asked.size(); }

private:
  Value next(Question::Kind kind, llvm::StringRef about) {
    differs |= position == of.asked.size() || of.asked[position].kind != kind || of.asked[position].about != about;
    return differs ? 0 : of.asked[position++].answer;
  }
  const Recording &of;
  size_t position = 0;
  bool differs = false;
};

} // namespace iptlint::oracle
