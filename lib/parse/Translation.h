// A listing or a script turned into the text that iptables-save would print.
//
// Other forms of rule sets are not read on their own: what they say is put into words of
// iptables-save, and those are read by the one reader that knows options. Each piece of the new text
// remembers which part of the user's text it came from, so that findings and rules point there.
#pragma once

#include "parse/Parse.h"

namespace iptlint::parse {

class Translation {
public:
  explicit Translation(std::shared_ptr<const support::Source> original) : original(std::move(original)) {}

  /// Appends a part of a line. \p from  the part of the original that says so; of a text that
  /// stands there to the letter, every byte is shown at its own place.
  void add(llvm::StringRef part, support::SourceRange from);
  /// The same with the blank in front that parts words.
  void addWord(llvm::StringRef word, support::SourceRange from);
  void endLine();

  const std::shared_ptr<const support::Source> &source() const { return original; }
  llvm::StringRef text() const { return made; }
  /// Where a range of text() came from.
  support::SourceRange originOf(support::SourceRange range) const;

private:
  struct Piece {
    uint32_t begin; ///< in `made`; it ends where the next one begins
    support::SourceRange from;
  };
  const Piece &pieceAt(uint32_t offset) const;
  uint32_t endOf(const Piece &piece) const;

  std::shared_ptr<const support::Source> original;
  std::string made;
  std::vector<Piece> pieces;
};

/// Places in \p parsed, which was read from \p made, the text of \p translation, become those they came from.
void moveToOrigin(ParsedRules &parsed, const Translation &translation, std::shared_ptr<const support::Source> made,
                  ir::Form form);

/// Reads what a text was turned into. Rules, chains and findings stand where they came from.
ParsedRules readTranslated(const Translation &translation, ir::Form form, const RulesOptions &options);

} // namespace iptlint::parse
