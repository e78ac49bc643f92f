#include "smt/Proof.h"
#include "smt/Partition.h"
#include "smt/Processes.h"
#include "smt/Unchanged.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <fmt/format.h>

namespace iptlint::smt {

namespace {

/// Parts for each process, so that none has to wait long for another one's last.
constexpr size_t kPartsPerProcess = 16;

/// What is found out of some parts: bytes that mean the same in another process.
struct Share {
  Verdict verdict = Verdict::Equal;
  bool sawPacket = false;
  unsigned queries = 0, cells = 0, unchangedCells = 0, alikeCells = 0;
  Volume proved; ///< of the cells that are equal
  // Where a difference is:
  unsigned part = 0;
  unsigned sides = 0;
  Cell::Side side[packet::kFieldCount];
};

/// A share with the reason why it is Unknown.
struct Finding {
  Share share;
  std::string reason;
};

class Proof {
public:
  Proof(const Pair &pair, const Effort &effort) : pair(pair), effort(effort), sides(pair), deadline(effort.budget) {}
  Comparison run();

private:
  Finding findAlone(const Part &whole);
  Finding findShared(Part whole);
  void findIn(Part part, unsigned number, CellProof &proof, Finding &finding);
  void ask(const Part &part, unsigned number, CellProof &proof, Finding &finding);
  bool isUnchanged(const Part &part) const;
  std::string nameOfProcess(unsigned number) const;
  Comparison compared(const Finding &finding);
  Comparison different(const Share &share);

  const Pair &pair;
  const Effort &effort;
  Sides sides;
  Deadline deadline;
};

} // namespace

bool Proof::isUnchanged(const Part &part) const {
  return unchanged(part.before, sides.beforeInstances, part.after, sides.afterInstances);
}

std::string Proof::nameOfProcess(unsigned number) const {
  return fmt::format("{}-{}-{}", pair.before.name.str(), packet::name(pair.hook).str(), number);
}

// --- what is found

static void noteUnknown(Finding &finding, std::string reason) {
  if (finding.share.verdict == Verdict::Equal) {
    finding.share.verdict = Verdict::Unknown;
    finding.reason = std::move(reason);
  }
}

static void noteDifferent(Finding &finding, unsigned part, const Cell &cell) {
  finding.share.verdict = Verdict::Different;
  finding.share.part = part;
  finding.share.sides = unsigned(cell.sides().size());
  llvm::copy(cell.sides(), finding.share.side);
}

void Proof::ask(const Part &part, unsigned number, CellProof &proof, Finding &finding) {
  Comparison answer = proof.prove(part.cell, part.before, part.after);
  finding.share.alikeCells += answer.alikeCells;
  finding.share.cells += 1 - answer.alikeCells;
  if (answer.result == Verdict::Equal)
    finding.share.proved += part.cell.volume();
  else if (answer.result == Verdict::Unknown)
    noteUnknown(finding, std::move(answer.reason));
  else
    noteDifferent(finding, number, part.cell);
}

/// Goes through a part, cell by cell, up to the first difference.
void Proof::findIn(Part whole, unsigned number, CellProof &proof, Finding &finding) {
  std::vector<Part> open;
  open.push_back(std::move(whole));
  while (!open.empty() && finding.share.verdict != Verdict::Different) {
    if (deadline.isOver())
      return noteUnknown(finding, deadline.text());
    Part part = std::move(open.back());
    open.pop_back();
    if (isUnchanged(part)) {
      ++finding.share.unchangedCells;
      finding.share.proved += part.cell.volume();
      continue;
    }
    std::vector<Part> halves = halvesOf(part, effort.rulesPerQuestion);
    if (halves.empty())
      ask(part, number, proof, finding);
    for (Part &half : llvm::reverse(halves))
      open.push_back(std::move(half));
  }
}

// --- by one process or several

Finding Proof::findAlone(const Part &whole) {
  Finding finding;
  CellProof proof(pair, sides, deadline, effort.log, nameOfProcess(0));
  findIn(whole, 0, proof, finding);
  finding.share.queries = proof.asked();
  finding.share.sawPacket = proof.sawPacket();
  return finding;
}

static std::string packed(const Finding &finding) {
  return std::string(reinterpret_cast<const char *>(&finding.share), sizeof(Share)) + finding.reason;
}

static Finding unpacked(const std::string &text) {
  Finding finding;
  if (text.size() < sizeof(Share)) {
    noteUnknown(finding, text.empty() ? "a process of the proof ended early" : text);
    return finding;
  }
  memcpy(static_cast<void *>(&finding.share), text.data(), sizeof(Share));
  finding.reason = text.substr(sizeof(Share));
  return finding;
}

/// Of two differences the one in the earlier part counts: parts are given out in order, so no other run finds an
/// earlier.
static void addTo(Finding &sum, Finding finding) {
  Share &all = sum.share, &one = finding.share;
  one.sawPacket |= all.sawPacket;
  one.queries += all.queries;
  one.cells += all.cells;
  one.unchangedCells += all.unchangedCells;
  one.alikeCells += all.alikeCells;
  one.proved += all.proved;
  auto rank = [](const Share &share) {
    return std::pair(share.verdict != Verdict::Different,
                     share.verdict == Verdict::Different ? share.part : share.verdict != Verdict::Unknown);
  };
  bool takes = rank(one) < rank(all);
  if (!takes) {
    one.verdict = all.verdict;
    one.part = all.part;
    one.sides = all.sides;
    llvm::copy(all.side, one.side);
    finding.reason = sum.reason;
  }
  sum = std::move(finding);
}

Finding Proof::findShared(Part whole) {
  size_t most = std::min<size_t>(kPartsPerProcess * effort.processes, kMostTasks);
  std::vector<Part> parts = split(std::move(whole), most, effort.rulesPerQuestion);
  unsigned processes = unsigned(std::min<size_t>(effort.processes, parts.size()));
  auto work = [&](NextTask next) -> std::string {
    try {
      Finding finding;
      std::optional<CellProof> proof;
      while (std::optional<unsigned> number = next()) {
        if (!proof)
          proof.emplace(pair, sides, deadline, effort.log, nameOfProcess(*number));
        findIn(std::move(parts[*number]), *number, *proof, finding);
        if (finding.share.verdict == Verdict::Different)
          break;
      }
      if (proof) {
        finding.share.queries = proof->asked();
        finding.share.sawPacket = proof->sawPacket();
      }
      return packed(finding);
    } catch (const z3::exception &failure) {
      return std::string("the solver gave up: ") + failure.msg();
    } catch (const std::bad_alloc &) {
      return "the solver ran out of memory";
    }
  };
  Finding sum;
  for (const std::optional<std::string> &answer : inProcesses(processes, unsigned(parts.size()), work))
    addTo(sum, unpacked(answer.value_or("")));
  return sum;
}

// --- the answer

/// The packet, from the cell in which a process has found one.
Comparison Proof::different(const Share &share) {
  Cell cell(pair.family);
  for (const Cell::Side &side : llvm::makeArrayRef(share.side, share.sides))
    cell = cell.with(side.first, side.second);
  Part part = within(wholeOf(pair, sides), cell);
  Deadline again(effort.budget);
  CellProof proof(pair, sides, again, "", "");
  return proof.prove(part.cell, part.before, part.after);
}

Comparison Proof::compared(const Finding &finding) {
  const Share &share = finding.share;
  Comparison comparison;
  if (share.verdict == Verdict::Different)
    comparison = different(share);
  comparison.queries = share.queries;
  comparison.cells = share.cells;
  comparison.unchangedCells = share.unchangedCells;
  comparison.alikeCells = share.alikeCells;
  if (share.verdict == Verdict::Unknown)
    comparison.reason = finding.reason;
  if (share.verdict != Verdict::Equal)
    return comparison;
  if (share.proved != Cell(pair.family).volume())
    comparison.reason = "internal error: the parts that were proved are not the whole";
  else if (share.cells != 0 && !share.sawPacket && share.unchangedCells + share.alikeCells == 0)
    comparison.reason = "internal error: the proof admits no packet";
  else
    comparison.result = Verdict::Equal;
  return comparison;
}

Comparison Proof::run() {
  Part whole = wholeOf(pair, sides);
  if (isUnchanged(whole)) {
    Comparison comparison;
    comparison.result = Verdict::Equal;
    comparison.unchanged = 1;
    return comparison;
  }
  bool isShared = effort.processes > 1 && whole.size() > effort.rulesPerQuestion;
  Comparison comparison = compared(isShared ? findShared(std::move(whole)) : findAlone(whole));
  comparison.seconds = double((effort.budget - deadline.left()).count()) / 1000;
  return comparison;
}

Comparison prove(const Pair &pair, const Effort &effort) {
  Comparison result;
  try {
    return Proof(pair, effort).run();
  } catch (const z3::exception &failure) {
    result.reason = std::string("the solver gave up: ") + failure.msg();
  } catch (const std::bad_alloc &) {
    result.reason = "the solver ran out of memory";
  }
  return result;
}

} // namespace iptlint::smt
