#include "parse/Hosts.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace iptlint::parse {

using packet::Family;
using packet::Value;

unsigned Hosts::add(llvm::StringRef text) {
  unsigned firstBad = 0;
  for (unsigned number = 1; !text.empty(); ++number) {
    auto [line, rest] = text.split('\n');
    if (!addLine(line.split('#').first.trim(" \t\r")) && firstBad == 0)
      firstBad = number;
    text = rest;
  }
  return firstBad;
}

bool Hosts::addLine(llvm::StringRef line) {
  if (line.empty())
    return true;
  llvm::SmallVector<llvm::StringRef, 4> words;
  llvm::SplitString(line, words, " \t");
  Value address = 0;
  bool isFour = packet::parseAddress(words[0], Family::IPv4, address);
  if (!isFour && !packet::parseAddress(words[0].split('%').first, Family::IPv6, address))
    return false;
  for (llvm::StringRef name : llvm::makeArrayRef(words).drop_front()) {
    auto &addresses = (isFour ? four : six)[name.lower()];
    if (!llvm::is_contained(addresses, address))
      addresses.push_back(address);
  }
  return true;
}

llvm::ArrayRef<Value> Hosts::find(llvm::StringRef name, Family family) const {
  const Table &table = family == Family::IPv4 ? four : six;
  auto found = table.find(name.lower());
  return found == table.end() ? llvm::ArrayRef<Value>() : llvm::makeArrayRef(found->second);
}

} // namespace iptlint::parse
