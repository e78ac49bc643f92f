#include "parse/NftReader.h"
#include "ir/Reads.h"
#include "parse/Tables.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;
using packet::Field;
using packet::Hook;
using support::Severity;

// --- lines

ParsedRules NftReader::read() {
  llvm::StringRef text = source->text();
  if (size_t nul = text.find('\0'); nul != llvm::StringRef::npos) {
    findings.error(text.substr(nul, 1), "this is not text: it has a byte of value 0");
    text = {};
  }
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    readLine(line);
    text = rest;
  }
  if (table) {
    findings.error(source->text().take_back(1), "the text ends within a table");
    closeTable();
  }
  if (rulesets.empty())
    rulesetOf(family);
  return {std::move(rulesets), findings.take(), findings.incomplete};
}

void NftReader::readLine(llvm::StringRef text) {
  if (text.trim(" \t").empty() || text.ltrim(" \t").startswith("#"))
    return;
  NftLine line = lines.read(text, place);
  if (!line.fault.empty()) {
    findings.error(line.faultAt, line.fault);
    return;
  }
  switch (line.kind) {
  case NftLineKind::Rule:
    return readRule(line);
  case NftLineKind::MapPart:
  case NftLineKind::MapEnd:
    return continueMap(line);
  default:
    return readBlock(line);
  }
}

void NftReader::readBlock(const NftLine &line) {
  switch (line.kind) {
  case NftLineKind::TableOpen:
    return openTable(line);
  case NftLineKind::TableClose:
    return closeTable();
  case NftLineKind::ChainOpen:
    return openChain(line);
  case NftLineKind::ChainClose:
    place = NftPlace::Table;
    return;
  case NftLineKind::Base:
    return readBase(line);
  default: // a table that is made or deleted before it is filled
    return;
  }
}

// --- tables

ir::Ruleset &NftReader::rulesetOf(Family of) {
  auto known = llvm::find_if(rulesets, [&](const ir::Ruleset &ruleset) { return ruleset.family == of; });
  if (known != rulesets.end())
    return *known;
  ir::Ruleset &made = rulesets.emplace_back();
  made.source = source;
  made.form = ir::Form::Nftables;
  made.strings = memory;
  made.family = of;
  return made;
}

/// `table ip iptlint-filter {`
void NftReader::openTable(const NftLine &line) {
  llvm::StringRef header = line.words[1], name = line.words[2];
  if (header != "ip" && header != "ip6")
    findings.error(header, fmt::format("tables of the family '{}' are not read; 'ip' and 'ip6' are", header.str()));
  family = header == "ip6" ? Family::IPv6 : Family::IPv4;
  llvm::StringRef iptables = name;
  if (!iptables.consume_front("iptlint-") || !isTable(iptables))
    findings.error(name, fmt::format("'{}' stands for no table of iptables'; 'iptlint-filter' does", name.str()));
  for (const ir::Table &earlier : rulesetOf(family).tables)
    if (earlier.name == iptables)
      findings.error(name, "a second table of this name: nft would add to the first one");
  table.emplace();
  table->name = iptables;
  table->at =
      source->rangeOf({line.words.front().begin(), size_t(line.words.back().end() - line.words.front().begin())});
  chainNumbers.clear();
  transportRules.clear();
  tests.emplace(family, findings);
  words.emplace(family, *memory);
  place = NftPlace::Table;
}

void NftReader::closeTable() {
  if (map)
    findings.error(source->slice(table->at), "a map of this table is not closed");
  map.reset();
  bindJumps();
  addFirstFragments();
  rulesetOf(family).tables.push_back(std::move(*table));
  table.reset();
  place = NftPlace::Top;
}

/// Jumps hold the name in the text so far.
void NftReader::bindJumps() {
  for (ir::Chain &chain : table->chains)
    for (ir::Rule &rule : chain.rules) {
      ir::Target &target = rule.target;
      if (target.kind != ir::TargetKind::Jump && target.kind != ir::TargetKind::Goto)
        continue;
      auto found = chainNumbers.find(target.name);
      if (found == chainNumbers.end()) {
        findings.error(source->slice(rule.at), fmt::format("there is no chain '{}'", target.name.str()));
        continue;
      }
      target.chain = found->second;
      target.name = table->chains[target.chain].name;
    }
}

/// Whether the kernel tracks connections for what the table asks or does.
static bool tracks(const ir::Rule &rule) {
  static constexpr llvm::StringLiteral targets[] = {"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "CONNMARK"};
  bool any = llvm::is_contained(targets, rule.target.name) && rule.target.chain == ir::kNoChain;
  for (const ir::Test &test : rule.tests)
    ir::forEachRead(test, [&](Field field, ir::Value) { any |= packet::isOfFlow(field); });
  return any;
}

/// Of a later fragment nft reads what stands where a header would be. In a table that tracks connections there is none,
/// so that the rules may as well ask for the others, as those of iptables do.
void NftReader::addFirstFragments() {
  bool tracked = llvm::any_of(table->chains, [](const ir::Chain &chain) { return llvm::any_of(chain.rules, tracks); });
  if (!tracked)
    return;
  for (Place at : transportRules) {
    ir::Rule &rule = table->chains[at.chain].rules[at.rule];
    ir::Test first = ir::RangeTest{Field::Fragment, std::nullopt, false, {{0, ir::Value(packet::Fragment::Later) - 1}}};
    if (!llvm::is_contained(rule.tests, first))
      rule.tests.insert(rule.tests.begin(), std::move(first));
  }
}

// --- chains

/// The name that iptables knows the chain by (docs/nftables.md).
static std::string chainName(llvm::StringRef text) {
  text.consume_front("chain-");
  std::string name;
  while (!text.empty()) {
    unsigned byte = 0;
    if (text[0] == '.' && text.size() > 2 && !text.substr(1, 2).getAsInteger(16, byte)) {
      name += char(byte);
      text = text.drop_front(3);
      continue;
    }
    name += text[0];
    text = text.drop_front();
  }
  return name;
}

void NftReader::openChain(const NftLine &line) {
  llvm::StringRef name = line.words[1];
  if (!chainNumbers.try_emplace(name, uint32_t(table->chains.size())).second)
    findings.error(name, fmt::format("a second chain '{}'", name.str()));
  ir::Chain &chain = table->chains.emplace_back();
  chain.name = strings.save(chainName(name));
  chain.at = source->rangeOf(name);
  chain.declared = true;
  place = NftPlace::Chain;
}

namespace {
/// Where nft hangs a chain that stands for a built-in one.
struct Base {
  llvm::StringLiteral table, type;
  Hook hook;
  int priority;
};
} // namespace

// Source: nft(8), "Priority in Hook"; linux/netfilter_ipv4.h.
static constexpr Base kBases[] = {{"raw", "filter", Hook::Prerouting, -300},
                                  {"raw", "filter", Hook::Output, -300},
                                  {"mangle", "filter", Hook::Prerouting, -150},
                                  {"mangle", "filter", Hook::Input, -150},
                                  {"mangle", "filter", Hook::Forward, -150},
                                  {"mangle", "route", Hook::Output, -150},
                                  {"mangle", "filter", Hook::Postrouting, -150},
                                  {"nat", "nat", Hook::Prerouting, -100},
                                  {"nat", "nat", Hook::Output, -100},
                                  {"nat", "nat", Hook::Input, 100},
                                  {"nat", "nat", Hook::Postrouting, 100},
                                  {"filter", "filter", Hook::Input, 0},
                                  {"filter", "filter", Hook::Forward, 0},
                                  {"filter", "filter", Hook::Output, 0},
                                  {"security", "filter", Hook::Input, 50},
                                  {"security", "filter", Hook::Forward, 50},
                                  {"security", "filter", Hook::Output, 50}};

/// `type filter hook input priority 0; policy accept;`
void NftReader::readBase(const NftLine &line) {
  llvm::StringRef type = line.words[1], hook = line.words[3], priority = line.words[5];
  ir::Chain &chain = table->chains.back();
  const Base *base = llvm::find_if(kBases, [&](const Base &each) {
    return each.table == table->name && each.type == type && packet::name(each.hook).equals_insensitive(hook) &&
           std::to_string(each.priority) == priority;
  });
  if (base == std::end(kBases))
    findings.error(hook,
                   fmt::format("no chain of '{}' hangs at this place with this type and priority", table->name.str()));
  else if (chain.name != packet::name(base->hook))
    findings.error(source->slice(chain.at), "a chain at this place has the name " + packet::name(base->hook).str());
  else if (chain.hook || !chain.rules.empty())
    findings.error(type, "the place of a chain is said once, before its rules");
  else
    chain.hook = base->hook;
  chain.policy = line.words[8] == "drop" ? ir::Policy::Drop : ir::Policy::Accept;
}

ParsedRules parseNftables(std::shared_ptr<const support::Source> source, const RulesOptions &options) {
  if (options.nftables)
    return NftReader(std::move(source), options.family.value_or(Family::IPv4)).read();
  Findings findings(*source);
  findings.error(source->text().split('\n').first, "this is text for nft, which `iptlint verify` alone reads");
  ir::Ruleset empty;
  empty.source = source;
  empty.form = ir::Form::Nftables;
  return {{std::move(empty)}, findings.take(), true};
}

} // namespace iptlint::parse
