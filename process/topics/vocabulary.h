// Vocabulary: the topics that telex may assign, with their labels and their place in the tree.
//
// Read from a TSV (process/topics/data/vocabulary.tsv is the shipped one). First line: "release",
// a tab and the release's name. Then, apart from lines that begin with '#', one topic a line:
//   code <tab> broader code or "-" <tab> level from 1 <tab> English label <tab> Dutch label
// A broader topic stands before its narrower ones and is one level above them.
// The codes, levels and English labels of the shipped file are IPTC's (CC BY 4.0); the Dutch are
// ours.
//
// Ownership: owns its strings; views it gives live as long as it does.
// Threads:   immutable after parse(); share freely.
// Limits:    kTopicsMax topics, kBytesMax of text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace telex {

inline constexpr std::uint16_t kNoTopic = 0xFFFF;

// One topic; an index into Vocabulary::topics() names it.
struct VocabularyTopic {
  std::string code;  // "medtop:11000000".
  std::string uri;   // "http://cv.iptc.org/newscodes/mediatopic/11000000".
  std::string english;
  std::string dutch;
  std::uint16_t broader = kNoTopic;  // Index; kNoTopic at the top.
  std::uint16_t top = 0;             // Index of its top topic; its own for a top topic.
  std::uint8_t level = 1;            // 1 = top.
};

class Vocabulary {
 public:
  static constexpr std::size_t kTopicsMax = 4096;
  static constexpr std::size_t kBytesMax = 1U << 20;

  // Null, and "name:line: what is wrong" in `error`, if the text is no vocabulary.
  static std::shared_ptr<const Vocabulary> parse(std::string_view name, std::string_view text,
                                                 std::string& error);

  const std::string& release() const { return release_; }
  std::span<const VocabularyTopic> topics() const { return topics_; }
  const VocabularyTopic& operator[](std::uint16_t index) const { return topics_[index]; }
  std::optional<std::uint16_t> find(std::string_view code) const;
  // Whether `ancestor` is above `topic` in the tree (a topic is not above itself).
  bool is_above(std::uint16_t ancestor, std::uint16_t topic) const;

 private:
  bool parse_release(std::string_view line, std::string& error);
  bool parse_topic(std::string_view line, std::string& error);

  std::string release_;
  std::vector<VocabularyTopic> topics_;
  std::unordered_map<std::string_view, std::uint16_t> by_code_;  // Views into topics_.
};

}  // namespace telex
