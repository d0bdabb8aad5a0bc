# What every target of telex is built with, and the helpers that add one.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Developers' conveniences, taken where they are.
find_program(TELEX_CCACHE ccache)
if(TELEX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TELEX_CCACHE})
endif()

# telex_options: warnings, sanitizers and the include root. PRIVATE to our own targets.
add_library(telex_options INTERFACE)
target_compile_options(telex_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  # g++ 12 sees overlapping copies in std::string where there are none (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough -Wunused
  # Scores are rounded from sums in a fixed order; a fused multiply-add would round elsewhere.
  -ffp-contract=off
  -fno-omit-frame-pointer
  $<$<BOOL:${TELEX_WERROR}>:-Werror>)
if(TELEX_SANITIZE)
  target_compile_options(telex_options INTERFACE -fsanitize=${TELEX_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(telex_options INTERFACE -fsanitize=${TELEX_SANITIZE})
endif()

# telex_find_library(<target> HEADER <header> NAMES <library>...): an imported target for a library
# that brings neither a CMake package nor a .pc file.
function(telex_find_library name)
  cmake_parse_arguments(ARG "" "HEADER" "NAMES" ${ARGN})
  find_path(${name}_INCLUDE ${ARG_HEADER} REQUIRED)
  find_library(${name}_LIBRARY NAMES ${ARG_NAMES} REQUIRED)
  add_library(telex_ext_${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(telex_ext_${name} PROPERTIES
    IMPORTED_LOCATION "${${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE}")
endfunction()

# telex_library(<name> SOURCES <file>... [PUBLIC <lib>...] [PRIVATE <lib>...])
function(telex_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/telex>)
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:telex_options>)
endfunction()

# telex_test(<folder/name> [SOURCES <file>...] LIBS <lib>... [LABELS unit|integration|long] [TIMEOUT s]
#            [PUBLIC_DATA] [CLIENT_THREADS])
# The source is <name>_test.cc beside the CMakeLists.txt unless SOURCES says otherwise. One ctest
# entry a test case, so that a failure names the behaviour.
# PUBLIC_DATA: suites whose name has "PublicData" read the folder that the environment's
# TELEX_PUBLIC_DATA names and fail without it; they are labelled `public` instead, so that who has no
# such folder leaves them out by label, in sight, and no test passes by doing nothing.
# CLIENT_THREADS: makes clients of librdkafka, which starts its threads with C11's thrd_create();
# g++ 12's thread sanitizer does not know that call and dies of it, so that in a build with it these
# are labelled `client`.
function(telex_test name)
  cmake_parse_arguments(ARG "PUBLIC_DATA;CLIENT_THREADS" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  string(REPLACE "/" "." target "test.${name}")
  get_filename_component(base ${name} NAME)
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES ${base}_test.cc)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(ARG_CLIENT_THREADS AND TELEX_SANITIZE MATCHES thread)
    set(ARG_LABELS client)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_LIBS} telex_options GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE
    TELEX_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TELEX_BINARY_DIR="${PROJECT_BINARY_DIR}")
  include(GoogleTest)
  string(REPLACE "/" "." prefix "${name}")
  set(common TEST_PREFIX "${prefix}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60)
  if(ARG_PUBLIC_DATA)
    gtest_discover_tests(${target} ${common} TEST_FILTER "*PublicData*" TEST_LIST ${target}_PUBLIC_TESTS
      PROPERTIES LABELS public TIMEOUT ${ARG_TIMEOUT})
    set(filter TEST_FILTER "-*PublicData*")
  endif()
  gtest_discover_tests(${target} ${common} ${filter}
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
