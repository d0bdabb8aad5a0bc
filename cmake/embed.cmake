# telex_embed(<target> <symbol> <file>...): puts files into a library of ours.
#
# The target gets a function `std::span<const telex::EmbeddedFile> telex::<symbol>()` that gives the
# files in the order named; declare it where it is used (process/embedded_file.h has the type). The
# bytes go through an array of numbers and not a string literal: no limit of a compiler's literal
# length, no escape, and the same text from every compiler.
#
# The same file is also the script that writes the source: cmake -P embed.cmake with SYMBOL, OUTPUT
# and FILES (separated by '|').

if(CMAKE_SCRIPT_MODE_FILE AND CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  string(REPLACE "|" ";" FILES "${FILES}")
  set(arrays "")
  set(rows "")
  set(number 0)
  foreach(file IN LISTS FILES)
    file(READ "${file}" hex HEX)
    file(SIZE "${file}" size)
    get_filename_component(name "${file}" NAME)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REPEAT "[0-9a-fx,]" 80 line)  # 16 bytes of "0x..,".
    string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
    # The last 0 keeps an empty file's array legal; it is not counted.
    string(APPEND arrays "constexpr unsigned char kBytes${number}[] = {\n${bytes}0};\n")
    string(APPEND rows
      "      EmbeddedFile{\"${name}\", {reinterpret_cast<const char*>(kBytes${number}), ${size}}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(WRITE "${OUTPUT}"
"// Written by cmake/embed.cmake.
#include <array>
#include <span>

#include \"process/embedded_file.h\"

namespace telex {
namespace {
${arrays}}  // namespace

std::span<const EmbeddedFile> ${SYMBOL}();

std::span<const EmbeddedFile> ${SYMBOL}() {
  static const std::array<EmbeddedFile, ${number}> files{
${rows}  };
  return files;
}

}  // namespace telex
")
  return()
endif()

include_guard(GLOBAL)
set(TELEX_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}" CACHE INTERNAL "")

function(telex_embed target symbol)
  set(files "")
  foreach(file IN LISTS ARGN)
    get_filename_component(path "${file}" ABSOLUTE)
    list(APPEND files "${path}")
  endforeach()
  list(JOIN files "|" joined)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cc")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} "-DSYMBOL=${symbol}" "-DOUTPUT=${output}" "-DFILES=${joined}"
            -P "${TELEX_EMBED_SCRIPT}"
    DEPENDS ${files} "${TELEX_EMBED_SCRIPT}"
    COMMENT "Embedding ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
