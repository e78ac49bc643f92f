// Sets of addresses as text for `ipset restore`, in the words of `ipset save`.
#include "emit/Emit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <fmt/format.h>

namespace iptlint::emit {

using ir::Set;
using ir::SetMember;
using ir::SetPart;
using ir::SetValue;

/// What ipset takes where nothing is said. Source: ipset(8).
constexpr uint64_t kUsualHashSize = 1024, kUsualMost = 65536;

/// "10.0.0.0/8"; an address alone has no length.
static std::string prefixText(SetValue value, packet::Family family) {
  unsigned length = packet::bits(packet::Field::Src, family);
  for (packet::Value differing = value.lo ^ value.hi; differing != 0; differing >>= 1)
    --length;
  std::string address = packet::addressText(value.lo, family);
  return value.lo == value.hi ? address : fmt::format("{}/{}", address, length);
}

static std::string partText(const Set &set, SetPart part, SetValue value) {
  switch (part) {
  case SetPart::Address:
  case SetPart::Net:
    return prefixText(value, *set.family);
  case SetPart::Port:
    return fmt::format("{}:{}", packet::protocolText(value.protocol), unsigned(value.lo));
  default:
    llvm_unreachable("no other parts are written");
  }
}

static std::string memberText(const Set &set, const SetMember &member) {
  std::string text;
  for (size_t i = 0; i != set.parts.size(); ++i)
    text += (i == 0 ? "" : ",") + partText(set, set.parts[i], member.parts[i]);
  return member.comment.empty() ? text : text + " comment \"" + member.comment.str() + "\"";
}

/// A table of as many places as there are members has few in each.
static std::string createText(const Set &set) {
  uint64_t places = llvm::PowerOf2Ceil(set.members.size());
  bool comments = llvm::any_of(set.members, [](const SetMember &member) { return !member.comment.empty(); });
  return fmt::format("create {} {} family {} hashsize {} maxelem {}{}\n", set.name.str(), set.type.str(),
                     *set.family == packet::Family::IPv4 ? "inet" : "inet6", std::max(places, kUsualHashSize),
                     std::max(places, kUsualMost), comments ? " comment" : "");
}

std::string setsText(llvm::ArrayRef<Set> sets) {
  std::string text;
  for (const Set &set : sets) {
    text += createText(set);
    for (const SetMember &member : set.members)
      text += fmt::format("add {} {}\n", set.name.str(), memberText(set, member));
  }
  return text;
}

} // namespace iptlint::emit
