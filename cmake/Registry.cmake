# Turns a folder of checks or passes into a table, and pages into strings.
#
# The table is generated C++ that names one symbol per file, in the order of the ids, without static
# constructors. A file that does not define its symbol (unused-chain.cpp: unused_chain) is a link error
# that names it.

# Writes a file only where its text changes, so that nothing is compiled again for nothing.
function(iptlint_write_if_different path text)
  if(EXISTS ${path})
    file(READ ${path} present)
    if(present STREQUAL text)
      return()
    endif()
  endif()
  file(WRITE ${path} "${text}")
endfunction()

# iptlint_registry(lint Check checks): allChecks() of lib/lint, out of lib/lint/checks/*.cpp.
function(iptlint_registry layer type folder)
  get_target_property(kind iptlint_${layer} TYPE)
  if(kind STREQUAL INTERFACE_LIBRARY) # a layer without a source file
    return()
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/${layer}/${folder}/*.cpp)
  set(declarations)
  set(entries)
  foreach(file IN LISTS files) # file(GLOB) sorts
    get_filename_component(id ${file} NAME_WE)
    string(REPLACE "-" "_" symbol ${id})
    string(APPEND declarations "extern constinit const ${type} ${symbol};\n")
    string(APPEND entries "    &${folder}::${symbol},\n")
  endforeach()
  string(SUBSTRING ${folder} 0 1 first)
  string(TOUPPER ${first} first)
  string(SUBSTRING ${folder} 1 -1 rest)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${layer}/${first}${rest}.cpp)
  iptlint_write_if_different(${generated} "// Generated from the folder lib/${layer}/${folder}.
#include \"${layer}/Registry.h\"

namespace iptlint::${layer} {

namespace ${folder} {
${declarations}} // namespace ${folder}

static constexpr const ${type} *const table[] = {
${entries}};

llvm::ArrayRef<const ${type} *> all${first}${rest}() { return table; }

} // namespace iptlint::${layer}
")
  target_sources(iptlint_${layer} PRIVATE ${generated})
endfunction()

# iptlint_pages(driver docs/checks): the pages of a folder by their ids, for lib/driver/Pages.h.
function(iptlint_pages layer folder)
  get_target_property(kind iptlint_${layer} TYPE)
  if(kind STREQUAL INTERFACE_LIBRARY)
    return()
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.md)
  set(entries)
  foreach(file IN LISTS files)
    get_filename_component(id ${file} NAME_WE)
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(APPEND entries "    {\"${id}\", R\"~~page~~(${text})~~page~~\"},\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${layer}/Pages.cpp)
  iptlint_write_if_different(${generated} "// Generated from the folder ${folder}.
#include \"${layer}/Pages.h\"

namespace iptlint::${layer} {

static constexpr Page table[] = {
${entries}};

llvm::ArrayRef<Page> allPages() { return table; }

} // namespace iptlint::${layer}
")
  target_sources(iptlint_${layer} PRIVATE ${generated})
endfunction()
