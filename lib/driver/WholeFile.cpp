#include "driver/WholeFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

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

static llvm::Error replace(llvm::StringRef path, llvm::StringRef text, std::optional<fs::perms> permissions) {
  llvm::Expected<fs::TempFile> file = fs::TempFile::create(path + ".%%%%%%.tmp", fs::all_read | fs::all_write);
  if (!file)
    return failed(path, llvm::errorToErrorCode(file.takeError()));
  std::error_code error = fill(*file, text);
  if (!error && permissions)
    error = fs::setPermissions(file->FD, *permissions);
  if (error) {
    llvm::consumeError(file->discard());
    return failed(path, error);
  }
  // Not keep(path): where renaming fails it copies, and a copy may end half-way.
  if (std::error_code renaming = fs::rename(file->TmpName, path)) {
    llvm::consumeError(file->discard());
    return failed(path, renaming);
  }
  return file->keep();
}

llvm::Error writeWhole(llvm::StringRef path, llvm::StringRef text) {
  llvm::SmallString<256> real(path);
  fs::file_status status;
  if (fs::status(path, status))
    return replace(path, text, std::nullopt);
  if (!fs::is_regular_file(status))
    return writeDirectly(path, text);
  if (std::error_code error = fs::real_path(path, real))
    return failed(path, error);
  return replace(real, text, status.permissions());
}

} // namespace iptlint::driver
