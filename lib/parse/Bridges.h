// What the lines of `brctl show` and `bridge link` mean.
//
// The columns of brctl are read by hand: they are words, and a blank in front says which column the first one stands
// in.
#pragma once

#include "ir/Network.h"
#include "parse/Findings.h"
#include "parse/NetworkLine.h"

namespace iptlint::parse {

class BridgeReader {
public:
  /// \param bridges  as earlier texts left them.
  /// \param source   the index of the text in ir::Network::sources.
  BridgeReader(Findings &findings, NetworkLineReader &lines, std::vector<ir::Bridge> &bridges, size_t source)
      : findings(findings), lines(lines), bridges(bridges), source(source) {}

  void readLine(llvm::StringRef line);

private:
  enum class Above : uint8_t { Nothing, Bridge, Port };

  void readPort(llvm::StringRef line);
  void readRow(llvm::StringRef line);
  void readIndented(llvm::StringRef line);
  void fail(llvm::StringRef at, std::string message);
  void addPort(ir::Bridge &bridge, llvm::StringRef port);

  Findings &findings;
  NetworkLineReader &lines;
  std::vector<ir::Bridge> &bridges;
  size_t source;
  Above above = Above::Nothing; ///< what an indented line goes on with
  llvm::StringRef last;         ///< the bridge whose row was read last
};

/// The bridge of a name, new ones at the end. Good until the next call.
ir::Bridge &bridgeNamed(std::vector<ir::Bridge> &bridges, llvm::StringRef name, const ir::Place &place);

} // namespace iptlint::parse
