// Fields of a packet whose values are not known, and what is known of them all the same.
//
// A field is opened with the values that it may have. Each test that its values decide differently is a question; the
// answer leaves fewer values, so that later tests are answered in agreement with it.
#pragma once

#include "eval/Question.h"
#include "ir/Ruleset.h"
#include "packet/Packet.h"
#include <map>

namespace iptlint::eval {

class OpenFields {
public:
  using Ranges = std::vector<ir::Interval>;

  /// Any of \p ranges, which are sorted and disjoint; empty: any value at all.
  void open(packet::Field field, Ranges ranges = {});
  /// It has a value now.
  void close(packet::Field field) { values.erase(field); }
  bool isOpen(packet::Field field) const { return values.count(field); }
  bool any() const { return !values.empty(); }
  /// Of what is open, the values that it may have; empty: any.
  Ranges possible(packet::Field field) const;
  const auto &all() const { return values; }

  /// Whether a test holds that reads an open field; nothing if it reads none.
  /// \param where  "line 12", for questions.
  std::optional<bool> holds(const ir::Test &test, const packet::Packet &packet, Chooser &chooser,
                            const std::string &where);

private:
  struct Values {
    Ranges ranges;                       ///< empty: any
    packet::Value known = 0;             ///< bits whose value is known
    packet::Value bits = 0;              ///< their values
    std::map<std::string, bool> answers; ///< of tests that ranges and bits cannot hold
  };

  bool reads(const ir::Test &test) const;
  bool isIn(packet::Field field, const ir::RangeTest &test, const packet::Packet &packet, Chooser &chooser,
            const std::string &where);
  bool holds(const ir::RangeTest &test, const packet::Packet &packet, Chooser &chooser, const std::string &where);
  bool holds(const ir::MaskTest &test, const packet::Packet &packet, Chooser &chooser, const std::string &where);
  bool holds(const ir::UnionTest &test, const packet::Packet &packet, Chooser &chooser, const std::string &where);

  std::map<packet::Field, Values> values;
};

/// "10.0.0.1", "80", "NEW": a value as questions and reasons write it.
std::string valueWords(packet::Field field, packet::Value value, packet::Family family);
/// "80, 8000-8999".
std::string rangesWords(packet::Field field, llvm::ArrayRef<ir::Interval> ranges, packet::Family family);

} // namespace iptlint::eval
