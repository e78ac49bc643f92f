#include "emit/NftTarget.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>
#include <map>

namespace iptlint::emit {

using ir::Field;
using ir::TargetKind;
using ir::Value;
using packet::Family;

using Text = llvm::Expected<std::string>;

namespace {

/// The options of a target by their names, each with what stands behind it.
class Options {
public:
  explicit Options(llvm::StringRef text);

  bool has(llvm::StringRef name) const { return values.count(name.str()) != 0; }
  /// Empty where the target does not have the option.
  std::string value(llvm::StringRef name) const { return has(name) ? values.at(name.str()) : ""; }
  /// Whether there are no options but these.
  bool only(std::initializer_list<llvm::StringRef> names) const {
    return llvm::all_of(values, [&](const auto &entry) { return llvm::is_contained(names, entry.first); });
  }

private:
  std::map<std::string, std::string> values;
};

} // namespace

/// The next word, without its quotes.
static std::string takeWord(llvm::StringRef &text) {
  text = text.ltrim(' ');
  if (!text.consume_front("\"")) {
    auto [word, rest] = text.split(' ');
    text = rest;
    return word.str();
  }
  std::string word;
  for (; !text.empty() && text[0] != '"'; text = text.drop_front()) {
    if (text[0] == '\\' && text.size() > 1)
      text = text.drop_front();
    word += text[0];
  }
  text = text.drop_front(!text.empty());
  return word;
}

Options::Options(llvm::StringRef text) {
  std::string last;
  while (!(text = text.ltrim(' ')).empty()) {
    bool isName = text.startswith("--");
    std::string word = takeWord(text);
    if (isName)
      values[last = word.substr(2)];
    else
      values[last] += word;
  }
}

static llvm::Error cannot(const std::string &what) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), what.c_str());
}

// --- marks

/// `(FIELD & keep) ^ flip`, or what that comes down to.
static std::string written(const ir::Write &write, llvm::StringRef field) {
  constexpr uint32_t kAll = ~uint32_t(0);
  uint32_t keep = uint32_t(write.keep), flip = uint32_t(write.flip);
  if (keep == 0)
    return fmt::format("{:#x}", flip);
  std::string text = field.str();
  if (keep != kAll)
    text += fmt::format(" & {:#x}", keep);
  if (flip != 0)
    text += fmt::format(" ^ {:#x}", flip);
  return text;
}

/// What is copied from one mark to the other must be all of it: nft computes with one of them and constants.
static Text markStatement(const ir::Target &target) {
  const ir::Write *write = target.writes.size() == 1 ? &target.writes[0] : nullptr;
  auto nameOf = [](Field field) { return llvm::StringRef(field == Field::Mark ? "meta mark" : "ct mark"); };
  if (!write || !write->known || (write->field != Field::Mark && write->field != Field::ConnMark))
    return cannot(("-j " + target.name + " in this form").str());
  std::string set = (nameOf(write->field) + " set ").str();
  if (write->copy == 0)
    return set + written(*write, nameOf(write->field));
  if (write->keep == 0 && write->flip == 0 && write->copy == packet::maxValue(Field::Mark, Family::IPv4))
    return set + nameOf(write->from).str();
  return cannot(("-j " + target.name + " with masks").str());
}

// --- logging

/// In quotes, in which nothing can be escaped.
static Text quoted(const std::string &text, const std::string &what) {
  constexpr size_t kLongest = 127;
  if (text.find_first_of("\"\\\n") != std::string::npos || text.size() > kLongest)
    return cannot(what);
  return '"' + text + '"';
}

static Text logStatement(const Options &options) {
  static constexpr llvm::StringLiteral levels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
  std::string text = "log";
  if (options.has("log-prefix")) {
    Text prefix = quoted(options.value("log-prefix"), "a --log-prefix with quotes");
    if (!prefix)
      return prefix;
    text += " prefix " + *prefix;
  }
  unsigned level = 4;
  if (options.has("log-level") && (llvm::StringRef(options.value("log-level")).getAsInteger(0, level) || level > 7))
    return cannot("--log-level " + options.value("log-level"));
  text += " level " + levels[level].str();
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> flags[] = {{"log-tcp-sequence", "tcp sequence"},
                                                                                  {"log-tcp-options", "tcp options"},
                                                                                  {"log-ip-options", "ip options"},
                                                                                  {"log-uid", "skuid"},
                                                                                  {"log-macdecode", "ether"}};
  for (auto [option, flag] : flags)
    if (options.has(option))
      text += (" flags " + flag).str();
  return text;
}

static Text nflogStatement(const Options &options) {
  if (!options.only({"nflog-prefix", "nflog-group", "nflog-threshold"}))
    return cannot("-j NFLOG with --nflog-range or --nflog-size");
  std::string text = "log";
  if (options.has("nflog-prefix")) {
    Text prefix = quoted(options.value("nflog-prefix"), "a --nflog-prefix with quotes");
    if (!prefix)
      return prefix;
    text += " prefix " + *prefix;
  }
  text += " group " + (options.has("nflog-group") ? options.value("nflog-group") : "0");
  if (options.has("nflog-threshold"))
    text += " queue-threshold " + options.value("nflog-threshold");
  return text;
}

// --- verdicts

static Text rejectStatement(const Options &options, Family family) {
  static const std::map<std::string, std::string> four = {
      {"icmp-net-unreachable", "net-unreachable"},    {"icmp-host-unreachable", "host-unreachable"},
      {"icmp-proto-unreachable", "prot-unreachable"}, {"icmp-port-unreachable", "port-unreachable"},
      {"icmp-net-prohibited", "net-prohibited"},      {"icmp-host-prohibited", "host-prohibited"},
      {"icmp-admin-prohibited", "admin-prohibited"}};
  static const std::map<std::string, std::string> six = {{"icmp6-no-route", "no-route"},
                                                         {"icmp6-adm-prohibited", "admin-prohibited"},
                                                         {"icmp6-addr-unreachable", "addr-unreachable"},
                                                         {"icmp6-port-unreachable", "port-unreachable"}};
  std::string with = options.value("reject-with");
  if (with == "tcp-reset")
    return std::string("reject with tcp reset");
  const auto &types = family == Family::IPv4 ? four : six;
  auto type = types.find(with);
  if (type == types.end())
    return cannot("--reject-with " + with);
  return fmt::format("reject with {} type {}", family == Family::IPv4 ? "icmp" : "icmpv6", type->second);
}

/// The flags behind a translation.
static std::string natFlags(const Options &options) {
  std::vector<std::string> flags;
  if (options.has("random"))
    flags.push_back("random");
  if (options.has("random-fully"))
    flags.push_back("fully-random");
  if (options.has("persistent"))
    flags.push_back("persistent");
  return flags.empty() ? "" : " " + llvm::join(flags, ",");
}

static Text natStatement(llvm::StringRef verb, llvm::StringRef name, const std::string &to, const Options &options) {
  if (to.empty() || llvm::StringRef(to).contains('/')) // shifted ports
    return cannot(("-j " + name + " in this form").str());
  return (verb + " to " + to + natFlags(options)).str();
}

/// Ports alone, or none.
static std::string portsStatement(llvm::StringRef verb, const Options &options) {
  std::string ports = options.value("to-ports");
  return (verb + (ports.empty() ? "" : " to :" + ports) + natFlags(options)).str();
}

static Text otherStatement(const ir::Target &target, Family family) {
  Options options(target.options);
  if (target.name == "REJECT")
    return rejectStatement(options, family);
  if (target.name == "LOG")
    return logStatement(options);
  if (target.name == "NFLOG")
    return nflogStatement(options);
  if (target.name == "MARK" || target.name == "CONNMARK")
    return markStatement(target);
  if (target.name == "DNAT")
    return natStatement("dnat", target.name, options.value("to-destination"), options);
  if (target.name == "SNAT")
    return natStatement("snat", target.name, options.value("to-source"), options);
  if (target.name == "MASQUERADE")
    return portsStatement("masquerade", options);
  if (target.name == "REDIRECT")
    return portsStatement("redirect", options);
  if (target.name == "CT" && options.has("notrack") && options.only({"notrack"}))
    return std::string("notrack");
  return cannot(("-j " + target.name).str());
}

Text nftStatement(const ir::Target &target, llvm::ArrayRef<std::string> chains, Family family) {
  switch (target.kind) {
  case TargetKind::None:
    return std::string();
  case TargetKind::Accept:
    return std::string("accept");
  case TargetKind::Drop:
    return std::string("drop");
  case TargetKind::Return:
    return std::string("return");
  case TargetKind::Jump:
  case TargetKind::Goto:
    if (target.chain == ir::kNoChain)
      return cannot(("-j " + target.name + ", a chain that does not exist").str());
    return (target.kind == TargetKind::Jump ? "jump " : "goto ") + chains[target.chain];
  case TargetKind::Verdict:
  case TargetKind::Continue:
    return otherStatement(target, family);
  case TargetKind::Opaque:
    return cannot(("-j " + target.name).str());
  }
  llvm_unreachable("every kind is above");
}

} // namespace iptlint::emit
