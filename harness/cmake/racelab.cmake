# The project's compile rules, and one function per kind of target.

find_package(GTest REQUIRED)
find_package(absl REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
include(GoogleTest)

set(RACELAB_SANITIZE "" CACHE STRING
    "Sanitizers for the harness's own code, as in -fsanitize=…")

add_library(racelab_flags INTERFACE)
# Debian's include directories of Abseil are system ones: its headers are not
# ours to warn about.
target_include_directories(racelab_flags INTERFACE ${PROJECT_SOURCE_DIR}/harness)
# GCC 12 sees overlaps in std::string's own code that are none (its bug 105651).
target_compile_options(racelab_flags INTERFACE -Wall -Wextra -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# Lines, for backtraces. The variables too would be a fifth of the compiler's time;
# a build to be debugged is CMAKE_BUILD_TYPE=Debug.
target_compile_options(racelab_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-g1>)
if(RACELAB_SANITIZE)
  target_compile_options(racelab_flags INTERFACE
    -fsanitize=${RACELAB_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(racelab_flags INTERFACE -fsanitize=${RACELAB_SANITIZE})
  if(RACELAB_SANITIZE MATCHES "thread")
    target_compile_definitions(racelab_flags INTERFACE RACELAB_BUILT_WITH_TSAN)
  endif()
  if(RACELAB_SANITIZE MATCHES "address")
    target_compile_definitions(racelab_flags INTERFACE RACELAB_BUILT_WITH_ASAN)
  endif()
endif()
find_program(RACELAB_LLD NAMES ld.lld-19)
if(RACELAB_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(racelab_flags INTERFACE -fuse-ld=lld)
endif()

# GoogleTest, Abseil and nlohmann/json are two thirds of the time of a build from
# nothing; precompiled once, they are not. Not with ccache, which serves better
# without, and not with GCC: the build that notices a missing #include.
set(precompile OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(precompile ON)
endif()
option(RACELAB_PCH "Precompile the libraries' headers" ${precompile})

# racelab_add_precompiled(NAME flag…)
function(racelab_add_precompiled name)
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/precompiled.cc)
  target_link_libraries(${name} PRIVATE racelab_flags
    absl::statusor absl::strings nlohmann_json::nlohmann_json GTest::gmock)
  target_compile_options(${name} PRIVATE -fpch-instantiate-templates ${ARGN})
  target_precompile_headers(${name} PRIVATE
    <algorithm> <chrono> <filesystem> <fstream> <functional> <map> <memory>
    <optional> <regex> <set> <sstream> <string> <vector>
    <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/strings/str_format.h> <absl/strings/str_join.h>
    <absl/strings/str_split.h> <gmock/gmock.h> <nlohmann/json.hpp>)
endfunction()

# Tests are compiled once and run once: optimizing them costs more than it gives.
set(RACELAB_TEST_FLAGS "")
if(NOT RACELAB_SANITIZE)
  set(RACELAB_TEST_FLAGS -O0)
endif()

if(RACELAB_PCH)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cc "")
  racelab_add_precompiled(racelab_precompiled)
  racelab_add_precompiled(racelab_precompiled_for_tests ${RACELAB_TEST_FLAGS})
endif()

# racelab_precompile(TARGET [precompiled])
function(racelab_precompile target)
  if(RACELAB_PCH)
    # Executables too, so that one form serves all.
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${target} PRIVATE -fPIC)
    endif()
    # libstdc++'s pragmas about its own deprecated functions get lost.
    target_compile_options(${target} PRIVATE -Wno-deprecated-declarations)
    set(precompiled racelab_precompiled ${ARGN})
    list(GET precompiled -1 precompiled)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
  endif()
endfunction()

# racelab_library(NAME SRCS … [HDRS …] [DEPS …] [PLAIN])
# PLAIN: for sources that must not see other headers than their own.
function(racelab_library name)
  cmake_parse_arguments(ARG "PLAIN" "" "SRCS;HDRS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_link_libraries(${name} PUBLIC racelab_flags ${ARG_DEPS})
    if(NOT ARG_PLAIN)
      racelab_precompile(${name})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE racelab_flags ${ARG_DEPS})
  endif()
endfunction()

# racelab_binary(NAME SRCS … [DEPS …])
function(racelab_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE racelab_flags ${ARG_DEPS})
  if(RACELAB_SANITIZE)
    target_sources(${name} PRIVATE
      ${PROJECT_SOURCE_DIR}/harness/testing/sanitizer_options.cc)
  endif()
endfunction()

# racelab_test(NAME SRCS … [DEPS …] [LABEL label] [TIMEOUT seconds] [SERIAL]
#   [SHARES_CACHE])
# A GoogleTest binary whose cases CTest lists one by one. SERIAL: its cases use
# both cores themselves. SHARES_CACHE: it builds modules; RACELAB_TEST_STATE is a
# folder that all such tests of one run share and that each run begins without.
set(RACELAB_TEST_STATE ${PROJECT_BINARY_DIR}/test-state)
add_test(NAME TestState.IsFresh
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${RACELAB_TEST_STATE})
set_tests_properties(TestState.IsFresh PROPERTIES FIXTURES_SETUP TestState)

function(racelab_test name)
  cmake_parse_arguments(ARG "SERIAL;SHARES_CACHE" "LABEL;TIMEOUT" "SRCS;DEPS"
    ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE racelab_flags ${ARG_DEPS}
    GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${RACELAB_TEST_FLAGS})
  racelab_precompile(${name} racelab_precompiled_for_tests)
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABEL)
    list(APPEND properties LABELS ${ARG_LABEL})
  endif()
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  if(ARG_SHARES_CACHE)
    list(APPEND properties FIXTURES_REQUIRED TestState)
    target_compile_definitions(${name} PRIVATE
      RACELAB_TEST_STATE="${RACELAB_TEST_STATE}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES ${properties})
endfunction()
