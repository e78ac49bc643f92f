#include "parse/SetsTypes.h"
#include "llvm/ADT/StringSwitch.h"

namespace iptlint::parse {

using ir::SetPart;

// Source: ipset(8); the dimensions are those of the kernel's types, net/netfilter/ipset.
static constexpr SetType kTypes[] = {
    {"bitmap:ip", "ipmap", SetFamily::IPv4, {SetPart::Address}, 1},
    {"bitmap:ip,mac", "macipmap", SetFamily::IPv4, {SetPart::Address, SetPart::Mac}, 2},
    {"bitmap:port", "portmap", SetFamily::None, {SetPart::AnyPort}, 1},
    {"hash:ip", "iphash", SetFamily::Chosen, {SetPart::Address}, 1},
    {"hash:mac", "", SetFamily::None, {SetPart::Mac}, 1},
    {"hash:ip,mac", "", SetFamily::Chosen, {SetPart::Address, SetPart::Mac}, 2},
    {"hash:net", "nethash", SetFamily::Chosen, {SetPart::Net}, 1},
    {"hash:net,net", "", SetFamily::Chosen, {SetPart::Net, SetPart::Net}, 2},
    {"hash:ip,port", "ipporthash", SetFamily::Chosen, {SetPart::Address, SetPart::Port}, 2},
    {"hash:net,port", "", SetFamily::Chosen, {SetPart::Net, SetPart::Port}, 2},
    {"hash:ip,port,ip", "ipportiphash", SetFamily::Chosen, {SetPart::Address, SetPart::Port, SetPart::Address}, 3},
    {"hash:ip,port,net", "ipportnethash", SetFamily::Chosen, {SetPart::Address, SetPart::Port, SetPart::Net}, 3},
    {"hash:net,port,net", "", SetFamily::Chosen, {SetPart::Net, SetPart::Port, SetPart::Net}, 3},
    {"hash:ip,mark", "", SetFamily::Chosen, {SetPart::Address, SetPart::Mark}, 2},
    {"hash:net,iface", "", SetFamily::Chosen, {SetPart::Net, SetPart::Interface}, 2},
    {"list:set", "setlist", SetFamily::None, {SetPart::Set}, 1},
};

const SetType *findSetType(llvm::StringRef name) {
  for (const SetType &type : kTypes)
    if (type.name == name || (!name.empty() && type.oldName == name))
      return &type;
  return nullptr;
}

SetOption findCreateOption(llvm::StringRef name) {
  return llvm::StringSwitch<SetOption>(name)
      .Cases("counters", "comment", "skbinfo", "forceadd", SetOption::Flag)
      .Cases("-4", "-6", SetOption::Flag)
      .Cases("family", "hashsize", "maxelem", "bucketsize", "initval", "timeout", "netmask", "bitmask", "markmask",
             "range", SetOption::Value)
      .Cases("size", "probes", "resize", "gc", "from", "to", "network", SetOption::Value)
      .Default(SetOption::None);
}

SetOption findMemberOption(llvm::StringRef name) {
  return llvm::StringSwitch<SetOption>(name)
      .Cases("nomatch", "wildcard", SetOption::Flag)
      .Cases("timeout", "packets", "bytes", "comment", "skbmark", "skbprio", "skbqueue", "before", "after",
             SetOption::Value)
      .Default(SetOption::None);
}

} // namespace iptlint::parse
