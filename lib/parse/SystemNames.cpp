#include "parse/SystemNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

namespace iptlint::parse {

namespace {
struct NamedNumber {
  llvm::StringLiteral name;
  uint16_t number;
};
} // namespace

static constexpr NamedNumber kServices[] = {
#define SERVICE(Name, Port) {Name, Port},
#include "parse/Names.def"
};

static constexpr NamedNumber kProtocols[] = {
#define PROTOCOL(Name, Number) {Name, Number},
#include "parse/Names.def"
};

static std::optional<uint16_t> lookUp(llvm::ArrayRef<NamedNumber> sorted, llvm::StringRef name) {
  auto at = llvm::partition_point(sorted, [&](const NamedNumber &entry) { return entry.name < name; });
  if (at == sorted.end() || at->name != name)
    return std::nullopt;
  return at->number;
}

void NameTable::add(llvm::StringRef text) {
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    llvm::SmallVector<llvm::StringRef, 4> words;
    llvm::SplitString(line.split('#').first, words);
    uint16_t number = 0;
    if (words.size() < 2 || words[1].split('/').first.getAsInteger(10, number))
      continue;
    words.erase(words.begin() + 1);
    for (llvm::StringRef name : words)
      numbers.try_emplace(name, number);
  }
}

std::optional<uint16_t> NameTable::find(llvm::StringRef name) const {
  auto found = numbers.find(name);
  return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

static NameTable readFile(const char *path) {
  NameTable table;
  if (auto buffer = llvm::MemoryBuffer::getFile(path))
    table.add((*buffer)->getBuffer());
  return table;
}

static const NameTable &servicesOfMachine() {
  static const NameTable table = readFile("/etc/services");
  return table;
}

static const NameTable &protocolsOfMachine() {
  static const NameTable table = readFile("/etc/protocols");
  return table;
}

std::optional<uint16_t> findService(llvm::StringRef name, const NameTable *services) {
  auto number = (services ? *services : servicesOfMachine()).find(name);
  return number ? number : lookUp(kServices, name);
}

std::optional<uint16_t> findProtocol(llvm::StringRef name, const NameTable *protocols) {
  auto number = (protocols ? *protocols : protocolsOfMachine()).find(name);
  return number && *number <= 0xff ? number : lookUp(kProtocols, name);
}

} // namespace iptlint::parse
