// iptlint: what users run. Everything is in lib/driver.
#include "driver/Main.h"
#include "driver/Options.h"

/// An answer that could not be written is no answer, and must not look like findings.
static bool written(llvm::raw_fd_ostream &out) {
  out.flush();
  if (!out.has_error())
    return true;
  llvm::errs() << "iptlint: standard output: " << out.error().message() << "\n";
  out.clear_error();
  return false;
}

int main(int argc, char **argv) {
  int exitCode = iptlint::driver::run(argc, argv, llvm::outs(), llvm::errs());
  return written(llvm::outs()) ? exitCode : iptlint::driver::kExitUnreadable;
}
