#include "process/topics/vocabulary.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "process/text/fold.h"

namespace telex {
namespace {

// IPTC's own tree has six levels.
constexpr std::uint8_t kLevelMax = 12;

constexpr std::string_view kCodePrefix = "medtop:";
constexpr std::string_view kUriPrefix = "http://cv.iptc.org/newscodes/mediatopic/";

bool is_code(std::string_view code) {
  if (!code.starts_with(kCodePrefix)) return false;
  const std::string_view digits = code.substr(kCodePrefix.size());
  return digits.size() == 8 &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Cuts `line` at its tabs; false unless there are exactly as many fields as asked for.
template <std::size_t N>
bool split(std::string_view line, std::array<std::string_view, N>& fields) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == N)) return false;
    fields[i] = line.substr(0, tab);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  }
  return true;
}

}  // namespace

bool Vocabulary::parse_release(std::string_view line, std::string& error) {
  std::array<std::string_view, 2> fields;
  if (!split(line, fields) || fields[0] != "release" || fields[1].empty()) {
    error = "expected \"release\", a tab and the name of the release";
    return false;
  }
  release_ = fields[1];
  return true;
}

bool Vocabulary::parse_topic(std::string_view line, std::string& error) {
  std::array<std::string_view, 5> fields;
  if (!split(line, fields)) {
    error = "expected five fields: code, broader, level, English label, Dutch label";
    return false;
  }
  VocabularyTopic topic;
  topic.code = fields[0];
  if (!is_code(topic.code)) {
    error = "expected a code like medtop:11000000, found \"" + topic.code + "\"";
    return false;
  }
  topic.uri = std::string(kUriPrefix) + topic.code.substr(kCodePrefix.size());
  if (find(topic.code)) {
    error = "the code " + topic.code + " stands here twice";
    return false;
  }
  const auto index = static_cast<std::uint16_t>(topics_.size());
  topic.top = index;
  if (fields[1] != "-") {
    const auto broader = find(fields[1]);
    if (!broader) {
      error = "the broader topic \"" + std::string(fields[1]) + "\" does not stand above";
      return false;
    }
    topic.broader = *broader;
    topic.top = topics_[*broader].top;
    topic.level = static_cast<std::uint8_t>(topics_[*broader].level + 1);
    if (topic.level > kLevelMax) {
      error = "the topic " + topic.code + " lies too deep";
      return false;
    }
  }
  unsigned level = 0;
  const auto [end, status] =
      std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), level);
  if (status != std::errc{} || end != fields[2].data() + fields[2].size() || level != topic.level) {
    error = "expected level " + std::to_string(topic.level) + ", found \"" +
            std::string(fields[2]) + "\"";
    return false;
  }
  topic.english = fields[3];
  topic.dutch = fields[4];
  if (topic.english.empty() || topic.dutch.empty()) {
    error = "a label is empty";
    return false;
  }
  topics_.push_back(std::move(topic));
  by_code_.emplace(topics_.back().code, index);
  return true;
}

std::shared_ptr<const Vocabulary> Vocabulary::parse(std::string_view name, std::string_view text,
                                                    std::string& error) {
  auto vocabulary = std::make_shared<Vocabulary>();
  // Reserved, because by_code_ holds views into the strings.
  vocabulary->topics_.reserve(kTopicsMax);
  std::size_t line_number = 0;
  const auto fail = [&](const std::string& what) {
    error = std::string(name) + ":" + std::to_string(std::max<std::size_t>(line_number, 1)) + ": " +
            what;
    return nullptr;
  };
  if (text.size() > kBytesMax) return fail("the vocabulary is too large");
  if (first_invalid_utf8(text) != text.size()) return fail("the vocabulary is not UTF-8");
  std::string what;
  while (!text.empty()) {
    ++line_number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line_number == 1) {
      if (!vocabulary->parse_release(line, what)) return fail(what);
      continue;
    }
    if (line.empty() || line.starts_with('#')) continue;
    if (vocabulary->topics_.size() == kTopicsMax) return fail("too many topics");
    if (!vocabulary->parse_topic(line, what)) return fail(what);
  }
  if (vocabulary->topics_.empty()) return fail("the vocabulary has no topics");
  return vocabulary;
}

std::optional<std::uint16_t> Vocabulary::find(std::string_view code) const {
  const auto found = by_code_.find(code);
  if (found == by_code_.end()) return std::nullopt;
  return found->second;
}

bool Vocabulary::is_above(std::uint16_t ancestor, std::uint16_t topic) const {
  for (std::uint16_t at = topics_[topic].broader; at != kNoTopic; at = topics_[at].broader) {
    if (at == ancestor) return true;
  }
  return false;
}

}  // namespace telex
