# What a *.test file may use: tools, substitutions and features.
#
# Features, for `REQUIRES:`:
#   root        euid 0, network namespaces can be made and entered, iptables-legacy-restore is there
#   corpus      ../shared/corpus lies beside the source tree
#   pre-commit  pre-commit and git are there
#   debian      dpkg-deb and what computes a package's dependencies are there
#   graphviz    dot is there
#   z3          the program is there, not the library alone
#   sanitized   built with sanitizers
#
# Substitutions beside lit's own (%s, %S, %t, %T):
#   iptlint, iptlint-opt   by their names: they stand first on PATH, before FileCheck, not, count and split-file
#   %filecheck             FileCheck on this file: full lines, and a finding or note that no line names fails
#   %python %cmake %cpack  the ones the build uses
#   %cxx                   the compiler, ready for a source that includes headers of lib/
#   %source %build %corpus folders
import os
import shutil
import subprocess

import lit.formats

config.name = "iptlint"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.test_source_root = os.path.join(config.iptlint_source_dir, "test")
config.test_exec_root = os.path.join(config.iptlint_binary_dir, "test", "lit")

tools = os.path.join(config.iptlint_binary_dir, "bin")
corpus = os.path.normpath(os.path.join(config.iptlint_source_dir, "..", "shared", "corpus"))

config.environment["PATH"] = os.pathsep.join([tools, config.filecheck_dir, config.environment["PATH"]])
config.environment["LC_ALL"] = "C.UTF-8"
for name in ("HOME", "IPTLINT_REDUCED", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    (
        "%filecheck",
        "FileCheck %s --match-full-lines --implicit-check-not='{{(error|warning|info|note): }}'",
    ),
    ("%python", config.python),
    ("%cmake", config.cmake),
    ("%cpack", os.path.join(os.path.dirname(config.cmake), "cpack")),
    ("%cxx", f"{config.cxx} -std=c++20 -I{config.iptlint_source_dir}/lib -isystem {config.llvm_include_dir}"),
    ("%source", config.iptlint_source_dir),
    ("%build", config.iptlint_binary_dir),
    ("%corpus", corpus),
]


def canMakeNamespaces():
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("iptables-legacy-restore"):
        return False
    name = f"iptlint-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
        return False
    # In a chroot or a container a namespace may be made, but not entered.
    entered = subprocess.run(["ip", "netns", "exec", name, "true"], capture_output=True).returncode == 0
    subprocess.run(["ip", "netns", "delete", name], check=True)
    return entered


if canMakeNamespaces():
    config.available_features.add("root")
if os.path.isdir(corpus):
    config.available_features.add("corpus")
if shutil.which("pre-commit") and shutil.which("git"):
    config.available_features.add("pre-commit")
if all(shutil.which(tool) for tool in ("dpkg-deb", "dpkg-shlibdeps", "file")):
    config.available_features.add("debian")
if shutil.which("dot"):
    config.available_features.add("graphviz")
if shutil.which("z3"):
    config.available_features.add("z3")
if config.sanitized:
    config.available_features.add("sanitized")
