#include "driver/PacketArguments.h"
#include "llvm/ADT/STLExtras.h"

namespace iptlint::driver {

void moveUrls(Options &options) {
  auto isUrl = [](const std::string &word) { return llvm::StringRef(word).contains("://"); };
  if (options.command != Command::Trace)
    return;
  for (const std::string &word : options.files)
    if (isUrl(word))
      options.packet.insert(options.packet.begin(), word);
  llvm::erase_if(options.files, isUrl);
}

llvm::ArrayRef<const char *> packetWords(llvm::ArrayRef<const char *> words) {
  auto dashes = llvm::find_if(words, [](llvm::StringRef word) { return word == "--"; });
  auto command = llvm::find_if(words, [](llvm::StringRef word) { return word == "trace" || word == "query"; });
  return command < dashes && dashes != words.end() ? words.drop_front(size_t(dashes - words.begin()))
                                                   : llvm::ArrayRef<const char *>();
}

} // namespace iptlint::driver
