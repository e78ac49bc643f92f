#include "emit/NftMaps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <set>

namespace iptlint::emit {

using ir::Field;
using ir::Interval;
using ir::Value;
using packet::Family;

/// Two rules cost what a look-up does.
constexpr size_t kLeastRules = 3;
/// So many ranges are compared with each new rule; a run ends where there would be more.
constexpr size_t kMostRanges = 2048;
/// Of one key. Source: linux/netfilter/nf_tables.h, NFT_DATA_VALUE_MAXLEN.
constexpr unsigned kMostKeyBytes = 64;
constexpr llvm::StringLiteral kIndent = "    ", kElementIndent = "      ";

// --- which rules go together

namespace {

/// What rules of one run have in common: the fields that they ask, and all else that they test, to the letter.
struct Shape {
  std::vector<Field> fields;
  std::vector<std::string> others;
  bool operator==(const Shape &) const = default;
};

/// One range for each field of a shape.
using Box = std::vector<Interval>;

/// The boxes of a run, of which no two overlap.
class Boxes {
public:
  /// \returns false where the box overlaps with one that is here, or there are too many to tell.
  bool add(const Box &box);

private:
  std::set<std::vector<Value>> points; ///< boxes of one value for each field
  std::vector<Box> ranges;             ///< all others
};

} // namespace

static bool overlap(const Box &left, const Box &right) {
  for (size_t i = 0; i != left.size(); ++i)
    if (left[i].hi < right[i].lo || right[i].hi < left[i].lo)
      return false;
  return true;
}

bool Boxes::add(const Box &box) {
  if (llvm::any_of(ranges, [&](const Box &other) { return overlap(box, other); }))
    return false;
  if (llvm::all_of(box, [](Interval range) { return range.lo == range.hi; })) {
    std::vector<Value> point;
    for (Interval range : box)
      point.push_back(range.lo);
    return points.insert(std::move(point)).second;
  }
  auto holds = [&](const std::vector<Value> &point) {
    for (size_t i = 0; i != box.size(); ++i)
      if (point[i] < box[i].lo || box[i].hi < point[i])
        return false;
    return true;
  };
  if (ranges.size() == kMostRanges || points.size() > kMostRanges || llvm::any_of(points, holds))
    return false;
  ranges.push_back(box);
  return true;
}

static bool maySteer(const NftRule &rule) {
  return rule.isVerdict && !rule.keepsState;
}

/// Keys in the order of their fields, since rules may ask in any.
static std::vector<NftKey> keysOf(const NftRule &rule) {
  std::vector<NftKey> keys;
  for (const NftPart &part : rule.parts)
    if (part.key)
      keys.push_back(*part.key);
  llvm::stable_sort(keys, [](const NftKey &left, const NftKey &right) { return left.field < right.field; });
  return keys;
}

static Shape shapeOf(const NftRule &rule) {
  Shape shape;
  for (const NftKey &key : keysOf(rule))
    shape.fields.push_back(key.field);
  for (const NftPart &part : rule.parts)
    if (!part.key)
      shape.others.push_back(part.text);
  llvm::sort(shape.others);
  return shape;
}

/// No field is asked twice, and the rule has something to ask.
static bool isBox(const Shape &shape) {
  return !shape.fields.empty() && std::adjacent_find(shape.fields.begin(), shape.fields.end()) == shape.fields.end();
}

/// What a called chain can write: behind a jump that comes back another rule of the run could match.
static bool isSteady(const NftRule &rule) {
  return llvm::all_of(rule.parts,
                      [](const NftPart &part) { return part.key ? part.key->field != Field::Mark : part.steady; });
}

static Box boxOf(const NftRule &rule) {
  Box box;
  for (const NftKey &key : keysOf(rule))
    box.push_back(key.value);
  return box;
}

/// How many rules from the first on can become one map.
static size_t runLength(llvm::ArrayRef<NftRule> rules) {
  Shape shape = shapeOf(rules[0]);
  if (!maySteer(rules[0]) || !isBox(shape))
    return 1;
  Boxes boxes;
  size_t length = 0;
  while (length != rules.size()) {
    const NftRule &next = rules[length];
    bool fits = maySteer(next) && (!next.comesBack || isSteady(next)) && shapeOf(next) == shape;
    if (!fits || !boxes.add(boxOf(next)))
      break;
    ++length;
  }
  return std::max<size_t>(length, 1);
}

// --- how a run is written

namespace {

/// A run that is written as one map.
class Map {
public:
  Map(llvm::ArrayRef<NftRule> rules, Family family);

  bool fits() const { return !varying.empty() && bytes <= kMostKeyBytes; }
  void append(std::string &out) const;

private:
  std::string guards() const;
  std::string element(const NftRule &rule) const;

  llvm::ArrayRef<NftRule> rules;
  Family family;
  std::vector<size_t> varying; ///< which of the fields not all rules ask for the same
  std::vector<NftKey> first;   ///< the keys of the first rule
  std::optional<unsigned> protocol;
  unsigned bytes = 0;
};

} // namespace

/// In a key each field takes up whole words of four bytes.
static unsigned keyBytes(Field field, Family family) {
  constexpr unsigned kBits = 32;
  return (packet::bits(field, family) + kBits - 1) / kBits * (kBits / 8);
}

Map::Map(llvm::ArrayRef<NftRule> rules, Family family) : rules(rules), family(family), first(keysOf(rules[0])) {
  std::vector<bool> differs(first.size());
  for (const NftRule &rule : rules) {
    std::vector<NftKey> keys = keysOf(rule);
    for (size_t i = 0; i != first.size(); ++i)
      if (!(keys[i] == first[i]))
        differs[i] = true;
  }
  for (size_t i = 0; i != first.size(); ++i) {
    if (differs[i]) {
      varying.push_back(i);
      bytes += keyBytes(first[i].field, family);
    } else if (first[i].field == Field::Proto)
      protocol = rules[0].protocol;
  }
}

/// What all rules ask alike stands in front: the protocol first, for what reads its header.
std::string Map::guards() const {
  std::string text, protocolText;
  for (size_t i = 0; i != first.size(); ++i) {
    if (llvm::is_contained(varying, i))
      continue;
    std::string guard = nftSelector(first[i].field, protocol, family) + " " + nftValue(first[i], family) + " ";
    (first[i].field == Field::Proto ? protocolText : text) += guard;
  }
  for (const NftPart &part : rules[0].parts)
    if (!part.key)
      text += part.text + " ";
  return protocolText + text;
}

std::string Map::element(const NftRule &rule) const {
  std::vector<NftKey> keys = keysOf(rule);
  std::vector<std::string> values;
  for (size_t i : varying)
    values.push_back(nftValue(keys[i], family));
  return llvm::join(values, " . ") + " : " + rule.statement;
}

void Map::append(std::string &out) const {
  std::vector<std::string> selectors;
  for (size_t i : varying)
    selectors.push_back(nftSelector(first[i].field, protocol, family));
  out += (kIndent + guards() + llvm::join(selectors, " . ") + " vmap {\n").str();
  for (const NftRule &rule : rules) {
    out += kElementIndent;
    out += element(rule);
    out += &rule == &rules.back() ? "" : ",";
    if (!rule.comment.empty())
      out += (" # " + rule.comment).str();
    out += '\n';
  }
  out += (kIndent + "}\n").str();
}

/// Where nft can hold a comment, it does; else the text alone has it.
static void appendRule(std::string &out, const NftRule &rule, Family family) {
  constexpr size_t kLongest = 127;
  bool held = rule.comment.size() <= kLongest && rule.comment.find_first_of("\"\\") == llvm::StringRef::npos;
  if (!rule.comment.empty() && !held)
    out += (kIndent + "# " + rule.comment + "\n").str();
  out += kIndent;
  out += nftRuleText(rule, family);
  if (!rule.comment.empty() && held)
    out += (" comment \"" + rule.comment + "\"").str();
  out += '\n';
}

void appendNftRules(std::string &out, llvm::ArrayRef<NftRule> rules, Family family, bool maps) {
  while (!rules.empty()) {
    size_t length = maps ? runLength(rules) : 1;
    if (length >= kLeastRules)
      if (Map map(rules.take_front(length), family); map.fits()) {
        map.append(out);
        rules = rules.drop_front(length);
        continue;
      }
    appendRule(out, rules[0], family);
    rules = rules.drop_front();
  }
}

} // namespace iptlint::emit
