#include "service/dead_letter_show.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "schemas/base64.h"
#include "schemas/json_writer.h"

namespace telex {
namespace {

constexpr std::size_t kLabelColumns = 9;
constexpr std::size_t kLinesShown = 12;

template <class Int>
bool read_whole(std::string_view text, Int& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= 0;
}

// At most `bytes` of it, and no character cut in two.
std::string_view head_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && bytes - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

void append_row(std::string& out, std::string_view label, std::string_view text,
                const Terminal& terminal) {
  out += fmt::format("   {} {}\n", terminal.styled(Style::dim, fitted(label, kLabelColumns)), text);
}

std::string shown_head(std::string_view bytes, std::size_t limit) {
  if (bytes.data() == nullptr) return "null";
  const std::string_view head = head_of(bytes, limit);
  std::string out = shown_bytes(head, false);
  if (head.size() < bytes.size()) out += fmt::format(" … ({} bytes)", bytes.size());
  return out.empty() ? "(empty)" : out;
}

// The beginning of a value, a bar before each line.
void append_value(std::string& out, std::string_view value, std::uint64_t bytes,
                  const Terminal& terminal) {
  const std::string_view head = head_of(value, kShownValueBytes);
  std::string text = shown_bytes(head, true);
  std::size_t lines = 0;
  std::string_view rest = text;
  while (!rest.empty() && lines < kLinesShown) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out += fmt::format("   {} {}\n", terminal.styled(Style::dim, "│"), rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++lines;
  }
  if (!rest.empty() || head.size() < bytes) {
    out += fmt::format("   {} …\n", terminal.styled(Style::dim, "│"));
  }
}

void append_headers(std::string& out, const DeadLetter& letter, const Terminal& terminal) {
  std::size_t shown = 0;
  std::size_t left = 0;
  for (const Header& header : letter.headers) {
    if (letter.info && (is_dead_letter_header(header.name) || header.name == kClaimHeader))
      continue;
    if (shown == kShownHeaders) {
      ++left;
      continue;
    }
    append_row(out, shown++ == 0 ? "headers" : "",
               fmt::format("{}: {}", shown_head(header.name, kShownHeaderBytes),
                           shown_head(header.value, kShownHeaderBytes)),
               terminal);
  }
  if (left > 0) append_row(out, "", fmt::format("… {} more", left), terminal);
}

}  // namespace

std::optional<Coordinates> parse_coordinates(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t slash = text.rfind('/', at);
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  Coordinates found;
  found.partition.topic = text.substr(0, slash);
  // The characters of Kafka's topic names.
  const bool is_topic =
      found.partition.topic.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  if (!is_topic ||
      !read_whole(text.substr(slash + 1, at - slash - 1), found.partition.partition.value) ||
      !read_whole(text.substr(at + 1), found.offset.value)) {
    return std::nullopt;
  }
  return found;
}

std::string show_dead_letter(const DeadLetter& letter, const Terminal& terminal) {
  std::string out = fmt::format(
      "── {}",
      terminal.styled(Style::bold, fmt::format("{}/{}@{}", safe_text(letter.topic, false),
                                               letter.partition.value, letter.offset.value)));
  if (letter.info) {
    const DeadLetterInfo& info = *letter.info;
    out += fmt::format(" · from {}/{}@{} · {}\n", shown_head(info.topic, kShownHeaderBytes),
                       info.partition.value, info.offset.value, shown_time(letter.timestamp));
    append_row(out, "reason",
               fmt::format("{} ({})", terminal.styled(Style::red, to_string(info.reason)),
                           shown_head(info.stage, kShownHeaderBytes)),
               terminal);
    append_row(out, "", shown_head(info.message, ArticleLimits::kReasonMessageBytesMax), terminal);
    append_row(out, "source", shown_head(letter.source(), kShownHeaderBytes), terminal);
    append_row(out, "attempt",
               fmt::format("{}, put back {} times before", info.attempt, info.replays), terminal);
  } else {
    out += fmt::format(" · {}\n", shown_time(letter.timestamp));
    append_row(out, "no dead letter of telex:", shown_bytes(letter.unreadable, false), terminal);
  }
  append_row(out, "key", shown_head(letter.key, kShownHeaderBytes), terminal);
  append_headers(out, letter, terminal);
  if (letter.claim) {
    const ClaimCheck& claim = *letter.claim;
    append_row(
        out, "spooled",
        fmt::format("the original lies in the spool of {} ({}): {}", safe_text(claim.host, false),
                    safe_text(claim.instance, false), claim.file),
        terminal);
    append_row(out, "",
               fmt::format("{} headers, value with XXH3-128 {}", claim.headers,
                           claim.null_value ? "-" : claim.digest),
               terminal);
    append_row(out, "value", claim.null_value ? "null" : shown_size(claim.bytes), terminal);
    append_value(out, claim.head, claim.bytes, terminal);
  } else {
    append_row(out, "value",
               letter.value.data() == nullptr ? "null" : shown_size(letter.value.size()), terminal);
    append_value(out, letter.value, letter.value.size(), terminal);
  }
  return out;
}

std::string dead_letter_json(const DeadLetter& letter) {
  std::string out = R"({"topic":)";
  append_json_string(letter.topic, out);
  out += fmt::format(R"(,"partition":{},"offset":{},"timestamp":{})", letter.partition.value,
                     letter.offset.value, letter.timestamp);
  const auto member = [&out](std::string_view name, std::string_view bytes) {
    out += fmt::format(R"(,"{}":)", name);
    append_json_string(shown_bytes(head_of(bytes, kShownValueBytes), false), out);
  };
  if (letter.info) {
    const DeadLetterInfo& info = *letter.info;
    out += R"(,"from":{"topic":)";
    append_json_string(shown_bytes(head_of(info.topic, kShownValueBytes), false), out);
    out += fmt::format(R"(,"partition":{},"offset":{}}},"reason":"{}","attempt":{},"replays":{})",
                       info.partition.value, info.offset.value, to_string(info.reason),
                       info.attempt, info.replays);
    member("stage", info.stage);
    member("message", info.message);
    member("source", letter.source());
    member("configDigest", info.config_digest);
    member("version", info.version);
  } else {
    member("unreadable", letter.unreadable);
  }
  if (letter.claim) {
    const ClaimCheck& claim = *letter.claim;
    out += fmt::format(R"(,"claimCheck":{{"file":"{}")", claim.file);
    member("host", claim.host);
    member("instance", claim.instance);
    out += claim.null_value
               ? std::string(R"(,"bytes":null,"digest":null)")
               : fmt::format(R"(,"bytes":{},"digest":"{}")", claim.bytes, claim.digest);
    out += fmt::format(R"(,"headers":{}}})", claim.headers);
  }
  out += R"(,"keyBase64":)";
  append_base64_or_null(letter.key, out);
  out += R"(,"valueBase64":)";
  append_base64_or_null(letter.value, out);
  out += R"(,"headers":[)";
  for (std::size_t i = 0; i < letter.headers.size(); ++i) {
    out += i == 0 ? R"({"name":)" : R"(,{"name":)";
    append_json_string(shown_bytes(head_of(letter.headers[i].name, kShownValueBytes), false), out);
    out += R"(,"valueBase64":)";
    append_base64_or_null(letter.headers[i].value, out);
    out += '}';
  }
  return out + "]}";
}

}  // namespace telex
