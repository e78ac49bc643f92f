// parseSets(): the lines of ipset's texts, and what the sets hold after all of them.
//
// Follows ipset 7.17 and the kernel's set types: what they refuse changes nothing, and is said. What cannot be
// read might have changed any set, so nothing is known of any then.
#include "parse/Findings.h"
#include "parse/Parse.h"
#include "parse/RoutesValues.h"
#include "parse/SetsContents.h"
#include "parse/SetsLine.h"
#include "parse/SetsScript.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;
using support::Severity;

namespace {

/// A set with its contents as they are so far.
struct NamedSet {
  ir::Set set;
  SetContents contents;
  NamedSet(ir::Set named, SetShape shape, uint64_t most) : set(std::move(named)), contents(set, shape, most) {}
};

class SetsReader {
public:
  void readFile(const std::shared_ptr<const support::Source> &source);
  ParsedSets finish();

private:
  void readLine(llvm::StringRef line);
  void readStatement(const SetLine &line);
  void readHeading(const SetLine &line);
  void create(llvm::StringRef name, llvm::StringRef type, llvm::ArrayRef<llvm::StringRef> options, bool exist);
  bool readCreateOption(llvm::StringRef option, llvm::StringRef value, NamedSet &made, SetShape &shape, uint64_t &most);
  void readFamily(llvm::StringRef value, SetShape &shape);
  void change(NamedSet &set, llvm::ArrayRef<llvm::StringRef> words, SetVerb verb, bool exist);
  bool readMemberOptions(llvm::ArrayRef<llvm::StringRef> words, const NamedSet &set, ir::SetMember &member, bool &wildcard);
  void destroy(llvm::ArrayRef<llvm::StringRef> words);
  void flush(llvm::ArrayRef<llvm::StringRef> words);
  void exchange(const SetLine &line);
  bool isInList(llvm::StringRef name) const;
  NamedSet *find(llvm::StringRef name);
  void unread(llvm::StringRef at, std::string message);
  void refused(llvm::StringRef at, std::string message);

  ParsedSets parsed;
  std::shared_ptr<ir::Sets> sets = std::make_shared<ir::Sets>();
  std::vector<std::unique_ptr<NamedSet>> named;
  llvm::StringMap<NamedSet *> byName;
  SetLineReader lines;
  bool anyUnread = false;

  // Of the file that is being read.
  std::optional<Findings> findings;
  ScriptState script;
  llvm::StringRef listedName, listedType; ///< `ipset list`: what the headings say so far
  NamedSet *listed = nullptr;             ///< whose members follow
};

void SetsReader::unread(llvm::StringRef at, std::string message) {
  anyUnread = true;
  findings->error(at, std::move(message));
}

/// What ipset would refuse: it was read, and changes nothing.
void SetsReader::refused(llvm::StringRef at, std::string message) {
  findings->add(Severity::Warning, at, std::move(message));
}

void SetsReader::readFile(const std::shared_ptr<const support::Source> &source) {
  findings.emplace(*source);
  script = ScriptState(source->text());
  listedName = listedType = {};
  listed = nullptr;
  sets->sources.push_back(source);
  llvm::StringRef text = source->text();
  if (size_t zero = text.find('\0'); zero != llvm::StringRef::npos) {
    unread(text.substr(zero, 1), "this is not text: it has a byte of value 0");
    text = {};
  }
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    line.consume_back("\r");
    readLine(line);
    text = rest;
  }
  parsed.incomplete |= findings->incomplete;
  parsed.files.push_back({source, findings->take()});
}

void SetsReader::readLine(llvm::StringRef line) {
  switch (script.kindOf(line)) {
  case SetTextLine::Blank:
    listed = nullptr;
    return;
  case SetTextLine::Foreign:
    return;
  case SetTextLine::Heading:
    return readHeading(lines.heading(line));
  case SetTextLine::Statement:
    return readStatement(lines.statement(line));
  case SetTextLine::Sometimes:
    return unread(line.trim(" \t"), "it takes a shell to know whether this runs; the text of `ipset save` says what it leaves");
  case SetTextLine::Unknown:
    break;
  }
  if (!listed)
    return unread(line.trim(" \t"), "this is no line of ipset's");
  SetLine read = lines.member(line);
  if (!read.fault.empty())
    return unread(read.faultAt, read.fault);
  change(*listed, read.words, SetVerb::Add, /*exist=*/false);
}

void SetsReader::readStatement(const SetLine &line) {
  if (line.verb == SetVerb::Other)
    return;
  if (!line.fault.empty())
    return unread(line.faultAt, line.fault);
  llvm::ArrayRef<llvm::StringRef> words = line.words;
  switch (line.verb) {
  case SetVerb::Create:
    return create(words[0], words[1], words.drop_front(2), line.exist);
  case SetVerb::Destroy:
    return destroy(words);
  case SetVerb::Flush:
    return flush(words);
  case SetVerb::Rename:
  case SetVerb::Swap:
    return exchange(line);
  default:
    if (NamedSet *set = find(words[0]))
      change(*set, words.drop_front(), line.verb, line.exist);
  }
}

/// `Name: blocked`, `Type: hash:net`, `Header: family inet hashsize 1024 maxelem 65536`
void SetsReader::readHeading(const SetLine &line) {
  llvm::ArrayRef<llvm::StringRef> words = line.words;
  if (!line.fault.empty() || words.size() < 2)
    return unread(line.fault.empty() ? words[0] : line.faultAt, line.fault.empty() ? "nothing follows" : line.fault);
  if (words[0] == "Name:") {
    listedName = words[1];
    return;
  }
  if (words[0] == "Type:") {
    listedType = words[1];
    return;
  }
  if (listedName.empty() || listedType.empty())
    return unread(words[0], "no name and type of a set stand before this");
  create(listedName, listedType, words.drop_front(), /*exist=*/false);
  auto made = byName.find(listedName);
  listed = made == byName.end() ? nullptr : made->second;
}

NamedSet *SetsReader::find(llvm::StringRef name) {
  auto found = byName.find(name);
  if (found != byName.end())
    return found->second;
  refused(name, fmt::format("there is no set '{}'", name));
  return nullptr;
}

// --- create

void SetsReader::create(llvm::StringRef name, llvm::StringRef typeName, llvm::ArrayRef<llvm::StringRef> options, bool exist) {
  constexpr size_t kMostName = 31; // IPSET_MAXNAMELEN - 1
  const SetType *type = findSetType(typeName);
  if (!type)
    return unread(typeName, fmt::format("ipset has no type '{}'", typeName));
  if (name.size() > kMostName)
    return unread(name, fmt::format("a set's name has at most {} characters", kMostName));
  ir::Set set;
  set.name = name;
  set.source = sets->sources.size() - 1;
  set.at = findings->source.rangeOf(name);
  set.type = type->name;
  set.parts.append(type->parts.begin(), type->parts.begin() + type->dimension);
  SetShape shape;
  shape.type = type;
  bool isHash = llvm::StringRef(type->name).startswith("hash:");
  uint64_t most = isHash ? 65536 : 0;
  auto made = std::make_unique<NamedSet>(std::move(set), shape, most);
  for (size_t i = 0; i != options.size(); ++i) {
    SetOption kind = findCreateOption(options[i]);
    bool hasValue = kind == SetOption::Value && i + 1 != options.size();
    if (kind == SetOption::None || (kind == SetOption::Value && !hasValue))
      return unread(options[i], kind == SetOption::None ? fmt::format("'create' has no option '{}'", options[i])
                                                        : fmt::format("no value follows '{}'", options[i]));
    if (!readCreateOption(options[i], hasValue ? options[i + 1] : llvm::StringRef(), *made, shape, most))
      return;
    i += hasValue;
  }
  if (!isHash && type->family != SetFamily::None && !shape.range)
    return unread(typeName, fmt::format("a {} needs a range", llvm::StringRef(type->name)));
  if (auto known = byName.find(name); known != byName.end()) {
    if (!exist || known->second->set.type != made->set.type)
      refused(name, fmt::format("the set '{}' exists already", name));
    return;
  }
  std::string unknown = made->contents.alwaysUnknown;
  bool expire = made->contents.membersExpire;
  made->contents = SetContents(made->set, shape, most);
  made->contents.alwaysUnknown = made->set.unknown = unknown;
  made->contents.membersExpire = expire;
  made->set.family = type->family == SetFamily::None ? std::nullopt : std::optional(shape.family);
  byName[name] = made.get();
  named.push_back(std::move(made));
}

void SetsReader::readFamily(llvm::StringRef value, SetShape &shape) {
  bool ipv6 = value == "inet6" || value == "ipv6" || value == "-6";
  if (!ipv6 && value != "inet" && value != "ipv4" && value != "-4")
    return unread(value, fmt::format("'{}' is no family; inet and inet6 are", value));
  shape.family = ipv6 ? Family::IPv6 : Family::IPv4;
  shape.netmask = packet::bits(packet::Field::Src, shape.family);
}

/// \returns false where the option cannot be read, which has been said.
bool SetsReader::readCreateOption(llvm::StringRef option, llvm::StringRef value, NamedSet &made, SetShape &shape, uint64_t &most) {
  size_t before = findings->size();
  auto number = parseNumber(value, 0xffffffff);
  if (option == "family" || option == "-4" || option == "-6") {
    readFamily(value.empty() ? option : value, shape);
  } else if (option == "range" || option == "network") {
    shape.range = parseSetRange(value, *shape.type);
    if (!shape.range)
      unread(value, fmt::format("'{}' is no range", value));
  } else if (option == "netmask") {
    auto length = readLength(value, shape.family);
    if (length && *length != 0)
      shape.netmask = *length;
    else
      unread(value, fmt::format("'{}' is no length of a netmask", value));
  } else if (option == "markmask" || option == "maxelem" || option == "timeout") {
    if (!number)
      unread(value, fmt::format("'{}' is no number up to 4294967295", value));
    else if (option == "markmask")
      made.set.markMask = *number;
    else if (option == "maxelem")
      most = *number;
    else
      made.contents.membersExpire = *number != 0;
  } else if (option == "counters") {
    made.set.hasCounters = true;
  } else if (option == "forceadd") {
    made.contents.alwaysUnknown = "with forceadd it drops members by chance when it is full";
  } else if (option == "bitmask") {
    made.contents.alwaysUnknown = "its bitmask is not modelled";
  } else if (option == "from" || option == "to") {
    unread(option, "ranges of this old form are not read; `range` takes their place");
  }
  return findings->size() == before;
}

// --- add, del

static bool isTimeout(llvm::StringRef option) { return option == "timeout"; }

bool SetsReader::readMemberOptions(llvm::ArrayRef<llvm::StringRef> words, const NamedSet &set, ir::SetMember &member, bool &wildcard) {
  for (size_t i = 0; i != words.size(); ++i) {
    SetOption kind = findMemberOption(words[i]);
    if (kind == SetOption::None || (kind == SetOption::Value && i + 1 == words.size())) {
      unread(words[i], kind == SetOption::None ? fmt::format("a member has no option '{}'", words[i])
                                               : fmt::format("no value follows '{}'", words[i]));
      return false;
    }
    wildcard |= words[i] == "wildcard";
    member.nomatch |= words[i] == "nomatch";
    if (isTimeout(words[i])) {
      auto seconds = parseNumber(words[i + 1], 0xffffffff);
      if (!seconds)
        return unread(words[i + 1], fmt::format("'{}' is no number of seconds", words[i + 1])), false;
      member.expires = *seconds != 0;
    }
    if (words[i] == "comment")
      member.comment = words[i + 1].trim('"');
    i += kind == SetOption::Value;
  }
  return true;
}

/// \p words  the member and its options.
void SetsReader::change(NamedSet &set, llvm::ArrayRef<llvm::StringRef> words, SetVerb verb, bool exist) {
  ir::SetMember member;
  member.at = findings->source.rangeOf(words[0]);
  member.expires = set.contents.membersExpire;
  bool wildcard = false;
  if (!readMemberOptions(words.drop_front(), set, member, wildcard))
    return;
  SetEntry entry = parseSetEntry(words[0], set.contents.form(), wildcard);
  if (!entry.fault.empty())
    return unread(entry.faultAt, entry.fault);
  if (!entry.name.empty() && !byName.count(entry.name))
    return refused(entry.name, fmt::format("there is no set '{}'", entry.name));
  if (!entry.name.empty() && byName[entry.name]->set.type == "list:set")
    return refused(entry.name, "a list of sets cannot hold another one");
  member.name = entry.name;
  member.physdev = entry.physdev;
  for (const std::array<ir::SetValue, 3> &parts : entry.members) {
    member.parts = parts;
    if (set.set.parts.size() > 1 && set.set.parts[1] == ir::SetPart::Mark)
      member.parts[1].lo = member.parts[1].hi = parts[1].lo & set.set.markMask;
    std::string fault = verb == SetVerb::Add ? set.contents.add(member, exist) : set.contents.remove(member, exist);
    if (!fault.empty())
      return refused(words[0], fmt::format("'{}' {}", words[0], fault));
  }
}

// --- destroy, flush, rename, swap

bool SetsReader::isInList(llvm::StringRef name) const {
  return llvm::any_of(named, [&](const auto &set) { return set->contents.holdsSet(name); });
}

void SetsReader::destroy(llvm::ArrayRef<llvm::StringRef> words) {
  if (words.empty()) {
    byName.clear();
    return named.clear();
  }
  NamedSet *set = find(words[0]);
  if (!set)
    return;
  if (isInList(words[0]))
    return refused(words[0], "the set is in a list, so it cannot be destroyed");
  byName.erase(words[0]);
  llvm::erase_if(named, [&](const auto &candidate) { return candidate.get() == set; });
}

void SetsReader::flush(llvm::ArrayRef<llvm::StringRef> words) {
  if (words.empty()) {
    for (const auto &set : named)
      set->contents.flush();
  } else if (NamedSet *set = find(words[0])) {
    set->contents.flush();
  }
}

void SetsReader::exchange(const SetLine &line) {
  NamedSet *from = find(line.words[0]);
  llvm::StringRef name = line.words[1];
  if (!from)
    return;
  if (line.verb == SetVerb::Swap) {
    NamedSet *to = find(name);
    if (to && (to->set.type != from->set.type || to->set.family != from->set.family))
      refused(name, "sets of different types cannot be swapped");
    else if (to && to != from)
      from->contents.swap(to->contents);
    return;
  }
  if (byName.count(name) || isInList(line.words[0]))
    return refused(name, byName.count(name) ? "a set of this name exists already" : "the set is in a list, so it cannot be renamed");
  byName.erase(line.words[0]);
  from->set.name = name;
  byName[name] = from;
}

ParsedSets SetsReader::finish() {
  for (const auto &set : named) {
    set->contents.finish();
    if (anyUnread)
      set->set.unknown = "a line about sets could not be read";
    sets->sets.push_back(std::move(set->set));
  }
  parsed.sets = sets;
  return std::move(parsed);
}

} // namespace

ParsedSets parseSets(llvm::ArrayRef<std::shared_ptr<const support::Source>> sources) {
  SetsReader reader;
  for (const auto &source : sources)
    reader.readFile(source);
  return reader.finish();
}

} // namespace iptlint::parse
