#include "smt/Parts.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::smt {

namespace {
/// Names with what they mean, through other names.
class Names {
public:
  explicit Names(const Terms &terms) : terms(terms) {}

  /// The ids of the names that \p roots hang on, those in \p stop with what is behind them left out.
  llvm::DenseSet<unsigned> behind(std::vector<z3::expr> roots, const llvm::DenseSet<unsigned> &stop) const {
    llvm::DenseSet<unsigned> found;
    while (!roots.empty()) {
      std::vector<z3::expr> next;
      forEachPart(roots, [&](const z3::expr &part) {
        std::optional<z3::expr> meaning = terms.meaningOf(part);
        if (meaning && !stop.count(part.id()) && found.insert(part.id()).second)
          next.push_back(*meaning);
      });
      roots = std::move(next);
    }
    return found;
  }

private:
  const Terms &terms;
};
} // namespace

std::vector<z3::expr> definitionsApart(const Terms &terms, llvm::ArrayRef<z3::expr> left,
                                       llvm::ArrayRef<z3::expr> right) {
  Names names(terms);
  llvm::DenseSet<unsigned> ofLeft = names.behind(left.vec(), {}), shared;
  for (unsigned name : names.behind(right.vec(), {}))
    if (ofLeft.count(name))
      shared.insert(name);
  std::vector<z3::expr> both = left.vec();
  llvm::append_range(both, right);
  llvm::DenseSet<unsigned> apart = names.behind(std::move(both), shared);
  std::vector<z3::expr> definitions;
  for (const z3::expr &definition : terms.definitions())
    if (apart.count(definition.arg(0).id()))
      definitions.push_back(definition);
  return definitions;
}

} // namespace iptlint::smt
