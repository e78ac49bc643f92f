# What is used from outside. docs/architecture.md says why each.
find_package(LLVM 14 REQUIRED CONFIG HINTS /usr/lib/llvm-14/lib/cmake/llvm /usr/lib/llvm-15/lib/cmake/llvm)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Java COMPONENTS Runtime REQUIRED)

find_path(ANTLR_INCLUDE_DIR antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)
# Static: one shared library less to load at each start of a pre-commit hook.
find_library(ANTLR_LIBRARY NAMES libantlr4-runtime.a antlr4-runtime REQUIRED)
find_file(ANTLR_JAR NAMES antlr4.jar PATHS /usr/share/java DOC "ANTLR tool that fits the runtime" REQUIRED)
find_path(Z3_INCLUDE_DIR z3++.h REQUIRED)
find_library(Z3_LIBRARY z3 REQUIRED)

add_library(iptlint_llvm INTERFACE)
target_include_directories(iptlint_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
# The static Support library alone: the whole shared libLLVM slows every start.
target_link_libraries(iptlint_llvm INTERFACE LLVMSupport)
