// Matches and targets whose options iptables-save does not print one by one.
#include "parse/NormalPrinter.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <fmt/format.h>

namespace iptlint::parse::normal {

/// `! --connlimit-upto` is `--connlimit-above`, and the other way round.
bool printConnlimit(Printer &printer) {
  bool above = printer.has("connlimit-above");
  const Use *use = printer.find(above ? "connlimit-above" : "connlimit-upto");
  if (!use)
    return false;
  Text count = printer.text(*use, decimal);
  Text length = "32";
  if (printer.familyOf() == packet::Family::IPv6)
    length = "128";
  if (const Use *mask = printer.find("connlimit-mask"))
    length = printer.text(*mask, prefixLength);
  if (!count || !length)
    return false;
  printer.add(above != use->negated ? "connlimit-above" : "connlimit-upto", *count);
  printer.add("connlimit-mask", *length);
  printer.add(printer.has("connlimit-daddr") ? "connlimit-daddr" : "connlimit-saddr");
  return true;
}

bool printIpvs(Printer &printer) {
  if (printer.has("ipvs") && printer.uses().size() == 1)
    printer.add("ipvs", "", printer.negated("ipvs"));
  return true;
}

bool printMarkMasks(Printer &printer) {
  if (!printer.has("save-mark") && !printer.has("restore-mark"))
    return true;
  for (llvm::StringRef name : {"nfmask", "ctmask"}) {
    auto mask = parseNumber(printer.value(name, printer.value("mask", "0xffffffff")), 0xffffffff);
    if (!mask)
      return false;
    printer.add(name, fmt::format("0x{:x}", *mask));
  }
  return true;
}

static bool printPolicyElement(Printer &printer, llvm::ArrayRef<const Use *> uses) {
  struct Part {
    llvm::StringLiteral name;
    Form form;
  };
  static constexpr Part parts[] = {{"reqid", decimal},       {"spi", hex},
                                   {"proto", namedProtocol}, {"mode", text},
                                   {"tunnel-dst", network},  {"tunnel-src", network}};
  for (const Part &part : parts)
    for (const Use *use : uses)
      if (use->is(part.name) && !printer.addUse(use, part.name, part.form))
        return false;
  return true;
}

/// Elements stand one after the other, with --next between them.
bool printPolicy(Printer &printer) {
  printer.add("dir", printer.value("dir"));
  printer.add("pol", printer.value("pol", "ipsec"));
  if (printer.has("strict"))
    printer.add("strict");
  auto uses = printer.uses();
  llvm::ArrayRef<const Use *> rest = uses;
  for (;;) {
    const Use *const *next = llvm::find_if(rest, [](const Use *use) { return use->is("next"); });
    if (!printPolicyElement(printer, rest.take_front(next - rest.begin())))
      return false;
    if (next == rest.end())
      return true;
    printer.add("next");
    rest = rest.drop_front(next - rest.begin() + 1);
  }
}

bool printQueues(Printer &printer) {
  if (const Use *balance = printer.find("queue-balance"))
    return printer.addUse(balance, "queue-balance", range16);
  auto queue = parseNumber(printer.value("queue-num", "0"), 0xffff);
  if (queue)
    printer.add("queue-num", fmt::format("{}", *queue));
  return queue.has_value();
}

/// The last one counts.
bool printRecentSide(Printer &printer) {
  bool source = true;
  for (const Use *use : printer.uses())
    if (use->is("rsource") || use->is("rdest"))
      source = use->is("rsource");
  printer.add(source ? "rsource" : "rdest");
  return true;
}

/// Counters are updated unless the rule says that they are not.
bool printSetUpdates(Printer &printer) {
  for (llvm::StringRef name : {"update-counters", "update-subcounters"})
    if (printer.negated(name))
      printer.add(name, "", /*negated=*/true);
  return true;
}

/// A probability is a number of 31 bits for the kernel.
bool printStatistic(Printer &printer) {
  llvm::StringRef mode = printer.value("mode");
  printer.add("mode", mode);
  if (mode == "random") {
    double probability = 0;
    if (printer.value("probability", "0").getAsDouble(probability))
      return false;
    constexpr double kSteps = 0x80000000;
    printer.add("probability", fmt::format("{:.11f}", double(std::lround(probability * kSteps)) / kSteps),
                printer.negated("probability"));
    return true;
  }
  auto every = parseNumber(printer.value("every", "0"), 0xffffffff);
  auto packet = parseNumber(printer.value("packet", "0"), 0xffffffff);
  if (mode != "nth" || !every || !packet)
    return false;
  printer.add("every", fmt::format("{}", *every), printer.negated("every"));
  printer.add("packet", fmt::format("{}", *packet));
  return true;
}

/// What `--hex-string` stands for: text, with bytes as hexadecimal numbers between two `|`; a backslash takes the next
/// character as it is.
static Text hexPattern(llvm::StringRef text) {
  std::string out;
  bool hex = false;
  while (!text.empty()) {
    char c = text[0];
    unsigned byte = 0;
    if (c == '|') {
      hex = !hex;
      text = text.drop_front();
    } else if (!hex) {
      text = text.drop_front(c == '\\');
      if (text.empty())
        return std::nullopt;
      out += text[0];
      text = text.drop_front();
    } else if (c == ' ') {
      text = text.drop_front();
    } else {
      if (text.size() < 2 || text.take_front(2).getAsInteger(16, byte))
        return std::nullopt;
      out += char(byte);
      text = text.drop_front(2);
    }
  }
  return out;
}

/// Printed as hexadecimal numbers where a byte of it cannot be printed, or the last one is a backslash.
bool printStringPattern(Printer &printer) {
  bool asHex = printer.has("hex-string");
  const Use *use = printer.find(asHex ? "hex-string" : "string");
  if (!use)
    return false;
  std::string written = printer.value(asHex ? "hex-string" : "string").str();
  Text pattern = asHex ? hexPattern(written) : Text(written);
  if (!pattern || pattern->empty())
    return false;
  if (pattern->back() != '\\' && llvm::all_of(*pattern, llvm::isPrint)) {
    llvm::StringRef whole = *pattern;
    printer.add("string", *inQuotes({whole, printer.familyOf()}), use->negated);
    return true;
  }
  std::string bytes;
  for (char c : *pattern)
    bytes += fmt::format("{:02x}", uint8_t(c));
  printer.add("hex-string", "\"|" + bytes + "|\"", use->negated);
  return true;
}

namespace {
/// What HMARK reads of a packet: an option of its own, or a member of --hmark-tuple that stands for all bits of it.
struct HmarkPart {
  llvm::StringLiteral option, member;
  const char *format;
};
} // namespace

static constexpr HmarkPart kHmarkParts[] = {
    {"hmark-src-prefix", "src", "{}"},         {"hmark-dst-prefix", "dst", "{}"},
    {"hmark-sport-mask", "sport", "0x{:04x}"}, {"hmark-dport-mask", "dport", "0x{:04x}"},
    {"hmark-spi-mask", "spi", "0x{:08x}"},     {"hmark-sport", "", "0x{:04x}"},
    {"hmark-dport", "", "0x{:04x}"},           {"hmark-spi", "", "0x{:08x}"},
    {"hmark-proto-mask", "proto", "0x{:02x}"},
};

static uint64_t allBits(const HmarkPart &part, packet::Family family) {
  if (part.member == "src" || part.member == "dst")
    return packet::bits(packet::Field::Src, family);
  return part.member == "spi" ? 0xffffffff : 0xffff;
}

static bool isInTuple(Printer &printer, llvm::StringRef member) {
  llvm::SmallVector<llvm::StringRef, 6> members;
  printer.value("hmark-tuple").split(members, ',', -1, /*KeepEmpty=*/false);
  return !member.empty() && llvm::is_contained(members, member);
}

bool printHmarkTuple(Printer &printer) {
  for (const HmarkPart &part : kHmarkParts) {
    std::optional<uint64_t> value;
    if (printer.has(part.option))
      value = parseNumber(printer.value(part.option), 0xffffffff);
    else if (isInTuple(printer, part.member))
      value = allBits(part, printer.familyOf());
    else
      continue;
    if (!value)
      return false;
    printer.add(part.option, fmt::format(fmt::runtime(part.format), *value));
  }
  return true;
}

bool printHmarkCt(Printer &printer) {
  if (isInTuple(printer, "ct"))
    printer.add("hmark-tuple", "ct");
  return true;
}

} // namespace iptlint::parse::normal
