// The reader of a packet's words, as its two halves share it: PacketWords.cpp reads options, PacketHosts.cpp addresses,
// names and URLs.
#pragma once

#include "parse/PacketUrl.h"
#include "parse/PacketValues.h"
#include "parse/PacketWords.h"

namespace iptlint::parse {

using llvm::StringRef;
using packet::Family;
using packet::Field;
using packet::Value;

class PacketReader {
public:
  PacketReader(llvm::ArrayRef<std::string> words, const PacketOptions &options);

  ParsedPacket read();

private:
  void readWord();
  StringRef splitAtEquals(StringRef word);
  void readOption(StringRef option);
  void readValue(StringRef option, const PacketOption &known);
  void readAddress(const PacketOption &known, StringRef text);
  void readMatch(StringRef option);
  void readTcpFlags(StringRef option);
  void readPolicy(StringRef option);
  void readMacDestination(StringRef option);
  void readUrl(StringRef word);
  void readUrlHost(StringRef word, const Url &url);
  void noteUnseen(const Url &url);
  std::optional<Value> addressOf(StringRef at, StringRef text);
  void refuseValue(StringRef at, StringRef option, const PacketOption &known);

  /// The word behind \p option; nothing, having said so, where there is none.
  std::optional<StringRef> nextValue(StringRef option);
  void set(StringRef at, Field field, Value value);
  void error(StringRef at, std::string message);
  Family guessFamily() const;

  const PacketOptions &options;
  ParsedPacket parsed;
  std::vector<StringRef> words; ///< slices of the source
  size_t next = 0;
  StringRef match;     ///< of the last -m
  StringRef direction; ///< of the last --dir
};

} // namespace iptlint::parse
