// What the lines of `ip addr` and `ip link` mean, in their usual form, with -details, -oneline and -brief.
#pragma once

#include "parse/Findings.h"
#include "parse/Interfaces.h"
#include "parse/NetworkLine.h"

namespace iptlint::parse {

class IpAddressReader {
public:
  /// \param source  the index of the text in ir::Network::sources.
  IpAddressReader(Findings &findings, NetworkLineReader &lines, Interfaces &interfaces, size_t source)
      : findings(findings), lines(lines), interfaces(interfaces), source(source) {}

  /// `2: em1@if5: <BROADCAST,UP> mtu 1500`, or in one-line form `2: em1    inet 10.0.0.1/24 scope global em1`
  static bool startsInterface(llvm::StringRef line);
  /// `em1@if5         UP             10.0.0.1/24 fe80::1/64`
  static bool isBrief(llvm::StringRef line);

  /// A line that startsInterface() or isBrief(), or a line that is indented below one.
  void readLine(llvm::StringRef line);

  /// Of which families the text showed every address.
  ir::FamilySet shown() const;

private:
  void readLink(llvm::StringRef text);
  void readLinkPart(const LinePart &part);
  void readAddress(llvm::StringRef text);
  void readAddressPart(ir::InterfaceAddress &address, const LinePart &part, bool isLast);
  void readBlock(ir::InterfaceAddress &address, const NetworkLine &line);
  void readDetail(llvm::StringRef text);
  void readHardware(llvm::ArrayRef<llvm::StringRef> words);
  void readKind(llvm::ArrayRef<llvm::StringRef> words);
  void readVxlan(llvm::ArrayRef<llvm::StringRef> words);
  uint32_t numberOfVxlan(llvm::StringRef text, uint64_t max);
  void readLocal(ir::Vxlan &vxlan, llvm::StringRef text);
  void readBrief(llvm::StringRef text);
  void readBriefAddresses(llvm::ArrayRef<llvm::StringRef> words);
  void add(const ir::InterfaceAddress &address);
  bool open(llvm::StringRef name, llvm::StringRef at);
  void fail(llvm::StringRef at, std::string message);
  ir::Interface &current() { return interfaces.named(name, {}); }
  void note(llvm::StringRef at, std::string message);

  Findings &findings;
  NetworkLineReader &lines;
  Interfaces &interfaces;
  size_t source;
  llvm::StringRef name;      ///< of the interface that indented lines are about; empty: none
  bool hasDetails = false;   ///< its lines are those of -details, so that one of them begins with its kind
  bool countsFollow = false; ///< the next line has the numbers to a heading of -statistics
  bool failed = false;       ///< the address that is being read has an error in it
  bool sawHardware = false;
  ir::FamilySet saw; ///< families with an address in the text
};

} // namespace iptlint::parse
