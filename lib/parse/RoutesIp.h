// What a line of `ip route show` or `ip -6 route show` means.
#pragma once

#include "parse/RoutesFindings.h"
#include "parse/RoutesLine.h"
#include "parse/RoutesValues.h"

namespace iptlint::parse {

class IpRouteReader {
public:
  IpRouteReader(RouteFindings &findings, RouteLineReader &lines) : findings(findings), lines(lines) {}

  /// Whether a line goes on with the route before it, by its first word.
  static bool isFurtherLine(llvm::StringRef line);

  void readRoute(llvm::StringRef line);
  /// More of the route that was read last; there must be one.
  void readFurtherLine(llvm::StringRef line);

  bool empty() const { return routes.empty(); }

  /// The routes, in the order they were read, once all are: only then is it known what family
  /// a `default` without an address is of.
  std::vector<ir::Route> finish();

private:
  void add(const RouteLine &line);
  std::optional<ir::Prefix> readPrefix(llvm::StringRef text);
  void read(const Attribute &attribute);
  void readNextHop();
  void readGateway(const Attribute &gateway);
  void readPair(const Attribute &pair);
  void readFlag(llvm::StringRef text);
  void readDevice(llvm::StringRef text);
  void readTos(llvm::StringRef text);
  void readFrom(llvm::StringRef text);
  void readNumberInto(unsigned &number, llvm::StringRef text, unsigned min, unsigned max);
  void checkUnused(const Attribute &pair);
  std::optional<packet::Value> readOwnAddress(llvm::StringRef text);
  void fail(llvm::StringRef at, std::string message);
  ir::NextHop &hop();
  void settleFamilies();

  RouteFindings &findings;
  RouteLineReader &lines;
  std::vector<ir::Route> routes;
  /// What the text says of each route's family; same indices.
  std::vector<std::optional<packet::Family>> families;
};

} // namespace iptlint::parse
