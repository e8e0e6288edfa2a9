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
target_compile_options(racelab_flags INTERFACE -Wall -Wextra -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(RACELAB_SANITIZE)
  target_compile_options(racelab_flags INTERFACE
    -fsanitize=${RACELAB_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(racelab_flags INTERFACE -fsanitize=${RACELAB_SANITIZE})
endif()
find_program(RACELAB_LLD NAMES ld.lld-19)
if(RACELAB_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(racelab_flags INTERFACE -fuse-ld=lld)
endif()

# racelab_library(NAME SRCS … [HDRS …] [DEPS …])
function(racelab_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;HDRS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_link_libraries(${name} PUBLIC racelab_flags ${ARG_DEPS})
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
endfunction()

# racelab_test(NAME SRCS … [DEPS …] [LABEL label] [TIMEOUT seconds] [SERIAL])
# A GoogleTest binary whose cases CTest lists one by one. SERIAL: its cases use
# both cores themselves.
function(racelab_test name)
  cmake_parse_arguments(ARG "SERIAL" "LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE racelab_flags ${ARG_DEPS}
    GTest::gmock GTest::gtest_main)
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABEL)
    list(APPEND properties LABELS ${ARG_LABEL})
  endif()
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES ${properties})
endfunction()
