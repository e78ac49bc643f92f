// -s -d -i -o -p -f: what every rule can test, in the kernel's order.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse {

using packet::Family;
using packet::Field;
using packet::Value;

/// Ranges that one member of an address list may fall into before it counts as unknown.
static constexpr unsigned kMostRanges = 1024;

namespace {

/// One -s or -d with its list.
class AddressList {
public:
  AddressList(RuleBuilder &builder, const Use &use, Field field) : builder(builder), use(use), field(field) {}

  void read() {
    llvm::SmallVector<llvm::StringRef, 4> members;
    llvm::StringRef text = builder.value(use);
    text.split(members, ',');
    memberCount = members.size();
    if (use.negated && members.size() > 1)
      builder.error(use.values[0], "'!' may not stand before a list of addresses");
    for (llvm::StringRef member : members)
      readMember(member);
    add(text);
  }

private:
  void readMember(llvm::StringRef member) {
    auto block = parseAddressBlock(member, builder.family);
    if (block)
      blocks.push_back(*block);
    else if (isHostName(member.split('/').first))
      named = true;
    else
      builder.error(use.values[0], fmt::format("'{}' is not an IPv{} address", member, unsigned(builder.family)));
  }

  void add(llvm::StringRef text) {
    if (builder.rule.broken)
      return;
    if (blocks.size() == 1 && !named)
      return addBlock(blocks[0]);
    llvm::SmallVector<ir::Interval, 1> ranges;
    for (const AddressBlock &block : blocks) {
      auto more = rangesOf(block, builder.family, kMostRanges);
      if (!more)
        named = true;
      else
        ranges.append(more->begin(), more->end());
    }
    if (named) {
      builder.overlaps |= memberCount > 1;
      return addUnknown(text);
    }
    size_t written = ranges.size();
    normalise(ranges);
    builder.overlaps |= ranges.size() < written && overlap();
    builder.addRanges(field, std::move(ranges), use.negated);
  }

  /// Two blocks share an address where they agree in the bits that count in both.
  bool overlap() const {
    for (size_t i = 0; i != blocks.size(); ++i)
      for (size_t j = 0; j != i; ++j)
        if (((blocks[i].address ^ blocks[j].address) & blocks[i].mask & blocks[j].mask) == 0)
          return true;
    return false;
  }

  void addBlock(AddressBlock block) {
    if (auto ranges = rangesOf(block, builder.family, 1))
      builder.addRanges(field, std::move(*ranges), use.negated);
    else
      builder.addMask(field, block.mask, block.address, use.negated);
  }

  /// A name stands for what the resolver says when the rules are loaded: some fixed set of addresses.
  void addUnknown(llvm::StringRef text) {
    llvm::StringRef letter = field == Field::Src ? "-s" : "-d";
    builder.rule.tests.push_back(ir::OpaqueTest{ir::Opacity::Function, use.negated,
                                                builder.strings.save(letter + " " + text),
                                                builder.strings.save(letter + " with a host name")});
  }

  RuleBuilder &builder;
  const Use &use;
  Field field;
  llvm::SmallVector<AddressBlock, 4> blocks;
  size_t memberCount = 0;
  bool named = false; ///< not every member is an address
};

} // namespace

static void addInterface(RuleBuilder &builder, const Use &use, Field field) {
  constexpr size_t kLongest = 15; // IFNAMSIZ without the final zero
  llvm::StringRef name = builder.value(use);
  if (name.size() > kLongest)
    return builder.error(use.values[0], fmt::format("an interface name has at most {} characters", kLongest));
  if (name.empty())
    return builder.error(use.values[0], "an interface without a name");
  builder.noteInterface(use);
  if (name.consume_back("+")) { // a plain + is every name
    auto [lo, hi] = packet::interfacesStartingWith(name);
    return builder.addRange(field, lo, hi, use.negated);
  }
  Value value = packet::interfaceValue(name);
  builder.addRange(field, value, value, use.negated);
}

static void addProtocol(RuleBuilder &builder, const Use &use) {
  auto number = builder.command.protocol;
  if (!number)
    return builder.refuse(use, "protocol");
  if (*number != 0)
    return builder.addRange(Field::Proto, *number, *number, use.negated);
  if (use.negated)
    builder.error(use.values[0], "no packet is of no protocol at all");
}

void addBaseTests(RuleBuilder &builder) {
  const Command &command = builder.command;
  if (const Use *use = command.find(0, "source"))
    AddressList(builder, *use, Field::Src).read();
  if (const Use *use = command.find(0, "destination"))
    AddressList(builder, *use, Field::Dst).read();
  if (const Use *use = command.find(0, "in-interface"))
    addInterface(builder, *use, Field::In);
  if (const Use *use = command.find(0, "out-interface"))
    addInterface(builder, *use, Field::Out);
  if (const Use *use = command.find(0, "protocol"))
    addProtocol(builder, *use);
  if (const Use *use = command.find(0, "fragments"))
    builder.addRange(Field::Fragment, Value(packet::Fragment::Later), Value(packet::Fragment::Last), use->negated);
}

} // namespace iptlint::parse
