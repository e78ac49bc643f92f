// Route tables: which form a text has, and what kind of line each of its lines is.
#include "parse/Parse.h"
#include "parse/RoutesColumns.h"
#include "parse/RoutesIp.h"
#include <cassert>

namespace iptlint::parse {

namespace {

class RoutesReader {
public:
  RoutesReader(ParsedRoutes &parsed, const Hosts *hosts)
      : parsed(parsed), source(*parsed.routes.source), findings(source, parsed), columns(findings, lines, hosts),
        ipRoutes(findings, lines) {}

  void read();

private:
  void readLine(llvm::StringRef line);
  llvm::StringRef withoutCarriageReturn(llvm::StringRef line);
  bool isOther(llvm::StringRef line) const;
  void readColumns(llvm::StringRef line);
  void readIpRoute(llvm::StringRef line);
  void addOther(llvm::StringRef line);
  void place(ir::Route &route) const;

  ParsedRoutes &parsed;
  const support::Source &source;
  RouteFindings findings;
  RouteLineReader lines;
  ColumnReader columns;
  IpRouteReader ipRoutes;
  std::optional<ir::RouteForm> form;
  bool sawCarriageReturn = false;
  /// The next line goes on with the last route: that one ended in `\`, or may have further lines.
  bool endedInBackslash = false, afterRoute = false;
};

void RoutesReader::read() {
  for (llvm::StringRef rest = source.text(); !rest.empty();) {
    auto [line, next] = rest.split('\n');
    readLine(withoutCarriageReturn(line));
    rest = next;
  }
  parsed.routes.form = form.value_or(ir::RouteForm::IpRoute);
  if (form == ir::RouteForm::IpRoute)
    parsed.routes.routes = ipRoutes.finish();
  for (ir::Route &route : parsed.routes.routes)
    place(route);
}

llvm::StringRef RoutesReader::withoutCarriageReturn(llvm::StringRef line) {
  if (!line.consume_back("\r"))
    return line;
  if (!sawCarriageReturn)
    findings.carriageReturn(llvm::StringRef(line.end(), 1));
  sawCarriageReturn = true;
  return line;
}

bool RoutesReader::isOther(llvm::StringRef line) const {
  llvm::StringRef text = line.ltrim(" \t");
  return text.empty() || text.front() == '#';
}

void RoutesReader::addOther(llvm::StringRef line) {
  parsed.routes.otherLines.push_back(source.rangeOf(line));
  afterRoute = endedInBackslash = false;
}

void RoutesReader::readLine(llvm::StringRef line) {
  if (isOther(line))
    return addOther(line);
  if (!form) {
    bool hasColumns =
        ColumnReader::isTitle(line) || ColumnReader::isHeading(line) || columns.startsWithoutHeading(line);
    form = hasColumns ? ir::RouteForm::RouteN : ir::RouteForm::IpRoute;
  }
  if (form == ir::RouteForm::RouteN)
    readColumns(line);
  else
    readIpRoute(line);
}

void RoutesReader::readColumns(llvm::StringRef line) {
  if (ColumnReader::isTitle(line)) {
    columns.readTitle(line);
    addOther(line);
  } else if (ColumnReader::isHeading(line)) {
    columns.readHeading(line);
    addOther(line);
  } else {
    parsed.routes.routes.push_back(columns.readRow(line));
  }
}

void RoutesReader::readIpRoute(llvm::StringRef line) {
  bool further = IpRouteReader::isFurtherLine(line);
  if (endedInBackslash || (further && afterRoute))
    ipRoutes.readFurtherLine(line);
  else
    ipRoutes.readRoute(line);
  afterRoute = true;
  endedInBackslash = line.rtrim(" \t").endswith(" \\");
}

void RoutesReader::place(ir::Route &route) const {
  assert(!route.words.empty() && "a blank line was taken for a route");
  route.at = {source.rangeOf(route.words.front()).begin, source.rangeOf(route.words.back()).end};
}

} // namespace

ParsedRoutes parseRoutes(std::shared_ptr<const support::Source> source, std::shared_ptr<const Hosts> hosts) {
  ParsedRoutes parsed;
  parsed.routes.source = std::move(source);
  llvm::StringRef text = parsed.routes.source->text();
  size_t zero = text.find('\0');
  if (zero != llvm::StringRef::npos)
    RouteFindings(*parsed.routes.source, parsed).error(text.substr(zero, 1), "a byte of zero: this is no text");
  else
    RoutesReader(parsed, hosts.get()).read();
  return parsed;
}

} // namespace iptlint::parse
