#include "query/Cells.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::query {

using ir::Interval;
using packet::Family;
using packet::Value;

namespace {

/// Gathers where cells begin.
class Cutter {
public:
  explicit Cutter(Family family) : family(family), most(packet::maxValue(packet::Field::Src, family)) {}

  void cut(Value lo, Value hi) {
    starts.push_back(lo);
    if (hi < most)
      starts.push_back(hi + 1);
  }
  void cutPrefix(Value address, unsigned length) {
    unsigned width = packet::bits(packet::Field::Src, family);
    Value host = length == 0 ? most : length >= width ? 0 : most >> length;
    cut(address & ~host, address | host);
    // Its last address may be that of broadcasts.
    cut(address | host, address | host);
  }
  void cutNetwork(const ir::Network &network);
  void cutBlocks();

  std::vector<Value> starts{0};

private:
  Family family;
  Value most;
};

} // namespace

void Cutter::cutNetwork(const ir::Network &network) {
  unsigned width = packet::bits(packet::Field::Src, family);
  for (const ir::NetworkRoute &route : network.routes)
    if (route.family == family) {
      cutPrefix(route.destination.address, route.destination.length);
      cutPrefix(route.from.address, route.from.length);
      if (route.Route::source)
        cutPrefix(*route.Route::source, width);
      for (const ir::NextHop &hop : route.hops)
        if (hop.gateway && hop.gatewayFamily.value_or(family) == family)
          cutPrefix(*hop.gateway, width);
    }
  for (const ir::RoutingRule &rule : network.rules)
    if (rule.family == family) {
      cutPrefix(rule.from.address, rule.from.length);
      cutPrefix(rule.to.address, rule.to.length);
    }
  for (const ir::Interface &interface : network.interfaces)
    for (const ir::InterfaceAddress &own : interface.addresses)
      if (own.family == family) {
        cutPrefix(own.address, width);
        cutPrefix(own.address, own.length);
        if (own.peer)
          cutPrefix(*own.peer, own.length);
        if (own.broadcast)
          cutPrefix(*own.broadcast, width);
      }
}

/// Source: include/linux/in.h, ipv4_is_loopback() and its like; include/net/ipv6.h, ipv6_addr_type().
void Cutter::cutBlocks() {
  if (family == Family::IPv4) {
    cutPrefix(0, 32);
    cutPrefix(127u << 24, 8);
    cutPrefix((127u << 24) + 1, 32);
    cutPrefix(0xe0000000u, 4);
    cutPrefix(0xe0000000u, 24);
    cutPrefix(0xe0000001u, 32);
    cutPrefix(0xffffffffu, 32);
    return;
  }
  cutPrefix(0, 128);
  cutPrefix(1, 128);
  cutPrefix(Value(0xffff) << 32, 96);
  cutPrefix(Value(0xfe80) << 112, 10);
  cutPrefix(Value(0xfec0) << 112, 10);
  cutPrefix(Value(0xff) << 120, 8);
  for (unsigned scoped = 0xff00; scoped <= 0xffff; ++scoped)
    starts.push_back(Value(scoped) << 112);
}

Cells::Cells(const eval::Machine &machine, Family family) : machine(machine), family(family) {
  Cutter cutter(family);
  cutter.cutNetwork(*machine.network);
  cutter.cutBlocks();
  starts = std::move(cutter.starts);
  llvm::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
}

size_t Cells::cellOf(Value value) const {
  return size_t(std::upper_bound(starts.begin(), starts.end(), value) - starts.begin()) - 1;
}

Value Cells::lastOf(size_t cell) const {
  return cell + 1 == starts.size() ? packet::maxValue(packet::Field::Src, family) : starts[cell + 1] - 1;
}

std::vector<Interval> Cells::cut(const Ranges &ranges) const {
  std::vector<Interval> pieces;
  for (const Interval &range : ranges)
    for (size_t cell = cellOf(range.lo); cell != starts.size() && starts[cell] <= range.hi; ++cell) {
      pieces.push_back({std::max(range.lo, starts[cell]), std::min(range.hi, lastOf(cell))});
    }
  return pieces;
}

/// Whether an address goes on at a place in a text: "10.0.0.1: why" ends at its colon.
static bool goesOn(llvm::StringRef text, size_t at) {
  auto isPart = [&](size_t place) { return place < text.size() && llvm::isAlnum(text[place]); };
  bool mark = at < text.size() && (text[at] == '.' || text[at] == ':');
  return isPart(at) || (mark && (isPart(at + 1) || llvm::StringRef(text).substr(at).startswith("::")));
}

std::string renamed(std::string text, const std::string &from, const std::string &to) {
  auto isOf = [](char c) { return llvm::isAlnum(c) || c == '.' || c == ':'; };
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    bool word = (at == 0 || !isOf(text[at - 1])) && !goesOn(text, at + from.size());
    if (word)
      text.replace(at, from.size(), to);
    at += word ? to.size() : from.size();
  }
  return text;
}

static std::string keyOf(const eval::Decisions &decisions) {
  std::string key;
  for (const eval::Decision &each : decisions)
    key += fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{};", unsigned(each.fate), unsigned(each.martian), each.reason,
                       each.supposing, each.device.str(),
                       each.gateway ? packet::addressText(*each.gateway, each.gatewayFamily) : "",
                       each.source ? packet::addressText(*each.source, Family::IPv6) : "", each.weight, each.weights);
  return key;
}

/// "10.0.0.9: the source is a loopback address" names the address for one packet. Of many, what follows says enough.
static std::string withoutAddress(llvm::StringRef reason, llvm::StringRef address) {
  reason.consume_front((address + ": ").str());
  return reason.str();
}

const eval::Decisions *Cells::decideOnce(eval::Flow flow) {
  eval::Decisions decisions = machine.routing->decide(flow);
  std::string dst = packet::addressText(flow.dst, family), src = packet::addressText(flow.src, family);
  for (eval::Decision &decision : decisions) {
    decision.reason = withoutAddress(withoutAddress(decision.reason, src), dst);
    for (std::string *text : {&decision.supposing, &decision.reason}) {
      *text = renamed(*text, dst, "the destination");
      if (flow.src != 0)
        *text = renamed(*text, src, "the source");
    }
  }
  return &distinct.try_emplace(keyOf(decisions), decisions).first->second;
}

std::optional<std::vector<Cells::Rectangle>> Cells::decide(const eval::Flow &flow, const Ranges &dst,
                                                           const Ranges &src) {
  constexpr size_t kMostCells = 400'000;
  std::vector<Interval> rows = cut(dst), columns = cut(src);
  if (rows.size() * columns.size() > kMostCells)
    return std::nullopt;
  auto &cache = known[fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", flow.in.str(), flow.out.str(), flow.mark, flow.tos,
                                  flow.protocol, flow.sport, flow.dport, flow.uid, flow.anySource)];
  // Rows that are decided alike for all sources are one.
  using Row = std::vector<std::pair<const eval::Decisions *, std::vector<Interval>>>;
  std::vector<std::pair<Row, std::vector<Interval>>> alike;
  for (const Interval &row : rows) {
    Row decided;
    for (const Interval &column : columns) {
      auto entry = cache.try_emplace({cellOf(row.lo), cellOf(column.lo)}, nullptr);
      auto at = entry.first;
      if (entry.second) {
        eval::Flow one = flow;
        // Where a cell has more than one address, the two are different ones.
        one.dst = starts[cellOf(row.lo)];
        one.src = lastOf(cellOf(column.lo));
        at->second = decideOnce(one);
      }
      auto same = llvm::find_if(decided, [&](const auto &each) { return each.first == at->second; });
      if (same == decided.end())
        same = decided.insert(decided.end(), {at->second, {}});
      same->second.push_back(column);
    }
    auto same = llvm::find_if(alike, [&](const auto &each) { return each.first == decided; });
    if (same == alike.end())
      same = alike.insert(alike.end(), {std::move(decided), {}});
    same->second.push_back(row);
  }
  std::vector<Rectangle> rectangles;
  for (auto &[row, destinations] : alike)
    for (auto &[decisions, sources] : row)
      rectangles.push_back({joined(destinations), joined(sources), decisions});
  return rectangles;
}

const Cells::Types &Cells::types() {
  if (typesFound)
    return *typesFound;
  std::map<packet::AddrType, std::vector<Interval>> known;
  std::vector<Interval> unknown;
  for (const Interval &cell : cut(Ranges{{0, packet::maxValue(packet::Field::Src, family)}})) {
    eval::TypeOf type = machine.routing->addressType(family, cell.lo);
    (type.type ? known[*type.type] : unknown).push_back(cell);
  }
  typesFound.emplace();
  for (auto &[type, intervals] : known)
    typesFound->known[type] = joined(intervals);
  typesFound->unknown = joined(unknown);
  return *typesFound;
}

} // namespace iptlint::query
