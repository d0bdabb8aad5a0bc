// The articles that fault tests send, and how one is known again wherever it comes out.
//
// An article is (source, seq): source s is written to partition s of the input topic alone, seq
// counts its articles from 0. The body is a mark,
//
//   [[SS.NNNNNNNNN.CCCCCCCC|text]]      source, seq, CRC-32 of "SS.NNNNNNNNN|text" in hex
//
// in letters that no format escapes, so that it survives every way out and shows when it did not.
// Records whose value can hold no mark (the poison set) carry "SS.NNNNNNNNN" in the header
// `fault-id`, which dead letters keep.
//
// Threads: none inside. Errors: values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace telex::fault {

struct ArticleId {
  std::uint32_t source = 0;
  std::uint64_t seq = 0;
  auto operator<=>(const ArticleId&) const = default;
};

inline constexpr std::string_view kIdHeader = "fault-id";
// Articles of one source share this many keys, so that an order per key exists.
inline constexpr std::uint64_t kKeysPerSource = 32;

// Records with this key only keep a loop going that commits by count alone; they are not counted.
inline constexpr std::string_view kFillerKey = "filler";

std::string id_text(ArticleId id);
std::optional<ArticleId> parse_id(std::string_view text);  // As id_text() writes it, at the start.

// CRC-32 as in zlib and Ethernet.
std::uint32_t crc_of(std::string_view bytes);

std::string make_mark(ArticleId id, std::string_view text);
struct Mark {
  ArticleId id;
  bool is_intact = false;  // The CRC fits.
};
std::optional<Mark> find_mark(std::string_view bytes);

// The key of the article, also its uri.
std::string key_of(ArticleId id);
// An article as JSON; the same for the same id and length. `text_bytes` of the mark's text.
std::string make_article(ArticleId id, std::size_t text_bytes);

}  // namespace telex::fault
