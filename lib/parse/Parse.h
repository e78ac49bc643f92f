// Text to IR: rule sets, sets, and the network that surrounds the rules.
//
// The only user of ANTLR, whose exceptions stop here. What cannot be read is a
// `syntax` finding with its place; the rest of the text is read all the same.
#pragma once

#include "ir/BackEnd.h"
#include "ir/Routes.h"
#include "ir/Ruleset.h"
#include "ir/Sets.h"
#include "support/Diagnostic.h"

namespace iptlint::ir {
struct Network; // ir/Network.h
}

namespace iptlint::parse {

class Hosts;

struct ParsedRules {
  /// One for each family in the text, in the order of their first line. Never empty.
  std::vector<ir::Ruleset> rulesets;
  /// `syntax` and `line-endings` findings; info notes (an empty text, an assumed family) among them.
  std::vector<support::Diagnostic> findings;
  /// Lines, or options in them, that were not understood: the exit code is then 2.
  bool incomplete = false;
};

/// What is known of a text beforehand.
struct RulesOptions {
  /// What to take the text for; where not given, the header that the save program writes decides,
  /// then the first address, then IPv4 with a note.
  std::optional<packet::Family> family;
  /// How it is written; where not given, its lines decide (parse/Form.h).
  std::optional<ir::Form> form = std::nullopt;
  /// What the names of hosts in a listing stand for.
  std::shared_ptr<const Hosts> hosts = nullptr;
  /// Give rules the words that iptables-save prints (parse/Normal.h), and tables all their chains in its order.
  /// A line with lists of addresses becomes several rules, each of which has the tests of the whole line: for printing,
  /// not for asking what single rules mean.
  bool normal = false;
  /// Give targets' options, and conditions with state, the text that iptables-save prints, so that the same written in two
  /// ways is the same text. Words stay as they were written.
  bool normalTexts = false;
  /// Which iptables loads the rules. Most conditions mean the same to both; where it is not given, one that does not is a
  /// function of the packet that is not known.
  std::optional<ir::BackEnd> backEnd = std::nullopt;
  /// Whether a text for nft (Form::Nftables) may be read: its rules have no words of iptables'.
  bool nftables = false;
  /// The sets that rules may ask about, as `--sets` gives them; null: nothing is known of any.
  std::shared_ptr<const ir::Sets> sets = nullptr;
  /// Sets that were made of rules, to be known besides: however many ranges they give to rules, what they hold is known,
  /// and what is known of other sets is as without them. Null: none.
  std::shared_ptr<const ir::Sets> madeSets = nullptr;
};

/// Reads a rule set in any of the forms that ir::Form names.
/// Jumps are bound to chains (Target::chain); a name that is bound to nothing stays kNoChain.
ParsedRules parseRules(std::shared_ptr<const support::Source> source, const RulesOptions &options);

struct ParsedRoutes {
  ir::Routes routes;
  std::vector<support::Diagnostic> findings;
  bool incomplete = false;
};

/// Reads the text of `ip route show`, `ip -6 route show`, `route` or `netstat -r`; which of them it is shows in its
/// first lines.
/// \param hosts  what names in place of addresses stand for; may be null.
ParsedRoutes parseRoutes(std::shared_ptr<const support::Source> source, std::shared_ptr<const Hosts> hosts = nullptr);

struct ParsedSets {
  struct File {
    std::shared_ptr<const support::Source> source;
    std::vector<support::Diagnostic> findings; ///< `syntax`: errors, and warnings of what ipset would refuse
  };
  std::shared_ptr<const ir::Sets> sets; ///< never null
  std::vector<File> files;              ///< one for each source
  bool incomplete = false;
};

/// Reads the text of `ipset save`, `ipset list`, or commands of ipset's, several texts one after the other.
ParsedSets parseSets(llvm::ArrayRef<std::shared_ptr<const support::Source>> sources);

/// The texts that say what surrounds the rules of one machine; any may be missing.
struct NetworkTexts {
  using Sources = std::vector<std::shared_ptr<const support::Source>>;
  Sources routes;    ///< `ip route show [table all]`, `ip -6 route show`, `route`, `netstat -r`
  Sources rules;     ///< `ip rule`, `ip -6 rule`
  Sources addresses; ///< `ip addr`, `ip -br addr`, `ip link`, `ifconfig`
  Sources bridges;   ///< `brctl show`, `bridge link`
  Sources settings;  ///< `sysctl -a`, sysctl.conf, or one NAME=VALUE; a later text overrides an earlier one
  /// What the names of hosts in `route` without -n stand for; may be null.
  std::shared_ptr<const Hosts> hosts = nullptr;
};

struct ParsedNetwork {
  struct File {
    std::shared_ptr<const support::Source> source;
    std::vector<support::Diagnostic> findings; ///< `syntax`, `line-endings`
  };
  /// Never null. A route or rule that was not understood is in it, as broken or opaque; other lines that were not are left out.
  std::shared_ptr<const ir::Network> network;
  std::vector<File> files; ///< one for each text, in the order of NetworkTexts and of ir::Network::sources
  bool incomplete = false; ///< a line was not understood: the exit code is then 2
};

/// Reads what surrounds the rules. Which of its forms a text has, its own lines show; texts of one kind add up.
ParsedNetwork parseNetwork(const NetworkTexts &texts);

} // namespace iptlint::parse
