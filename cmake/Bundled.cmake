# A first build in half the time: the sources of a library are compiled several at a time, and the headers from outside
# once for each target. What is static in a source must then have a name of its own in its library, which is no loss to
# a reader. Without IPTLINT_BUNDLE one changed source is compiled alone, and a source that forgets an include is found
# out: better for work on iptlint itself.
option(IPTLINT_BUNDLE "Compile sources in bundles and precompile the headers of LLVM, fmt and others" ON)
set(iptlint_outside_headers
  <algorithm> <array> <cassert> <map> <memory> <optional> <set> <string> <variant> <vector> <fmt/format.h>
  <llvm/ADT/STLExtras.h> <llvm/ADT/SmallVector.h> <llvm/ADT/StringExtras.h> <llvm/ADT/StringMap.h> <llvm/ADT/StringSwitch.h>
  <llvm/Support/Error.h> <llvm/Support/raw_ostream.h>)

# iptlint_precompile(TARGET [HEADER...])
function(iptlint_precompile target)
  if(IPTLINT_BUNDLE)
    target_precompile_headers(${target} PRIVATE ${iptlint_outside_headers} ${ARGN})
  endif()
endfunction()

# iptlint_bundle(TARGET): all its sources but the checks and passes, each of which has a function `run`.
function(iptlint_bundle target)
  if(IPTLINT_BUNDLE)
    iptlint_precompile(${target})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "/(checks|passes)/")
    set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU) # which takes a source that is included for a header
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
endfunction()
