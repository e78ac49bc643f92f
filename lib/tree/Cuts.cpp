#include "tree/Cuts.h"
#include "tree/Askable.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

namespace iptlint::tree {

/// At each value where tests begin or end; where these are too many, with as many of them in each part.
static std::vector<Part> partsAt(llvm::ArrayRef<Value> at, Interval whole, unsigned fanOut) {
  if (at.empty())
    return {};
  // Values that stand alone have what is between them on both sides; that is one branch in the end.
  size_t count = at.size() < 2 * fanOut ? at.size() + 1 : fanOut;
  std::vector<Part> parts;
  Value from = 0;
  for (size_t b = 1; b < count; ++b) {
    Value start = count == at.size() + 1 ? at[b - 1] : at[b * at.size() / fanOut];
    parts.push_back({{from, start - 1}});
    from = start;
  }
  parts.push_back({{from, whole.hi}});
  return parts;
}

static size_t partOf(llvm::ArrayRef<Part> parts, Value value) {
  return size_t(llvm::partition_point(parts, [&](const Part &part) { return part.values.hi < value; }) - parts.begin());
}

namespace {

/// Which branches of a cut an interval comes to: all parts from the first to the last, those of the rest being one.
class BranchCount {
public:
  explicit BranchCount(llvm::ArrayRef<Part> parts) : parts(parts), restBefore(parts.size() + 1) {
    for (size_t p = 0; p != parts.size(); ++p)
      restBefore[p + 1] = restBefore[p] + parts[p].rest;
  }
  size_t of(size_t first, size_t last) const {
    size_t rest = restIn(first, last);
    return last - first + 1 - rest + (rest != 0);
  }
  size_t restIn(size_t first, size_t last) const { return restBefore[last + 1] - restBefore[first]; }
  size_t all() const { return of(0, parts.size() - 1); }

private:
  llvm::ArrayRef<Part> parts;
  std::vector<size_t> restBefore;
};

/// What a cut would come to.
struct Forecast {
  double left;     ///< which part of the rules a packet still has before it
  double repeated; ///< how often a rule stands in a branch, on average
};

/// Rules and weights of the branches, but for those that all of them get.
class Shares {
public:
  explicit Shares(llvm::ArrayRef<Part> parts)
      : parts(parts), count(parts), rules(parts.size() + 1), weights(parts.size() + 1) {}
  void add(const Span &span);
  Forecast sum(const Columns &columns, size_t freeRules, double freeWeight, double allWeight) const;

private:
  llvm::ArrayRef<Part> parts;
  BranchCount count;
  std::vector<double> rules, weights; ///< how much more than in the part before
  double restRules = 0, restWeight = 0;
};

} // namespace

void Shares::add(const Span &span) {
  size_t first = partOf(parts, span.values.lo), last = partOf(parts, span.values.hi);
  double part = span.weight / double(count.of(first, last));
  rules[first] += 1, rules[last + 1] -= 1;
  weights[first] += part, weights[last + 1] -= part;
  if (count.restIn(first, last))
    restRules += 1, restWeight += part;
}

Forecast Shares::sum(const Columns &columns, size_t freeRules, double freeWeight, double allWeight) const {
  double left = 0, standing = 0, here = 0, weightHere = 0, free = double(freeRules);
  double freePart = freeWeight / double(count.all());
  auto addBranch = [&](double ofRules, double ofWeight) {
    standing += free + ofRules;
    left += (ofWeight + freePart) / allWeight * (free + ofRules);
  };
  for (size_t p = 0; p != parts.size(); ++p) {
    here += rules[p], weightHere += weights[p];
    if (!parts[p].rest)
      addBranch(here, weightHere);
  }
  if (count.restIn(0, parts.size() - 1))
    addBranch(restRules, restWeight);
  return {left / double(columns.rules), standing / double(columns.rules)};
}

static Forecast forecast(const Columns &columns, const Column &column, llvm::ArrayRef<Part> parts,
                         double policyWeight) {
  Shares shares(parts);
  double all = columns.weight + policyWeight, freeWeight = all;
  for (const Span &span : column.spans) {
    shares.add(span);
    freeWeight -= span.weight;
  }
  return shares.sum(columns, columns.rules - column.spans.size(), freeWeight, all);
}

/// Every rule holds addresses, interfaces and a protocol; for all else it calls a match, which takes as long again.
static bool needsMatch(Field field) {
  return field != Field::Src && field != Field::Dst && field != Field::In && field != Field::Out &&
         field != Field::Proto;
}

/// A branch that is everything else takes half of the intervals where values stand alone.
static double priceOf(Field field, llvm::ArrayRef<Part> parts, const CutGoal &goal) {
  if (!goal.asRules)
    return goal.cost.perChain + goal.cost.perRule * (double(parts.size() - 1) / 2 + 2) / 2;
  double tested = double(BranchCount(parts).all() - 1);
  return goal.cost.perChain + goal.cost.perRule * (needsMatch(field) ? 2 : 1) * (tested + 2) / 2;
}

namespace {

struct Candidate {
  Cut cut;
  double weighed = 0; ///< what it costs, and more where it repeats rules
};

class Choice {
public:
  Choice(const Residue &residue, const Region &region, const ir::Table &table, const WrittenCost &written,
         const CutGoal &goal)
      : residue(residue), region(region), goal(goal), columns(residue.list, region, table),
        now(costOf(residue, table, written).expected.nanoseconds(goal.cost)),
        anyCut(goal.mostRules && columns.rules > *goal.mostRules) {}
  std::optional<Cut> run() const;

private:
  std::optional<Candidate> candidate(Field field) const;
  std::vector<Part> partsOf(Field field) const;
  bool isWaiting(Field field) const;

  const Residue &residue;
  const Region &region;
  const CutGoal &goal;
  Columns columns;
  double now;
  bool anyCut;
};

} // namespace

std::vector<Part> Choice::partsOf(Field field) const {
  const Column &column = columns.of[unsigned(field)];
  return goal.asRules ? askableParts(field, column, region, goal.cost.fanOut)
                      : partsAt(column.starts, region.whole(field), goal.cost.fanOut);
}

std::optional<Candidate> Choice::candidate(Field field) const {
  std::vector<Part> parts = partsOf(field);
  if (parts.size() < 2)
    return std::nullopt;
  Forecast then = forecast(columns, columns.of[unsigned(field)], parts, residue.policyWeight);
  double price = priceOf(field, parts, goal) + now * then.left;
  if (isWaiting(field))
    price += goal.cost.perChain + goal.cost.perRule * 2; // the protocol comes first
  if (!anyCut && price >= now)
    return std::nullopt;
  double weighed = price * std::pow(std::max(1.0, then.repeated), goal.dearness);
  return Candidate{{field, std::move(parts), now - price, then.repeated * double(columns.rules)}, weighed};
}

/// Whether a rule could ask for the field only once the protocol is known.
bool Choice::isWaiting(Field field) const {
  return goal.asRules && isOfHeader(field) && !protocolFor(field, region);
}

std::optional<Cut> Choice::run() const {
  if (columns.rules == 0 || (goal.mostRules && !anyCut))
    return std::nullopt;
  std::optional<Candidate> best;
  for (unsigned field = 0; field != packet::kFieldCount; ++field)
    if (std::optional<Candidate> next = candidate(Field(field)); next && (!best || next->weighed < best->weighed)) {
      std::vector<Part> protocols;
      if (isWaiting(Field(field)) && (protocols = partsOf(Field::Proto)).size() < 2)
        continue;
      if (isWaiting(Field(field)))
        next->cut = Cut{Field::Proto, std::move(protocols), next->cut.gain, next->cut.standing};
      best = std::move(next);
    }
  return best ? std::optional(std::move(best->cut)) : std::nullopt;
}

std::optional<Cut> bestCut(const Residue &residue, const Region &region, const ir::Table &table,
                           const WrittenCost &written, const CutGoal &goal) {
  return Choice(residue, region, table, written, goal).run();
}

size_t branchesOf(const Cut &cut) {
  return BranchCount(cut.parts).all();
}

static List spread(const List &list, const Region &region, const Cut &cut, const ir::Table &table,
                   const BranchCount &count) {
  List parts = list;
  for (Entry &entry : parts) {
    Region own = narrowedBy(entry, table, region);
    Interval values = own.of(cut.field);
    if (entry.inner)
      entry.inner = std::make_shared<const List>(spread(*entry.inner, own, cut, table, count));
    else
      entry.weight /= double(count.of(partOf(cut.parts, values.lo), partOf(cut.parts, values.hi)));
  }
  return parts;
}

Residue spread(const Residue &residue, const Region &region, const Cut &cut, const ir::Table &table) {
  BranchCount count(cut.parts);
  return {spread(residue.list, region, cut, table, count), residue.policyWeight / double(count.all())};
}

} // namespace iptlint::tree
