#include "driver/WholeFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <vector>

namespace iptlint::driver {

namespace fs = llvm::sys::fs;

static llvm::Error failed(llvm::StringRef path, std::error_code why) {
  return llvm::createStringError(why, (path + ": " + why.message()).str().c_str());
}

static llvm::Error writeDirectly(llvm::StringRef path, llvm::StringRef text) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error, fs::CD_OpenExisting);
  if (!error) {
    out << text;
    out.close();
    error = out.error();
    out.clear_error();
  }
  return error ? failed(path, error) : llvm::Error::success();
}

static std::error_code fill(fs::TempFile &file, llvm::StringRef text) {
  llvm::raw_fd_ostream out(file.FD, /*shouldClose=*/false);
  out << text;
  out.flush();
  std::error_code error = out.error();
  out.clear_error();
  return error;
}

namespace {

/// A text beside the place that it is for. Without a file: it is to be written to the place directly.
struct Waiting {
  std::string path;
  llvm::StringRef text;
  std::optional<fs::TempFile> file = std::nullopt;
};

} // namespace

/// Writes the text beside \p path, where it waits.
static llvm::Expected<Waiting> besides(llvm::StringRef path, llvm::StringRef text, std::optional<fs::perms> permissions) {
  llvm::Expected<fs::TempFile> file = fs::TempFile::create(path + ".%%%%%%.tmp", fs::all_read | fs::all_write);
  if (!file)
    return failed(path, llvm::errorToErrorCode(file.takeError()));
  std::error_code error = fill(*file, text);
  if (!error && permissions)
    error = fs::setPermissions(file->FD, *permissions);
  if (!error)
    return Waiting{path.str(), text, std::move(*file)};
  llvm::consumeError(file->discard());
  return failed(path, error);
}

static llvm::Expected<Waiting> prepare(llvm::StringRef path, llvm::StringRef text) {
  llvm::SmallString<256> real(path);
  fs::file_status status;
  if (fs::status(path, status))
    return besides(path, text, std::nullopt);
  if (!fs::is_regular_file(status))
    return Waiting{path.str(), text};
  if (std::error_code error = fs::real_path(path, real))
    return failed(path, error);
  return besides(real, text, status.permissions());
}

static llvm::Error putInPlace(Waiting &waiting) {
  if (!waiting.file)
    return writeDirectly(waiting.path, waiting.text);
  // Not keep(path): where renaming fails it copies, and a copy may end half-way.
  if (std::error_code renaming = fs::rename(waiting.file->TmpName, waiting.path)) {
    llvm::consumeError(waiting.file->discard());
    return failed(waiting.path, renaming);
  }
  return waiting.file->keep();
}

static void discardFrom(llvm::MutableArrayRef<Waiting> all) {
  for (Waiting &waiting : all)
    if (waiting.file)
      llvm::consumeError(waiting.file->discard());
}

llvm::Error writeTogether(llvm::ArrayRef<TextFile> files) {
  std::vector<Waiting> all;
  for (const TextFile &file : files) {
    llvm::Expected<Waiting> waiting = prepare(file.path, file.text);
    if (!waiting) {
      discardFrom(all);
      return waiting.takeError();
    }
    all.push_back(std::move(*waiting));
  }
  for (size_t i = 0; i != all.size(); ++i)
    if (llvm::Error error = putInPlace(all[i])) {
      discardFrom(llvm::MutableArrayRef<Waiting>(all).drop_front(i + 1));
      return error;
    }
  return llvm::Error::success();
}

llvm::Error writeWhole(llvm::StringRef path, llvm::StringRef text) {
  return writeTogether(TextFile{path.str(), text.str()});
}

} // namespace iptlint::driver
