// Types of what SCTP and DCCP carry.
#include "parse/Tests.h"
#include "parse/Values.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::parse {

using packet::Field;

/// Any case; empty members are skipped. INVALID is every type from 10 on.
/// Source: iptables 1.8.9, libxt_dccp.c, parse_dccp_types(); linux/dccp.h, dccp_hdr.
static std::optional<llvm::SmallVector<ir::Interval, 1>> parseDccpTypes(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"REQUEST", "RESPONSE", "DATA", "ACK",     "DATAACK", "CLOSEREQ",
                                                  "CLOSE",   "RESET",    "SYNC", "SYNCACK", "INVALID"};
  constexpr packet::Value kLastType = 15;
  llvm::SmallVector<llvm::StringRef, 4> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  llvm::SmallVector<ir::Interval, 1> types;
  for (llvm::StringRef member : members) {
    auto *found = llvm::find_if(names, [&](llvm::StringRef name) { return name.equals_insensitive(member); });
    if (found == std::end(names))
      return std::nullopt;
    auto type = packet::Value(found - std::begin(names));
    types.push_back({type, *found == "INVALID" ? kLastType : type});
  }
  normalise(types);
  return types;
}

void addDccpTypes(RuleBuilder &builder, const Use &use) {
  if (auto types = parseDccpTypes(builder.value(use)))
    builder.addRanges(Field::DccpType, std::move(*types), use.negated);
  else
    builder.refuse(use, "list of DCCP packet types");
}

/// Every chunk there can be, those without a name in their common bit.
static constexpr unsigned kAllChunks = packet::kSctpOtherChunks * 2 - 1;

namespace {
struct ChunkList {
  unsigned chunks = 0; ///< as Field::SctpChunks has them
  bool flags = false;  ///< asks for flags of a chunk, too
};
} // namespace

/// Source: iptables 1.8.9, libxt_sctp.c, parse_sctp_chunk().
static std::optional<ChunkList> parseChunks(llvm::StringRef text) {
  if (text.equals_insensitive("ALL"))
    return ChunkList{kAllChunks};
  if (text.equals_insensitive("NONE"))
    return ChunkList{};
  ChunkList list;
  llvm::SmallVector<llvm::StringRef, 4> members;
  text.split(members, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef member : members) {
    auto [name, flags] = member.split(':');
    auto *found = llvm::find_if(packet::sctpChunks, [name = name](const packet::SctpChunk &chunk) {
      return chunk.name.equals_insensitive(name);
    });
    if (found == std::end(packet::sctpChunks))
      return std::nullopt;
    list.chunks |= 1u << (found - std::begin(packet::sctpChunks));
    list.flags |= !flags.empty();
  }
  return list;
}

/// Every packet has a chunk. Source: net/netfilter/xt_sctp.c, match_packet().
static void addChunks(RuleBuilder &builder, llvm::StringRef how, unsigned chunks, bool negated) {
  builder.addRange(Field::SctpChunks, 1, packet::maxValue(Field::SctpChunks, builder.family), /*negated=*/false);
  if (how.equals_insensitive("all"))
    builder.addMask(Field::SctpChunks, chunks, chunks, negated);
  else if (how.equals_insensitive("only"))
    builder.addMask(Field::SctpChunks, kAllChunks & ~chunks, 0, negated);
  else
    builder.addMask(Field::SctpChunks, chunks, 0, !negated);
}

/// Not modelled are flags, and whether all 256 types of chunks are there.
void addSctpChunks(RuleBuilder &builder, const Use &use) {
  llvm::StringRef how = builder.value(use, 0);
  if (!llvm::any_of(llvm::ArrayRef<llvm::StringRef>{"all", "any", "only"},
                    [&](llvm::StringRef word) { return how.equals_insensitive(word); }))
    return builder.refuse(use, "way to match chunks: all, any or only");
  auto list = parseChunks(builder.value(use, 1));
  if (!list)
    return builder.refuse(use, "list of SCTP chunks", 1);
  if (list->flags || (list->chunks == kAllChunks && how.equals_insensitive("all")))
    return addOpaqueOption(builder, use);
  addChunks(builder, how, list->chunks, use.negated);
}

} // namespace iptlint::parse
