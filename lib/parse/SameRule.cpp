#include "parse/SameRule.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

static std::string hex(packet::Value value) {
  return llvm::utohexstr(uint64_t(value >> 64)) + ":" + llvm::utohexstr(uint64_t(value));
}

/// Each address of a list as number and mask; as written where it is none.
static std::string addressText(llvm::StringRef value, packet::Family family) {
  std::string text;
  llvm::SmallVector<llvm::StringRef, 2> parts;
  value.split(parts, ',');
  for (llvm::StringRef part : parts) {
    auto block = parseAddressBlock(part, family);
    text += block ? hex(block->address) + "/" + hex(block->mask) + "," : part.str() + ",";
  }
  return text;
}

static std::string numberText(llvm::StringRef value) {
  llvm::SmallVector<llvm::StringRef, 2> parts;
  value.split(parts, ':');
  std::string text;
  for (llvm::StringRef part : parts) {
    auto number = parseNumber(part, ~uint64_t(0));
    text += (number ? llvm::utostr(*number) : part.str()) + ":";
  }
  return text;
}

static std::string portText(std::optional<ir::Interval> range, llvm::StringRef value) {
  return range ? hex(range->lo) + "-" + hex(range->hi) : value.str();
}

static std::string valueText(const Use &use, llvm::StringRef value, packet::Family family) {
  if (use.is("source") || use.is("destination"))
    return addressText(value, family);
  if (use.is("protocol")) {
    auto number = parseProtocol(value);
    return number ? llvm::utostr(*number) : value.str();
  }
  switch (use.option ? use.option->value : ValueKind::Text) {
  case ValueKind::Port:
  case ValueKind::PortRange:
    return portText(parsePortRange(value), value);
  case ValueKind::ServicePort:
  case ValueKind::ServicePortRange:
    return portText(parseServicePortRange(value), value);
  case ValueKind::U8:
  case ValueKind::U16:
  case ValueKind::U32:
  case ValueKind::U64:
  case ValueKind::U8Range:
  case ValueKind::U16Range:
  case ValueKind::U32Range:
  case ValueKind::U64Range:
  case ValueKind::MarkMask:
    return numberText(value);
  default:
    return value.str();
  }
}

/// Options that say where the rule goes or how it is loaded, or name what is listed as a module anyway.
static bool isPartOfRule(const Use &use) {
  static constexpr llvm::StringLiteral others[] = {"append", "insert", "delete",  "replace", "check",
                                                   "match",  "wait",   "verbose", "numeric", "set-counters"};
  return !use.option || use.option->module != ModuleId::Base || !llvm::is_contained(others, use.option->canonical);
}

static bool testsEveryPacket(const Use &use, llvm::ArrayRef<std::string> values) {
  bool address = use.is("source") || use.is("destination");
  return !use.negated && ((use.is("protocol") && values[0] == "0") || (address && values[0] == "0:0/0:0,"));
}

static std::string moduleText(const Command &command, unsigned module, packet::Family family,
                              llvm::BumpPtrAllocator &memory) {
  std::vector<std::string> options;
  for (const Use &use : command.uses) {
    if (use.module != module || !isPartOfRule(use))
      continue;
    std::vector<std::string> values;
    for (llvm::StringRef value : use.values)
      values.push_back(valueText(use, unquoted(value, memory), family));
    llvm::StringRef name = use.option ? llvm::StringRef(use.option->canonical) : use.word;
    if (!testsEveryPacket(use, values))
      options.push_back((use.negated ? "!" : "") + name.str() + " " + llvm::join(values, " "));
  }
  llvm::sort(options);
  return "[" + command.modules[module].name.str() + "|" + llvm::join(options, "|") + "]";
}

std::string signatureOf(const Command &command, packet::Family family, llvm::BumpPtrAllocator &memory) {
  std::string signature;
  for (unsigned module = 0; module != command.modules.size(); ++module)
    if (int(module) != command.target)
      signature += moduleText(command, module, family, memory);
  if (command.target >= 0)
    signature += moduleText(command, unsigned(command.target), family, memory);
  return signature;
}

/// The kernel holds a rule for each address of a list.
static bool hasList(llvm::StringRef signature) {
  for (llvm::StringRef option : {"source ", "destination "}) {
    llvm::StringRef value = signature.split(option).second.take_until([](char c) { return c == '|' || c == ']'; });
    if (value.count(',') > 1)
      return true;
  }
  return false;
}

static bool sameExactTests(const ir::Rule &left, const ir::Rule &right) {
  auto exact = [](const ir::Rule &rule) {
    std::vector<ir::Test> tests;
    for (const ir::Test &test : rule.tests)
      if (!std::holds_alternative<ir::OpaqueTest>(test))
        tests.push_back(test);
    return tests;
  };
  return exact(left) == exact(right);
}

Sameness compareRules(const ir::Rule &left, llvm::StringRef leftSignature, const ir::Rule &right,
                      llvm::StringRef rightSignature) {
  if (left.broken || right.broken)
    return Sameness::Unknown;
  if (leftSignature == rightSignature)
    return Sameness::Same;
  if (hasList(leftSignature) || hasList(rightSignature))
    return Sameness::Unknown;
  bool alike = left.target.kind == right.target.kind && left.target.name == right.target.name &&
               left.comment == right.comment && sameExactTests(left, right);
  return alike ? Sameness::Unknown : Sameness::Different;
}

} // namespace iptlint::parse
