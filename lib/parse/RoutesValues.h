// Numbers, addresses and device names, as route tables write them.
#pragma once

#include "ir/Routes.h"

namespace iptlint::parse {

struct Address {
  packet::Value value = 0;
  packet::Family family = packet::Family::IPv4;
};

/// An address of either family; of \p family alone where it is given. No names.
std::optional<Address> readAddress(llvm::StringRef text, std::optional<packet::Family> family);

/// A decimal number from 0 to \p max.
std::optional<uint64_t> readNumber(llvm::StringRef text, uint64_t max);

/// A prefix length of \p family.
std::optional<unsigned> readLength(llvm::StringRef text, packet::Family family);

/// The length of a netmask; none where its ones are not contiguous.
std::optional<unsigned> maskLength(uint32_t mask);

/// Whether bits behind the prefix are set, so that no routing table can hold it.
bool hasHostBits(const ir::Prefix &prefix, packet::Family family);

/// Whether the kernel would let a device be called so.
/// Source: net/core/dev.c, dev_valid_name().
bool isDeviceName(llvm::StringRef text);

/// A table as ir::Route has it: the numbers that have a name in every kernel by that name, any other text as it is.
/// Source: linux/rtnetlink.h, rt_class_t.
llvm::StringRef tableName(llvm::StringRef text);

/// A type of service as `ip` prints it: `0x10`, or a name of rt_dsfield such as `CS6`.
/// Source: iproute2 6.1, etc/iproute2/rt_dsfield; lib/rt_names.c for the older names.
std::optional<uint8_t> readDsField(llvm::StringRef text);

/// "IPv4", "IPv6".
llvm::StringRef familyName(packet::Family family);

} // namespace iptlint::parse
