#include "driver/Config.h"
#include "driver/Checks.h"
#include "driver/OptionValues.h"
#include "driver/Selection.h"
#include "lint/Registry.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"
#include <fmt/format.h>

namespace iptlint::driver {

using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
namespace yaml = llvm::yaml;

std::string findConfig(StringRef file) {
  llvm::SmallString<256> folder(file == "-" ? StringRef() : path::parent_path(file));
  fs::make_absolute(folder);
  path::remove_dots(folder, /*remove_dot_dot=*/false);
  for (StringRef at = folder; !at.empty(); at = path::parent_path(at)) {
    llvm::SmallString<256> candidate(at);
    path::append(candidate, ".iptlint.yaml");
    if (fs::exists(candidate))
      return candidate.str().str();
  }
  return "";
}

namespace {

/// A scalar, and where it stands.
struct Text {
  std::string text;
  const yaml::Node *at;
};

class Reader {
public:
  Reader(const support::Source &source, Options &options) : source(source), options(options) {}

  std::vector<support::Diagnostic> run();

private:
  struct Key {
    llvm::StringLiteral name;
    void (Reader::*read)(StringRef key, yaml::Node &value);
  };
  static const Key kKeys[];

  void readRoot(yaml::Node &root);
  void readEntry(yaml::KeyValueNode &entry, std::set<std::string> &seen);

  // --- The keys

  void readAddresses(StringRef key, yaml::Node &value) { readFiles(key, value, options.network.addresses); }
  void readBackend(StringRef key, yaml::Node &value) { choose<std::optional<ir::BackEnd>>(key, value, kBackends, options.rules.backEnd); }
  void readBridges(StringRef key, yaml::Node &value) { readFiles(key, value, options.network.bridges); }
  void readBudget(StringRef key, yaml::Node &value);
  void readTimeout(StringRef key, yaml::Node &value);
  std::optional<uint64_t> unitsOf(StringRef key, yaml::Node &value);
  void readChecks(StringRef key, yaml::Node &value);
  void readExposedPorts(StringRef key, yaml::Node &value);
  void readFailOn(StringRef key, yaml::Node &value) {
    choose<std::optional<support::Severity>>(key, value, kFailOn, options.failOn);
  }
  void readFamily(StringRef key, yaml::Node &value) {
    choose<std::optional<packet::Family>>(key, value, kFamilies, options.rules.family);
  }
  void readHosts(StringRef key, yaml::Node &value) { readFiles(key, value, options.hosts); }
  void readInputFormat(StringRef key, yaml::Node &value) {
    choose<std::optional<ir::Form>>(key, value, kInputFormats, options.rules.form);
  }
  void readOutsideInterfaces(StringRef key, yaml::Node &value);
  void readOwnAddresses(StringRef key, yaml::Node &value);
  void readPerTable(StringRef key, yaml::Node &value) { readFlag(key, value, options.perTable); }
  void readRoutes(StringRef key, yaml::Node &value) { readFiles(key, value, options.network.routes); }
  void readRules(StringRef key, yaml::Node &value) { readFiles(key, value, options.network.rules); }
  void readSets(StringRef key, yaml::Node &value) { readFiles(key, value, options.sets); }
  void readSeverities(StringRef key, yaml::Node &value);
  void readSolver(StringRef key, yaml::Node &value) { readFlag(key, value, options.solver); }
  void readStrict(StringRef key, yaml::Node &value) { readFlag(key, value, options.strict); }
  void readSysctl(StringRef key, yaml::Node &value);
  void readTogether(StringRef key, yaml::Node &value) { readFlag(key, value, options.together); }

  // --- Kinds of values

  bool isGiven(StringRef key) const { return options.given.count(key.str()) != 0; }
  std::optional<Text> textOf(yaml::Node *node, const std::string &expected);
  std::vector<Text> textsOf(StringRef key, yaml::Node &value, StringRef of);
  template <typename Value>
  void choose(StringRef key, yaml::Node &value, llvm::ArrayRef<Choice<Value>> choices, Value &target);
  void readFlag(StringRef key, yaml::Node &value, bool &target);
  void readFiles(StringRef key, yaml::Node &value, std::vector<std::string> &target);
  std::string fromHere(StringRef file) const;

  // --- What is wrong

  support::Diagnostic finding(llvm::SMRange at, std::string message) const;
  void complain(const yaml::Node &at, std::string message) {
    findings.push_back(finding(at.getSourceRange(), std::move(message)));
  }
  static void noteYamlError(const llvm::SMDiagnostic &error, void *self);

  const support::Source &source;
  Options &options;
  std::vector<support::Diagnostic> findings;
  std::vector<support::Diagnostic> yamlErrors; ///< where there are some, what else is wrong may come of them
};

} // namespace

const Reader::Key Reader::kKeys[] = {
    {"addresses", &Reader::readAddresses},
    {"backend", &Reader::readBackend},
    {"bridges", &Reader::readBridges},
    {"budget", &Reader::readBudget},
    {"checks", &Reader::readChecks},
    {"exposed-ports", &Reader::readExposedPorts},
    {"fail-on", &Reader::readFailOn},
    {"family", &Reader::readFamily},
    {"hosts", &Reader::readHosts},
    {"input-format", &Reader::readInputFormat},
    {"outside-interfaces", &Reader::readOutsideInterfaces},
    {"own-addresses", &Reader::readOwnAddresses},
    {"per-table", &Reader::readPerTable},
    {"routes", &Reader::readRoutes},
    {"rules", &Reader::readRules},
    {"sets", &Reader::readSets},
    {"severities", &Reader::readSeverities},
    {"solver", &Reader::readSolver},
    {"strict", &Reader::readStrict},
    {"sysctl", &Reader::readSysctl},
    {"timeout", &Reader::readTimeout},
    {"together", &Reader::readTogether},
};

// --- What is wrong

support::Diagnostic Reader::finding(llvm::SMRange at, std::string message) const {
  StringRef text = source.text();
  auto offset = [&](llvm::SMLoc place) {
    bool inside = place.isValid() && place.getPointer() >= text.begin() && place.getPointer() <= text.end();
    return uint32_t(inside ? place.getPointer() - text.begin() : text.size());
  };
  support::SourceRange range{offset(at.Start), offset(at.End)};
  return {"config", support::Severity::Error, range, {}, std::move(message), {}, std::nullopt};
}

// --- Kinds of values

std::optional<Text> Reader::textOf(yaml::Node *node, const std::string &expected) {
  if (auto *scalar = llvm::dyn_cast_or_null<yaml::ScalarNode>(node)) {
    llvm::SmallString<64> storage;
    return Text{scalar->getValue(storage).str(), node};
  }
  if (node)
    complain(*node, expected);
  return std::nullopt;
}

/// \param of  what the list is one of.
std::vector<Text> Reader::textsOf(StringRef key, yaml::Node &value, StringRef of) {
  std::string expected = fmt::format("{} is a list of {}", key.str(), of.str());
  std::vector<Text> texts;
  auto *list = llvm::dyn_cast<yaml::SequenceNode>(&value);
  if (!list) {
    complain(value, expected);
    return texts;
  }
  for (yaml::Node &entry : *list)
    if (auto text = textOf(&entry, expected))
      texts.push_back(*text);
  return texts;
}

template <typename Value>
void Reader::choose(StringRef key, yaml::Node &value, llvm::ArrayRef<Choice<Value>> choices, Value &target) {
  std::string expected = fmt::format("{} is one of {}", key.str(), namesOf(choices));
  std::optional<Text> text = textOf(&value, expected);
  if (!text)
    return;
  const Value *found = findChoice(choices, text->text);
  if (!found)
    complain(value, fmt::format("{}, not '{}'", expected, text->text));
  else if (!isGiven(key))
    target = *found;
}

void Reader::readFlag(StringRef key, yaml::Node &value, bool &target) {
  static constexpr Choice<bool> kFlags[] = {{"true", true}, {"false", false}};
  choose<bool>(key, value, kFlags, target);
}

std::string Reader::fromHere(StringRef file) const {
  llvm::SmallString<256> found(path::parent_path(source.path()));
  if (path::is_absolute(file))
    return file.str();
  path::append(found, file);
  return found.str().str();
}

void Reader::readFiles(StringRef key, yaml::Node &value, std::vector<std::string> &target) {
  std::vector<std::string> files;
  for (const Text &file : textsOf(key, value, "files"))
    files.push_back(fromHere(file.text));
  if (!isGiven(key))
    target = std::move(files);
}

// --- The keys

/// A number for an option that was not given on the command line.
std::optional<uint64_t> Reader::unitsOf(StringRef key, yaml::Node &value) {
  std::string expected = fmt::format("{} is a number from 1 to {}", key.str(), kMostUnits);
  std::optional<Text> text = textOf(&value, expected);
  if (!text)
    return std::nullopt;
  std::optional<uint64_t> units = parseUnits(text->text);
  if (!units)
    complain(value, fmt::format("{}, not '{}'", expected, text->text));
  return isGiven(key) ? std::nullopt : units;
}

void Reader::readBudget(StringRef key, yaml::Node &value) {
  if (std::optional<uint64_t> steps = unitsOf(key, value))
    options.budget = *steps;
}

void Reader::readTimeout(StringRef key, yaml::Node &value) {
  if (std::optional<uint64_t> seconds = unitsOf(key, value))
    options.timeout = std::chrono::seconds(*seconds);
}

void Reader::readChecks(StringRef key, yaml::Node &value) {
  std::vector<std::string> words;
  for (const Text &word : textsOf(key, value, "checks")) {
    if (std::string wrong = wrongCheckName({word.text}); !wrong.empty())
      complain(*word.at, wrong);
    words.push_back(word.text);
  }
  if (!isGiven(key))
    options.checks = std::move(words);
}

/// `22`, `22/tcp`, `11211/udp`.
static std::optional<lint::Port> portOf(StringRef text) {
  auto [number, protocol] = text.split('/');
  lint::Port port;
  bool wrong = number.getAsInteger(10, port.number) || port.number == 0;
  if (wrong || (protocol != "tcp" && protocol != "udp" && text.contains('/')))
    return std::nullopt;
  port.protocol = protocol == "udp" ? packet::kUdp : packet::kTcp;
  return port;
}

void Reader::readExposedPorts(StringRef key, yaml::Node &value) {
  std::vector<lint::Port> &ports = options.settings.exposedPorts.emplace();
  for (const Text &text : textsOf(key, value, "ports")) {
    if (std::optional<lint::Port> port = portOf(text.text))
      ports.push_back(*port);
    else
      complain(*text.at, fmt::format("'{}' is no port; 22, 6379/tcp and 11211/udp are", text.text));
  }
}

static bool isInterfaceName(StringRef name) {
  name.consume_back("+");
  return name.size() < 16 && (name.empty() || packet::isInterface(packet::interfaceValue(name)));
}

void Reader::readOutsideInterfaces(StringRef key, yaml::Node &value) {
  for (const Text &name : textsOf(key, value, "interfaces")) {
    if (name.text.empty() || !isInterfaceName(name.text))
      complain(*name.at, fmt::format("no interface is called '{}'", name.text));
    options.settings.outsideInterfaces.push_back(name.text);
  }
}

/// The addresses of `192.0.2.1` or `192.0.2.0/24`.
static std::optional<ir::Interval> addressesOf(StringRef text, packet::Family family) {
  std::optional<parse::AddressBlock> block = parse::parseAddressBlock(text, family);
  if (!block)
    return std::nullopt;
  auto ranges = parse::rangesOf(*block, family, 1);
  return ranges && ranges->size() == 1 ? std::optional(ranges->front()) : std::nullopt;
}

void Reader::readOwnAddresses(StringRef key, yaml::Node &value) {
  for (const Text &text : textsOf(key, value, "addresses")) {
    bool four = !StringRef(text.text).contains(':');
    std::optional<ir::Interval> addresses = addressesOf(text.text, four ? packet::Family::IPv4 : packet::Family::IPv6);
    if (!addresses)
      complain(*text.at, fmt::format("'{}' is no address; 192.0.2.1 and 2001:db8::/48 are", text.text));
    else
      (four ? options.settings.ownAddresses4 : options.settings.ownAddresses6).push_back(*addresses);
  }
}

/// Files and settings, as `--sysctl` takes them.
void Reader::readSysctl(StringRef key, yaml::Node &value) {
  std::vector<std::string> settings;
  for (const Text &text : textsOf(key, value, "files and settings"))
    settings.push_back(StringRef(text.text).contains('=') ? text.text : fromHere(text.text));
  if (!isGiven(key))
    options.network.settings = std::move(settings);
}

void Reader::readSeverities(StringRef key, yaml::Node &value) {
  std::string expected = key.str() + " has a line for each check, such as shadowed-rule: warning";
  auto *map = llvm::dyn_cast<yaml::MappingNode>(&value);
  if (!map)
    return complain(value, expected);
  for (yaml::KeyValueNode &entry : *map) {
    std::optional<Text> check = textOf(entry.getKey(), expected);
    if (!check)
      continue;
    if (!lint::findCheck(check->text))
      complain(*check->at, "there is no check " + check->text + closestCheck(check->text));
    else if (options.settings.severities.count(check->text))
      complain(*check->at, check->text + " is given twice");
    if (entry.getValue())
      choose<support::Severity>(check->text, *entry.getValue(), kSeverities, options.settings.severities[check->text]);
  }
}

// --- The whole

static std::string closestKey(StringRef typed, llvm::ArrayRef<StringRef> names) {
  std::string best;
  unsigned bestDistance = 4;
  for (StringRef name : names)
    if (unsigned distance = typed.edit_distance(name, /*AllowReplacements=*/true, bestDistance);
        distance < bestDistance) {
      bestDistance = distance;
      best = ", did you mean " + name.str() + "?";
    }
  return best;
}

void Reader::readEntry(yaml::KeyValueNode &entry, std::set<std::string> &seen) {
  std::optional<Text> name = textOf(entry.getKey(), "a key is a word");
  if (!name)
    return;
  const Key *key = llvm::find_if(kKeys, [&](const Key &of) { return of.name == name->text; });
  if (key == std::end(kKeys)) {
    std::vector<StringRef> names;
    llvm::transform(kKeys, std::back_inserter(names), [](const Key &of) { return StringRef(of.name); });
    return complain(*name->at, "there is no key " + name->text + closestKey(name->text, names));
  }
  if (!seen.insert(name->text).second)
    complain(*name->at, name->text + " is given twice");
  if (entry.getValue())
    (this->*key->read)(key->name, *entry.getValue());
}

void Reader::readRoot(yaml::Node &root) {
  if (llvm::isa<yaml::NullNode>(root))
    return;
  auto *map = llvm::dyn_cast<yaml::MappingNode>(&root);
  if (!map)
    return complain(root, "a configuration has lines such as fail-on: error");
  std::set<std::string> seen;
  for (yaml::KeyValueNode &entry : *map)
    readEntry(entry, seen);
}

void Reader::noteYamlError(const llvm::SMDiagnostic &error, void *self) {
  std::string message = error.getMessage().str();
  message[0] = llvm::toLower(message[0]);
  auto *reader = static_cast<Reader *>(self);
  reader->yamlErrors.push_back(reader->finding({error.getLoc(), error.getLoc()}, std::move(message)));
}

/// LLVM 14's JSON.h, which has this too, does not compile with clang in C++20.
static bool isUtf8(StringRef text) {
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  return llvm::isLegalUTF8String(&begin, reinterpret_cast<const llvm::UTF8 *>(text.end()));
}

std::vector<support::Diagnostic> Reader::run() {
  // What is no text would be taken for nothing.
  if (!isUtf8(source.text()))
    return {finding(llvm::SMRange(), "this is no text in UTF-8")};
  llvm::SourceMgr errors;
  errors.setDiagHandler(noteYamlError, this);
  yaml::Stream stream(source.text(), errors);
  yaml::document_iterator document = stream.begin();
  if (document != stream.end() && document->getRoot()) {
    readRoot(*document->getRoot());
    if (!stream.failed() && ++document != stream.end() && document->getRoot())
      complain(*document->getRoot(), "a configuration is one document");
  }
  if (stream.failed() && yamlErrors.empty())
    yamlErrors.push_back(finding(llvm::SMRange(), "this is no YAML"));
  return yamlErrors.empty() ? std::move(findings) : std::move(yamlErrors);
}

std::vector<support::Diagnostic> applyConfig(const support::Source &config, Options &options) {
  return Reader(config, options).run();
}

} // namespace iptlint::driver
