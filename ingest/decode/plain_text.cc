#include "ingest/decode/plain_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "schemas/event_time.h"

namespace telex {
namespace {

constexpr std::size_t kHeadingCodePointsMax = 60;
constexpr std::size_t kHeadingWordsMax = 8;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [text](std::string_view beginning) { return text.starts_with(beginning); });
}

// A line that could be a heading by itself; `line` is trimmed.
bool is_heading_line(std::string_view line) {
  if (line.size() > kHeadingCodePointsMax * 4) return false;
  std::size_t code_points = 0;
  std::size_t words = 0;
  bool letter = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++code_points;
    if (!is_space(c) && (i == 0 || is_space(line[i - 1]))) ++words;
    letter = letter || is_letter(c) || !is_ascii(c);
  }
  if (!letter || code_points > kHeadingCodePointsMax || words > kHeadingWordsMax) return false;
  if (starts_with_any(line, {"-", "*", "•", "–", "—", "·", ">", "#"})) return false;
  std::string_view end = line;
  while (ends_with_any(end, {"\"", "'"})) end.remove_suffix(1);
  while (ends_with_any(end, {"”", "’", "“"})) end.remove_suffix(3);
  while (ends_with_any(end, {"»"})) end.remove_suffix(2);
  return !ends_with_any(end, {".", "!", "?", "…", ":", ";", ",", "。", "！", "？"});
}

// The code point at `at`, which is advanced past it. REQUIRES well-formed UTF-8.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size()
               ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]))
               : 0U;
  };
  const std::uint32_t lead = byte(0);
  std::uint32_t value = lead;
  std::size_t length = 1;
  if (lead >= 0xF0) {
    value = ((lead & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) |
            (byte(3) & 0x3FU);
    length = 4;
  } else if (lead >= 0xE0) {
    value = ((lead & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    length = 3;
  } else if (lead >= 0xC0) {
    value = ((lead & 0x1FU) << 6U) | (byte(1) & 0x3FU);
    length = 2;
  }
  at += length;
  return value;
}

// Unicode 15: White_Space, Default_Ignorable_Code_Point and controls outside ASCII; blank letters.
bool is_invisible(std::uint32_t c) {
  return (c >= 0x80 && c <= 0xA0) || c == 0xAD || c == 0x034F || c == 0x061C ||
         (c >= 0x115F && c <= 0x1160) || c == 0x1680 || (c >= 0x17B4 && c <= 0x17B5) ||
         (c >= 0x180B && c <= 0x180F) || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0x2800 ||
         c == 0x3000 || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFA0 ||
         (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0x1BCA0 && c <= 0x1BCA3) ||
         (c >= 0x1D173 && c <= 0x1D17A) || (c >= 0xE0000 && c <= 0xE0FFF);
}

// The end of what shows nothing in markup at `at`: a tag or a reference to a space; `at` if none.
std::size_t skip_unseen_markup(std::string_view text, std::size_t at) {
  if (text[at] == '<') {
    const std::size_t close = text.find('>', at);
    return close == std::string_view::npos ? at : close + 1;
  }
  for (const std::string_view reference : {"&nbsp;", "&#160;", "&#xa0;", "&#xA0;", "&shy;"}) {
    if (text.substr(at).starts_with(reference)) return at + reference.size();
  }
  return at;
}

// The length of "YYYY[-MM[-DD]]" in front of `text`; 0 if it is not there.
std::size_t date_length(std::string_view text) {
  const auto digits = [text](std::size_t at, std::size_t count) {
    if (at + count > text.size()) return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                       text.begin() + static_cast<std::ptrdiff_t>(at + count), is_digit);
  };
  if (!digits(0, 4)) return 0;
  std::size_t length = 4;
  for (int part = 0; part < 2; ++part) {
    if (length >= text.size() || text[length] != '-' || !digits(length + 1, 2)) break;
    length += 3;
  }
  return length;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

PlainText read_plain_text(std::string_view text) {
  constexpr std::string_view kWord = "date";
  PlainText plain{trimmed(text), {}};
  std::string_view rest = plain.body;
  if (rest.size() <= kWord.size()) return plain;
  for (std::size_t i = 0; i < kWord.size(); ++i) {
    if ((rest[i] | 0x20) != kWord[i]) return plain;
  }
  rest.remove_prefix(kWord.size());
  const bool colon = rest.front() == ':';
  if (colon) rest.remove_prefix(1);
  const std::size_t before = rest.size();
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  if (!colon && rest.size() == before) return plain;
  const std::size_t length = date_length(rest);
  if (length == 0 || (length < rest.size() && !is_space(rest[length]))) return plain;
  const EventTime date = parse_event_time(rest.substr(0, length));
  if (date.precision == DatePrecision::none) return plain;
  plain.date = date;
  plain.body = trimmed(rest.substr(length));
  return plain;
}

void find_headings(std::string_view text, std::uint16_t part, std::vector<Heading>& out) {
  std::size_t paragraphs = 0;        // Begun so far.
  std::size_t lines = 0;             // Of the paragraph at hand.
  std::string_view first_line;       // Its first line, trimmed.
  std::optional<ByteRange> pending;  // A heading, if what follows is text.
  const auto end_paragraph = [&] {
    if (lines == 0) return;
    const bool heading = lines == 1 && paragraphs > 1 && is_heading_line(first_line);
    if (!heading && pending) out.push_back({part, *pending});
    pending.reset();
    if (heading) {
      const auto begin = static_cast<std::uint32_t>(first_line.data() - text.data());
      pending = ByteRange{begin, begin + static_cast<std::uint32_t>(first_line.size())};
    }
    lines = 0;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) {
      end_paragraph();
    } else if (lines++ == 0) {
      ++paragraphs;
      first_line = line;
    }
  }
  end_paragraph();
}

bool has_visible_text(std::string_view text, TextFormat format) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (format == TextFormat::html && (c == '<' || c == '&')) {
      const std::size_t end = skip_unseen_markup(text, at);
      if (end == at) return true;
      at = end;
    } else if (is_ascii(c)) {
      if (c > ' ' && c != 0x7F) return true;
      ++at;
    } else if (!is_invisible(next_code_point(text, at))) {
      return true;
    }
  }
  return false;
}

bool looks_like_markup(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 3 || text[0] != '<') return false;
  if (!is_letter(text[1]) && text[1] != '!' && text[1] != '?') return false;
  return text.find('>') != std::string_view::npos;
}

}  // namespace telex
