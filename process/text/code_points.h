// CodePointCursor: byte offsets of one string turned into code point offsets, asked in ascending
// order: the whole string is counted through once, however many offsets are asked.
//
// Ownership: a view of the string, which must outlive it. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "process/text/fold.h"

namespace telex {

class CodePointCursor {
 public:
  explicit CodePointCursor(std::string_view text) : text_(text) {}

  // Code points before byte `offset`. An offset before the last one asked starts from the front
  // again. REQUIRES: offset <= text.size(), on a code point boundary of well-formed UTF-8.
  std::uint32_t at(std::uint32_t offset) {
    if (offset < bytes_) bytes_ = code_points_ = 0;
    code_points_ += count_code_points(text_.substr(bytes_, offset - bytes_));
    bytes_ = offset;
    return code_points_;
  }

 private:
  std::string_view text_;
  std::uint32_t bytes_ = 0;
  std::uint32_t code_points_ = 0;
};

}  // namespace telex
