// JsonWriter: appends JSON to a string as fast as the bytes can be copied.
//
// It writes what it is told: commas, names and nesting are the caller's, so that a record's layout
// can be read in one place (enriched.cc). Strings are escaped as RFC 8259 section 7 demands and no
// further: quotation mark, backslash and control characters; everything else stays as it is.
//
// Ownership: borrows the string until it is destroyed or finish() is called; until then the string
//            ends in bytes that are not yet written, so nobody else may touch it.
// Threads:   none inside. Errors: none. REQUIRES: strings are UTF-8 (they are not checked again).
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace telex {

// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string_view text, std::string& out);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), at_(out.data() + out.size()), end_(at_) {}
  ~JsonWriter() { finish(); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Cuts the string to what was written. Writing may go on afterwards.
  void finish() {
    out_.resize(static_cast<std::size_t>(at_ - out_.data()));
    at_ = end_ = out_.data() + out_.size();
  }

  // Bytes that are JSON already: `raw("{\"name\":")`.
  template <std::size_t N>
  void raw(const char (&literal)[N]) {
    need(N - 1);
    std::memcpy(at_, literal, N - 1);
    at_ += N - 1;
  }
  void raw(std::string_view json) {
    need(json.size());
    if (!json.empty()) std::memcpy(at_, json.data(), json.size());
    at_ += json.size();
  }
  void raw(char c) {
    need(1);
    *at_++ = c;
  }

  // A string with its quotes.
  void string(std::string_view text);

  void number(std::integral auto value) {
    constexpr std::size_t kDigitsMax = 24;
    need(kDigitsMax);
    at_ = std::to_chars(at_, end_, value).ptr;
  }

 private:
  void need(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
  }
  void grow(std::size_t bytes);
  char* escape(std::string_view text, char* to);

  std::string& out_;
  char* at_;   // Next byte to write.
  char* end_;  // End of the bytes that may be written.
};

}  // namespace telex
