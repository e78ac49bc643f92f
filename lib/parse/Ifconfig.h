// What ifconfig's text means: that of net-tools 2, and that of net-tools 1 and busybox.
//
// Read by hand: it is text for people, in which words run into values (`inet addr:10.0.0.1`, `RX packets 5  bytes
// 426`), and a grammar of it would be a list of phrases.
#pragma once

#include "parse/Findings.h"
#include "parse/Interfaces.h"

namespace iptlint::parse {

class IfconfigReader {
public:
  /// \param source  the index of the text in ir::Network::sources.
  IfconfigReader(Findings &findings, Interfaces &interfaces, size_t source)
      : findings(findings), interfaces(interfaces), source(source) {}

  /// `em1: flags=4163<UP,BROADCAST>  mtu 1500` or `em1       Link encap:Ethernet  HWaddr 02:00:00:00:00:01`
  static bool startsInterface(llvm::StringRef line);

  /// A line that startsInterface(), or a line that is indented below one.
  void readLine(llvm::StringRef line);

  /// Of which families the text showed addresses: of both, if of any.
  ir::FamilySet shown() const { return {sawAddress, sawAddress}; }

private:
  void start(llvm::StringRef line, llvm::ArrayRef<llvm::StringRef> words);
  void readHardware(llvm::ArrayRef<llvm::StringRef> words);
  void readAddress(llvm::ArrayRef<llvm::StringRef> words);
  void readAddressWord(ir::InterfaceAddress &address, llvm::StringRef key, llvm::StringRef value);
  void readOldFlags(llvm::ArrayRef<llvm::StringRef> words);
  std::optional<packet::Value> valueOf(llvm::StringRef text, packet::Family family);
  void readMac(llvm::StringRef text);
  void readMtu(llvm::StringRef text);
  ir::Interface &current() { return interfaces.named(name, {}); }
  void fail(llvm::StringRef at, std::string message);

  Findings &findings;
  Interfaces &interfaces;
  size_t source;
  llvm::StringRef name; ///< of the interface that indented lines are about; empty: none
  bool sawAddress = false, failed = false;
};

} // namespace iptlint::parse
