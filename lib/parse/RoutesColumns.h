// What the lines of `route -n` and `netstat -rn` mean, in both families and with any of -e and -ee.
//
// The heading says which columns there are. Without one (a text cut by grep or tail) they are
// those of `route -n`.
#pragma once

#include "parse/HostNames.h"
#include "parse/RoutesFindings.h"
#include "parse/RoutesLine.h"
#include "parse/RoutesValues.h"

namespace iptlint::parse {

class ColumnReader {
public:
  /// \param hosts  what names in place of addresses stand for; may be null.
  ColumnReader(RouteFindings &findings, RouteLineReader &lines, const Hosts *hosts);

  /// `Kernel IP routing table`
  static bool isTitle(llvm::StringRef line);
  /// `Destination     Gateway         Genmask ...`
  static bool isHeading(llvm::StringRef line);
  /// Whether a text's first line looks like a route of such a table rather than one of
  /// `ip route show`; the columns are then those of `route -n`.
  bool startsWithoutHeading(llvm::StringRef line);

  void readTitle(llvm::StringRef line);
  void readHeading(llvm::StringRef line);
  ir::Route readRow(llvm::StringRef line);

private:
  enum class Column : uint8_t { Destination, Gateway, Genmask, Flags, Metric, References, Use, Device, Other };

  void setTable(packet::Family family);
  static std::optional<Column> columnOf(llvm::StringRef heading);
  static std::vector<Column> usualColumns(packet::Family family);
  void readCell(ir::Route &route, Column column, llvm::StringRef text);
  void readDestination4(ir::Route &route, llvm::StringRef text);
  void readDestination6(ir::Route &route, llvm::StringRef text);
  void readGateway(ir::Route &route, llvm::StringRef text);
  void readGenmask(ir::Route &route, llvm::StringRef text);
  void readNumberInto(ir::Route &route, unsigned &number, llvm::StringRef text);
  void readDevice(ir::Route &route, llvm::StringRef text);
  void readFlags(ir::Route &route, llvm::StringRef text);
  void settle(ir::Route &route);
  void settleFlags(ir::Route &route);
  std::optional<packet::Value> address(ir::Route &route, llvm::StringRef text);
  std::optional<packet::Value> named(ir::Route &route, llvm::StringRef text);
  void fail(ir::Route &route, llvm::StringRef at, std::string message);

  RouteFindings &findings;
  RouteLineReader &lines;
  const Hosts *hosts;
  packet::Family family = packet::Family::IPv4;
  /// Empty: the heading could not be read, nor can what stands under it.
  std::vector<Column> columns;
};

} // namespace iptlint::parse
