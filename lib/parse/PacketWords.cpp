#include "parse/PacketWords.h"
#include "parse/Options.h"
#include "parse/PacketReader.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

PacketReader::PacketReader(llvm::ArrayRef<std::string> given, const PacketOptions &options) : options(options) {
  parsed.source = support::Source::fromText(llvm::join(given, " ") + "\n", "packet");
  size_t at = 0;
  for (const std::string &word : given) {
    words.push_back(parsed.source->text().substr(at, word.size()));
    at += word.size() + 1;
  }
  parsed.packet.family = options.family.value_or(guessFamily());
}

/// That of the first word that is an address.
Family PacketReader::guessFamily() const {
  for (StringRef word : words) {
    StringRef text = looksLikeUrl(word) ? splitUrl(word).host : word;
    Value address = 0;
    for (Family family : {Family::IPv4, Family::IPv6})
      if (packet::parseAddress(text, family, address))
        return family;
    if (word == "-6" || word == "--ipv6")
      return Family::IPv6;
  }
  return Family::IPv4;
}

void PacketReader::error(StringRef at, std::string message) {
  support::Diagnostic &finding = parsed.findings.emplace_back();
  finding.check = "syntax";
  finding.at = parsed.source->rangeOf(at);
  finding.message = std::move(message);
}

void PacketReader::set(StringRef at, Field field, Value value) {
  if (parsed.given[unsigned(field)] && parsed.packet[field] != value)
    return error(at, fmt::format("the packet has another {} already", packet::name(field).str()));
  parsed.given.set(unsigned(field));
  parsed.packet[field] = value;
}

std::optional<StringRef> PacketReader::nextValue(StringRef option) {
  if (next != words.size())
    return words[next++];
  error(option, fmt::format("'{}' needs a value", option.str()));
  return std::nullopt;
}

/// Of a rule it would be fine, but a packet has one value.
static StringRef whyNotOne(StringRef text, Field field) {
  bool isAddress = field == Field::Src || field == Field::Dst;
  if (text.contains(','))
    return "; a packet has one of them, not a list";
  if (isAddress && text.contains('/'))
    return "; a packet has one address, not a block";
  if (isAddress && text.contains('-'))
    return "; a packet has one address, not a range";
  if (!isAddress && (text.contains(':') || text.contains('-')) && llvm::isDigit(text[0]))
    return "; a packet has one of them, not a range";
  if (text.contains('/'))
    return "; a packet has a value, not a mask";
  return text.endswith("+") ? "; a packet comes by one interface" : "";
}

void PacketReader::refuseValue(StringRef at, StringRef option, const PacketOption &known) {
  StringRef more = at.empty() ? StringRef() : whyNotOne(at, known.field);
  error(at.empty() ? option : at, fmt::format("'{}' is no {}{}", at.str(), known.what.str(), more.str()));
}

static bool isAddressField(Field field) {
  return field == Field::Src || field == Field::Dst || (field >= Field::CtOrigSrc && field <= Field::CtReplDst);
}

void PacketReader::readAddress(const PacketOption &known, StringRef text) {
  size_t before = parsed.findings.size();
  if (auto address = addressOf(text, text))
    set(text, known.field, *address);
  else if (parsed.findings.size() == before)
    refuseValue(text, known.name, known);
}

void PacketReader::readValue(StringRef option, const PacketOption &known) {
  auto text = nextValue(option);
  if (!text)
    return;
  if (*text == "!")
    return error(*text, "'!' says what a packet is not; a packet has one value");
  if (isAddressField(known.field) && !text->empty())
    return readAddress(known, *text);
  auto value = known.read(*text, parsed.packet.family);
  bool fits = value && *value <= packet::maxValue(known.field, parsed.packet.family);
  if (!fits)
    return refuseValue(*text, option, known);
  set(*text, known.field, *value);
}

/// `-m` is not needed; it tells apart options of the same name.
void PacketReader::readMatch(StringRef option) {
  auto name = nextValue(option);
  if (!name)
    return;
  match = *name;
  if (!findMatch(*name))
    error(*name, fmt::format("iptables knows no match '{}'", name->str()));
}

/// Flags that the mask leaves out are not set.
void PacketReader::readTcpFlags(StringRef option) {
  auto mask = nextValue(option);
  auto set = mask ? nextValue(option) : std::nullopt;
  if (!set)
    return;
  for (StringRef list : {*mask, *set})
    if (!parse::readTcpFlags(list))
      return error(list, fmt::format("'{}' is no list of TCP flags", list.str()));
  this->set(*set, Field::TcpFlags, *parse::readTcpFlags(*set));
}

void PacketReader::readPolicy(StringRef option) {
  auto policy = nextValue(option);
  if (!policy)
    return;
  if (*policy != "ipsec" && *policy != "none")
    return error(*policy, fmt::format("'{}' is no policy: ipsec or none", policy->str()));
  if (direction != "in" && direction != "out")
    return error(option, "'--pol' needs '--dir in' or '--dir out' before it");
  set(*policy, direction == "in" ? Field::PolicyIn : Field::PolicyOut, *policy == "ipsec");
}

void PacketReader::readMacDestination(StringRef option) {
  auto text = nextValue(option);
  if (!text)
    return;
  parsed.macDestination = parseMac(*text);
  if (!parsed.macDestination)
    error(*text, fmt::format("'{}' is no MAC address", text->str()));
}

void PacketReader::readOption(StringRef option) {
  constexpr unsigned kSyn = 2;
  if (option == "-m" || option == "--match")
    return readMatch(option);
  if (option == "--tcp-flags")
    return readTcpFlags(option);
  if (option == "--syn")
    return set(option, Field::TcpFlags, kSyn);
  if (option == "-f" || option == "--fragments")
    return set(option, Field::Fragment, Value(packet::Fragment::Later));
  if (option == "--mac-destination")
    return readMacDestination(option);
  if (option == "--dir") {
    direction = nextValue(option).value_or("");
    return;
  }
  if (option == "--pol")
    return readPolicy(option);
  if (option == "-4" || option == "--ipv4" || option == "-6" || option == "--ipv6")
    return;
  bool isFlowMark = option == "--mark" && match == "connmark";
  if (const PacketOption *known = findPacketOption(isFlowMark ? "--connmark" : option))
    return readValue(option, *known);
  error(option, fmt::format("'{}' says nothing that a packet has", option.str()));
}

// --- words

/// `--dport=80` becomes two words.
StringRef PacketReader::splitAtEquals(StringRef word) {
  auto [option, value] = word.split('=');
  words[next] = option;
  words.insert(words.begin() + long(next) + 1, value);
  return option;
}

void PacketReader::readWord() {
  StringRef word = words[next];
  if (word.startswith("-") && word.contains('=') && !looksLikeUrl(word))
    word = splitAtEquals(word);
  ++next;
  if (word == "!")
    return error(word, "'!' says what a packet is not; a packet has one value");
  if (looksLikeUrl(word))
    return readUrl(word);
  if (word.startswith("-") && word.size() > 1)
    return readOption(word);
  error(word, word.empty() ? "an empty word" : fmt::format("'{}' is no option, nor a URL", word.str()));
}

ParsedPacket PacketReader::read() {
  while (next != words.size())
    readWord();
  packet::Packet &packet = parsed.packet;
  packet[Field::Hook] = Value(packet[Field::In] ? packet::Hook::Prerouting : packet::Hook::Output);
  return std::move(parsed);
}

ParsedPacket parsePacket(llvm::ArrayRef<std::string> words, const PacketOptions &options) {
  return PacketReader(words, options).read();
}

} // namespace iptlint::parse
