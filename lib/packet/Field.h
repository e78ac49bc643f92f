// Fields and their values: the one vocabulary that parser, eval, analysis and smt share.
//
// What a value of each field means is said in Field.def. Here are the types, the
// hooks with what is known of a packet there, and the enumerations.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <array>
#include <cstdint>
#include <string>

namespace iptlint::packet {

enum class Family : uint8_t { IPv4 = 4, IPv6 = 6 };

/// A value of any field; 128 bits hold the widest, an IPv6 address or an interface name.
using Value = unsigned __int128;

enum class Field : uint8_t {
#define FIELD(Id, Name, Bits4, Bits6) Id,
#include "packet/Field.def"
};

constexpr unsigned kFieldCount = 0
#define FIELD(Id, Name, Bits4, Bits6) +1
#include "packet/Field.def"
    ;

/// "src", "dport" ...
llvm::StringRef name(Field field);

/// Width of a field's value in bits, 1 to 128.
unsigned bits(Field field, Family family);

/// The largest value of a field that has any meaning: all ones for most, the last
/// enumerator for Hook, CtState, Fragment, PktType, SrcType and DstType, kNoMac for Mac, kNoSocket for Uid and Gid.
Value maxValue(Field field, Family family);

/// The built-in chains, in the order a packet meets them.
enum class Hook : uint8_t { Prerouting, Input, Forward, Output, Postrouting };
constexpr unsigned kHookCount = 5;

/// "PREROUTING" ...
llvm::StringRef name(Hook hook);

/// What is known of a packet's interfaces at a hook.
enum class Presence : uint8_t { Absent, Present, Either };
/// Presence of Field::In or Field::Out at a hook. POSTROUTING shows the incoming
/// interface of forwarded packets since Linux 5.7 and never before: Either.
Presence presence(Hook hook, Field interface);

/// Whether IPv4 fragments come to a hook as they arrived: INPUT sees packets put together, with or without conntrack.
/// IPv6 fragments get as far as INPUT. Source: net/ipv4/ip_input.c, ip_local_deliver().
bool seesFragments(Hook hook, Family family);

/// Whether packets can have this as their protocol: in IPv6 the numbers of extension headers that are skipped
/// in the search for it (0, 43, 44, 51, 60) are none. Source: net/ipv6/netfilter/ip6_tables.c, ipv6_find_hdr().
bool canBeProtocol(unsigned number, Family family);

/// What conntrack knows of a packet, as one number: 4 * state + 2 * dnat + snat for the
/// three states that have a flow; INVALID and UNTRACKED packets have none to be translated.
/// `--ctstate SNAT` and `DNAT` are tests of those two bits.
/// Source: net/netfilter/xt_conntrack.c, conntrack_mt().
enum class CtState : uint8_t { New = 0, Established = 4, Related = 8, Invalid = 12, Untracked = 13 };
constexpr unsigned kCtSnat = 1, kCtDnat = 2;

/// Source: linux/netfilter/xt_addrtype.h and rtnetlink.h (RTN_*), in their order.
enum class AddrType : uint8_t {
  Unspec, Unicast, Local, Broadcast, Anycast, Multicast, Blackhole, Unreachable, Prohibit, Throw, Nat, Xresolve
};
constexpr unsigned kAddrTypeCount = 12;
/// "UNSPEC" ... as iptables writes it.
llvm::StringRef name(AddrType type);

/// Field::Mac of a packet that carries no MAC address.
constexpr Value kNoMac = Value(1) << 48;

/// What part of a packet this is. Those from Later on have an offset above 0, and so no transport header.
enum class Fragment : uint8_t {
  Whole,
  First,  ///< offset 0, with more to come
  Atomic, ///< IPv6: has a fragment header, and is whole
  Later,  ///< offset above 0, with more to come
  Last,   ///< offset above 0, no more to come
};
constexpr bool isLaterFragment(Value fragment) { return fragment >= Value(Fragment::Later); }

/// How a frame was addressed, as `-m pkttype` sees it. Source: linux/if_packet.h; net/netfilter/xt_pkttype.c,
/// which calls a packet on lo a broadcast or multicast one.
enum class PktType : uint8_t { Host, Broadcast, Multicast, OtherHost, Outgoing };

/// Field::Uid and Gid of a packet whose socket has no file, and of one without a socket.
/// Source: net/netfilter/xt_owner.c.
constexpr Value kNoFile = Value(1) << 32, kNoSocket = kNoFile + 1;

/// Bits of Field::ExtHeaders, as `-m ipv6header` names them. Source: linux/netfilter_ipv6/ip6t_ipv6header.h.
constexpr unsigned kExtProto = 1, kExtNone = 2, kExtEsp = 4, kExtAuth = 8, kExtRoute = 32, kExtDst = 64, kExtHop = 128;

/// Whether a field is one of the flow that conntrack has for a packet, or of its state.
bool isOfFlow(Field field);

/// The chunks of SCTP that have a name, in the order of their bits in Field::SctpChunks; all others share the next.
/// Source: iptables 1.8.9, libxt_sctp.c, sctp_chunk_names[].
struct SctpChunk {
  llvm::StringLiteral name;
  uint8_t type;
};
constexpr SctpChunk sctpChunks[] = {
    {"DATA", 0},           {"INIT", 1},          {"INIT_ACK", 2},      {"SACK", 3},         {"HEARTBEAT", 4},
    {"HEARTBEAT_ACK", 5},  {"ABORT", 6},         {"SHUTDOWN", 7},      {"SHUTDOWN_ACK", 8}, {"ERROR", 9},
    {"COOKIE_ECHO", 10},   {"COOKIE_ACK", 11},   {"ECN_ECNE", 12},     {"ECN_CWR", 13},     {"SHUTDOWN_COMPLETE", 14},
    {"I_DATA", 64},        {"RE_CONFIG", 130},   {"PAD", 132},         {"ASCONF", 193},     {"ASCONF_ACK", 128},
    {"FORWARD_TSN", 192},  {"I_FORWARD_TSN", 194}};
constexpr unsigned kSctpOtherChunks = 1u << std::size(sctpChunks);

constexpr unsigned kTcpFlagCount = 8;
/// "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" for bits 0 to 7. `--tcp-flags` reads the first six.
llvm::StringRef tcpFlagName(unsigned bit);

/// The value of an interface name, which has at most 15 bytes.
Value interfaceValue(llvm::StringRef name);
/// The name of an interface value; "" for none.
std::string interfaceName(Value value);
/// Both ends of the set of names that start with \p prefix, inclusive. An empty
/// prefix is every name, the missing one included.
std::pair<Value, Value> interfacesStartingWith(llvm::StringRef prefix);
/// Whether a value is a name the kernel would give an interface, or none.
/// Source: net/core/dev.c, dev_valid_name().
bool isInterface(Value value);

/// An address as text: dotted decimal, or RFC 5952 form for IPv6.
std::string addressText(Value address, Family family);
/// Dotted decimal (all four parts) or IPv6 text; nothing else, no names. False if it is neither.
bool parseAddress(llvm::StringRef text, Family family, Value &address);

/// A protocol number as iptables-save writes it: "tcp", "ipv6-icmp", or the number.
std::string protocolText(unsigned number);

constexpr unsigned kTcp = 6, kUdp = 17, kSctp = 132, kDccp = 33, kUdplite = 136, kIcmp = 1, kIcmpv6 = 58;
/// Whether packets of this protocol have ports.
bool hasPorts(unsigned protocol);

} // namespace iptlint::packet
