# Whether the ANTLR tool and the C++ runtime that were found understand each other.
#
# Distributions ship them in versions of their own, and a parser whose tables the runtime cannot read
# builds all the same: it throws at its first use. So one is made and started while configuring, once for
# each tool, runtime and compiler.
get_directory_property(classpath DIRECTORY ${CMAKE_SOURCE_DIR}/grammar DEFINITION classpath)
set(probe ${CMAKE_BINARY_DIR}/antlr-probe)
set(probed "${classpath} ${ANTLR_LIBRARY} ${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${IPTLINT_SANITIZE}")
if(IPTLINT_ANTLR_PROBED STREQUAL probed)
  return()
endif()

file(WRITE ${probe}/Probe.g4 "grammar Probe;\nall: A* EOF;\nA: 'a';\n")
file(WRITE ${probe}/Main.cpp [[
#include "ProbeLexer.h"
#include "ProbeParser.h"
int main() {
  antlr4::ANTLRInputStream input("aa");
  ProbeLexer lexer(&input);
  antlr4::CommonTokenStream tokens(&lexer);
  ProbeParser parser(&tokens);
  return parser.all()->A().size() == 2 && parser.getNumberOfSyntaxErrors() == 0 ? 0 : 1;
}
]])
execute_process(
  COMMAND ${Java_JAVA_EXECUTABLE} -cp ${classpath} org.antlr.v4.Tool -Dlanguage=Cpp -no-listener -no-visitor Probe.g4
  WORKING_DIRECTORY ${probe} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "the ANTLR tool ${ANTLR_JAR} does not run; name another with -DANTLR_JAR=\n${said}")
endif()

set(flags -fno-char8_t -w -pthread)
if(IPTLINT_SANITIZE) # the runtime is linked with what is sanitized; the probe is built alike
  list(APPEND flags -fsanitize=${IPTLINT_SANITIZE})
endif()
unset(IPTLINT_ANTLR_STARTS CACHE)
unset(IPTLINT_ANTLR_COMPILES CACHE)
try_run(IPTLINT_ANTLR_STARTS IPTLINT_ANTLR_COMPILES
  SOURCES ${probe}/Main.cpp ${probe}/ProbeLexer.cpp ${probe}/ProbeParser.cpp
  CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${probe};${CMAKE_BINARY_DIR}/grammar/umbrella;${ANTLR_INCLUDE_DIR}"
  COMPILE_DEFINITIONS ${flags}
  LINK_OPTIONS ${flags}
  LINK_LIBRARIES ${ANTLR_LIBRARY}
  CXX_STANDARD 20
  COMPILE_OUTPUT_VARIABLE compiled RUN_OUTPUT_VARIABLE ran)
if(NOT IPTLINT_ANTLR_COMPILES)
  message(FATAL_ERROR "what ${ANTLR_JAR} generates does not build with ${ANTLR_LIBRARY}; name another tool with -DANTLR_JAR=\n${compiled}")
endif()
if(NOT IPTLINT_ANTLR_STARTS EQUAL 0)
  message(FATAL_ERROR "what ${ANTLR_JAR} generates does not start with ${ANTLR_LIBRARY}; name another tool with -DANTLR_JAR=\n${ran}")
endif()
set(IPTLINT_ANTLR_PROBED "${probed}" CACHE INTERNAL "The tools for which a generated parser is known to start")
message(STATUS "The ANTLR tool and runtime fit: a generated parser starts")
