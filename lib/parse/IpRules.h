// What the lines of `ip rule` and `ip -6 rule` mean.
#pragma once

#include "ir/Network.h"
#include "parse/Findings.h"
#include "parse/NetworkLine.h"

namespace iptlint::parse {

class IpRuleReader {
public:
  /// \param source  the index of the text in ir::Network::sources.
  IpRuleReader(Findings &findings, NetworkLineReader &lines, size_t source)
      : findings(findings), lines(lines), source(source) {}

  void readLine(llvm::StringRef line);

  /// The rules in the order read, once all are: only then is it known what family a rule without an address is of.
  std::vector<ir::RoutingRule> finish();

private:
  void read(const LinePart &part);
  bool readSelector(const LinePart &part);
  bool readAction(const LinePart &part);
  bool readOther(const LinePart &part);
  void readBlock(ir::Prefix &into, llvm::StringRef text);
  void readDevice(llvm::StringRef &into, llvm::StringRef text);
  void readMark(llvm::StringRef text);
  void readTos(llvm::StringRef text);
  void readProtocol(llvm::StringRef text);
  void readSpan(std::optional<ir::RoutingRule::Span> &into, llvm::StringRef text, uint64_t max);
  void readTable(llvm::StringRef text);
  void readGoto(llvm::StringRef text);
  void readLone(llvm::StringRef word);
  std::optional<uint32_t> readNumberUpTo(llvm::StringRef text, uint64_t max);
  void setAction(ir::RoutingAction action);
  void fail(llvm::StringRef at, std::string message);
  void settleFamilies();
  void settleBlock(size_t begin, size_t end);

  Findings &findings;
  NetworkLineReader &lines;
  size_t source;
  std::vector<ir::RoutingRule> rules;
  /// What the addresses of each rule say of its family; same indices.
  std::vector<std::optional<packet::Family>> families;
  bool hasAction = false; ///< of the rule that is being read
};

} // namespace iptlint::parse
