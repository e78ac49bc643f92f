// The socket that a packet was sent from: whose it is, and whether there is one.
//
// A packet without a socket, or whose socket has no file any more, has a value of its own in Field::Uid and Gid,
// outside all users: so `! --uid-owner` matches it and `--uid-owner` does not, as in the kernel.
// Source: net/netfilter/xt_owner.c, owner_mt().
#include "parse/Tests.h"
#include "parse/Values.h"

namespace iptlint::parse {

using packet::Field;

/// `7` or `7-9`; root is 0 everywhere, what other names stand for hangs on the machine.
static std::optional<ir::Interval> parseIds(llvm::StringRef text) {
  constexpr uint64_t kMost = 0xfffffffe;
  if (text == "root")
    return ir::Interval{0, 0};
  auto [first, last] = text.split('-');
  auto lo = parseNumber(first, kMost), hi = first == text ? lo : parseNumber(last, kMost);
  if (!lo || !hi)
    return std::nullopt;
  return ir::Interval{*lo, *hi};
}

static void addOwner(RuleBuilder &builder, const Use &use, Field field) {
  llvm::StringRef text = builder.value(use);
  auto ids = parseIds(text);
  if (!ids && isTableName(text))
    return addOpaqueOption(builder, use);
  if (!ids)
    return builder.refuse(use, field == Field::Uid ? "user, nor a range of user numbers"
                                                   : "group, nor a range of group numbers");
  if (ids->lo > ids->hi)
    return builder.error(use.values[0], "the range is the wrong way round");
  builder.addRange(field, ids->lo, ids->hi, use.negated);
}

void addOwnerTests(RuleBuilder &builder, unsigned module) {
  const Command &command = builder.command;
  const Use *uid = command.find(module, "uid-owner"), *gid = command.find(module, "gid-owner");
  const Use *exists = command.find(module, "socket-exists"), *groups = command.find(module, "suppl-groups");
  if (!uid && !gid && !exists)
    return builder.error(command.modules[module].at, "'owner' needs '--uid-owner', '--gid-owner' or '--socket-exists'");
  if (groups && !gid)
    return builder.error(groups->word, "'--suppl-groups' needs '--gid-owner' in front of it");
  if (exists)
    builder.addRange(Field::Uid, packet::kNoSocket, packet::kNoSocket, !exists->negated);
  if (uid)
    addOwner(builder, *uid, Field::Uid);
  if (groups) // the other groups of the sender are no field
    return addOpaqueTest(builder, module);
  if (gid)
    addOwner(builder, *gid, Field::Gid);
}

} // namespace iptlint::parse
