// Stands in for libFuzzer where there is none: tries the files in the folders that are named, and in those below, once each.
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdio>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static std::vector<std::string> filesIn(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator at(folder, error), end; at != end && !error; at.increment(error))
    if (!llvm::sys::fs::is_directory(at->path()))
      files.push_back(at->path());
  return files;
}

int main(int count, char **arguments) {
  unsigned tried = 0;
  for (int i = 1; i < count; ++i)
    for (const std::string &path : filesIn(arguments[i])) {
      auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
      if (!file)
        return 2;
      std::fprintf(stderr, "%s\n", path.c_str());
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>((*file)->getBufferStart()), (*file)->getBufferSize());
      ++tried;
    }
  return tried == 0; // a folder that is gone proves nothing
}
