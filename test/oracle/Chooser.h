// What decides where several things may happen: chance, or every way one after the other.
#pragma once

#include "RandomTable.h"
#include <vector>

namespace iptlint::oracle {

class Chooser {
public:
  virtual ~Chooser() = default;
  /// 0 to \p count - 1.
  virtual unsigned choose(unsigned count) = 0;
  template <typename T> const T &oneOf(const std::vector<T> &values) { return values[choose(unsigned(values.size()))]; }
};

class ByChance : public Chooser {
public:
  explicit ByChance(uint64_t seed) : dice(seed) {}
  unsigned choose(unsigned count) override { return unsigned(dice.roll(count)); }

private:
  Dice dice;
};

/// Use: do { every.begin(); run with it; } while (every.another());
class EveryWay : public Chooser {
public:
  void begin() { position = 0; }
  /// Moves on to the next way; false if that was the last.
  bool another() {
    while (!choices.empty() && choices.back().taken + 1 == choices.back().count)
      choices.pop_back();
    if (choices.empty())
      return false;
    ++choices.back().taken;
    return true;
  }
  unsigned choose(unsigned count) override {
    if (count == 1)
      return 0;
    if (position == choices.size())
      choices.push_back({0, count});
    return choices[position++].taken;
  }

private:
  struct Choice {
    unsigned taken;
    unsigned count;
  };
  std::vector<Choice> choices;
  size_t position = 0;
};

} // namespace iptlint::oracle
