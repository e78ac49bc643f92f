#include "support/Source.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include <algorithm>
#include <cassert>
#include <cstring>

namespace iptlint::support {

static llvm::Error failure(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), path + ": " + what);
}

/// Standard input, read in pieces so that an endless one stops at the limit.
static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readStandardInput() {
  std::string text;
  char piece[1 << 16];
  llvm::MutableArrayRef<char> room(piece);
  while (true) {
    auto count = llvm::sys::fs::readNativeFile(llvm::sys::fs::getStdinHandle(), room);
    if (!count)
      return failure("-", llvm::toString(count.takeError()));
    if (*count == 0)
      return llvm::MemoryBuffer::getMemBufferCopy(text, "-");
    text.append(piece, *count);
    if (text.size() >= Source::kMaxBytes)
      return failure("-", "1 GiB or more, too large for a rule set");
  }
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readFile(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return failure(path, error.message());
  if (llvm::sys::fs::is_directory(status))
    return failure(path, "is a directory");
  if (status.getSize() >= Source::kMaxBytes)
    return failure(path, "1 GiB or more, too large for a rule set");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return failure(path, buffer.getError().message());
  return std::move(*buffer);
}

llvm::Expected<std::shared_ptr<const Source>> Source::read(llvm::StringRef path) {
  auto buffer = path == "-" ? readStandardInput() : readFile(path);
  if (!buffer)
    return buffer.takeError();
  return std::shared_ptr<const Source>(new Source(std::move(*buffer), path.str()));
}

std::shared_ptr<const Source> Source::fromText(llvm::StringRef text, llvm::StringRef name) {
  return std::shared_ptr<const Source>(
      new Source(llvm::MemoryBuffer::getMemBufferCopy(text, name), name.str()));
}

Source::Source(std::unique_ptr<llvm::MemoryBuffer> held, std::string path)
    : buffer(std::move(held)), name(std::move(path)) {
  lineStarts.push_back(0);
  const char *begin = text().begin(), *end = text().end();
  for (const char *at = begin; at != end;) {
    at = static_cast<const char *>(std::memchr(at, '\n', end - at));
    if (!at)
      break;
    lineStarts.push_back(++at - begin);
  }
}

SourceRange Source::rangeOf(llvm::StringRef part) const {
  assert(part.begin() >= text().begin() && part.end() <= text().end() && "not a slice of this text");
  return {uint32_t(part.begin() - text().begin()), uint32_t(part.end() - text().begin())};
}

LineColumn Source::lineColumn(uint32_t offset) const {
  auto next = std::upper_bound(lineStarts.begin(), lineStarts.end(), offset);
  return {unsigned(next - lineStarts.begin()), offset - *std::prev(next) + 1};
}

llvm::StringRef Source::lineAt(uint32_t offset) const {
  uint32_t start = *std::prev(std::upper_bound(lineStarts.begin(), lineStarts.end(), offset));
  return text().substr(start).take_until([](char c) { return c == '\n'; });
}

} // namespace iptlint::support
