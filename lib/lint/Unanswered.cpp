// Source: net/ipv4/netfilter.c, ip_route_me_harder(); net/ipv4/route.c, __mkroute_output() and ip_route_input_slow().
#include "lint/Unanswered.h"
#include "analysis/Before.h"
#include "lint/KernelSettings.h"
#include "lint/Translations.h"
#include "lint/UnansweredCandidates.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace iptlint::lint {

using packet::Family;
using packet::Field;
using packet::Hook;

namespace {

/// Asks one rule set's tables about candidates of one hook.
class Inquiry {
public:
  Inquiry(const Facts &facts, const TableFacts &nat, Hook hook) : facts(facts), nat(nat), hook(hook) {
    options = askingOf(facts);
    options.tellNo = false;
  }

  void run(llvm::ArrayRef<Candidate> candidates, std::vector<Unanswered> &found) {
    translate(candidates);
    // A mark may have been set on the way, and conntrack has noted the translation.
    for (Field field : {Field::CtStatus, Field::Mark, Field::ConnMark})
      options.uncertain.set(unsigned(field));
    for (const Candidate &candidate : candidates) {
      auto packet = packets.find(candidate.rule.id);
      if (packet == packets.end() || !passesUntouched(candidate, packet->second))
        continue;
      found.push_back({candidate.rule, packet->second, candidate.server(), candidate.devices.front(), candidate.link});
    }
  }

private:
  /// Which packets the rules surely translate, the first of each rule.
  void translate(llvm::ArrayRef<Candidate> candidates) {
    std::vector<ir::RuleId> rules;
    std::vector<analysis::Kind> kinds;
    std::vector<ir::RuleId> ruleOf;
    for (const Candidate &candidate : candidates) {
      rules.push_back(candidate.rule.id);
      llvm::append_range(kinds, candidate.kinds);
      ruleOf.resize(kinds.size(), candidate.rule.id);
    }
    auto found = analysis::admits(withRefusals(*nat.table, rules), Family::IPv4, nat.graph, hook,
                                  analysis::Ending::Refused, kinds, options);
    for (size_t i = 0; i != found.size(); ++i)
      if (found[i].answer == analysis::Answer::Yes && found[i].by == ruleOf[i] && !isTouchedBefore(kinds[i]))
        packets.emplace(ruleOf[i], found[i].packet);
  }

  bool mayActOn(const analysis::Kind &kind, Hook at, bool afterRaw) const {
    return llvm::any_of(facts.tables, [&](const TableFacts &table) {
      llvm::StringRef name = table.table->name;
      bool asked = name != "filter" && name != "nat" && !(afterRaw && name == "raw");
      return asked && analysis::mayActOn(*table.table, table.graph, at, kind);
    });
  }

  bool isTouchedBefore(const analysis::Kind &kind) const { return mayActOn(kind, hook, /*afterRaw=*/false); }

  analysis::Kind leaving(const Candidate &candidate, packet::Packet packet, Hook at, llvm::StringRef device) const {
    packet[Field::Dst] = candidate.server();
    if (candidate.nat->ports)
      packet[Field::Dport] = candidate.nat->ports->lo;
    analysis::Kind kind = translatedLike(packet, at);
    replace(kind, Field::SrcType, packet[Field::SrcType]);
    kind.push_back(is(Field::Out, packet::interfaceValue(device)));
    return kind;
  }

  bool passes(const TableFacts &table, const analysis::Kind &kind, Hook at) const {
    auto found =
        analysis::admits(*table.table, Family::IPv4, table.graph, at, analysis::Ending::Accepted, kind, options);
    return found.front().answer == analysis::Answer::Yes && !mayActOn(kind, at, /*afterRaw=*/true);
  }

  /// iptables-save shows filter if it is loaded.
  bool isForwarded(const analysis::Kind &kind) const {
    bool hasFilter = llvm::any_of(facts.tables, [](const TableFacts &table) { return table.table->name == "filter"; });
    const TableFacts *filter = wholeFilter(facts);
    return hasFilter ? filter && passes(*filter, kind, Hook::Forward) : facts.ruleset->form == ir::Form::Save;
  }

  bool passesUntouched(const Candidate &candidate, const packet::Packet &packet) const {
    return llvm::all_of(candidate.devices, [&](llvm::StringRef device) {
      bool goesOn = hook == Hook::Output || isForwarded(leaving(candidate, packet, Hook::Forward, device));
      return goesOn && passes(nat, leaving(candidate, packet, Hook::Postrouting, device), Hook::Postrouting);
    });
  }

  const Facts &facts;
  const TableFacts &nat;
  Hook hook;
  analysis::AdmitsOptions options;
  std::map<ir::RuleId, packet::Packet> packets;
};

} // namespace

std::vector<Unanswered> unansweredOnes(const Facts &facts) {
  const TableFacts *nat = wholeTable(facts, "nat");
  if (!facts.network || facts.ruleset->family != Family::IPv4 || facts.perTable || !nat)
    return {};
  analysis::Routable routable(*facts.network, Family::IPv4);
  if (!routable.known())
    return {};
  std::vector<Unanswered> all;
  if (valueOf(*facts.network, "net.ipv4.ip_forward").value_or(1) != 0)
    Inquiry(facts, *nat, Hook::Prerouting).run(forwardedCandidates(facts, routable), all);
  Inquiry(facts, *nat, Hook::Output).run(ownCandidates(facts, routable), all);
  return all;
}

} // namespace iptlint::lint
