// What the tests of process/topics share: a news desk that tags short texts with rules of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "process/text/tokeniser.h"
#include "process/topics/rules.h"
#include "process/topics/topic_stage.h"

namespace telex::testing {

// A small vocabulary whose shape is the real one's.
inline constexpr std::string_view kVocabularyText =
    "release\ttest 1\n"
    "# comment\n"
    "medtop:11000000\t-\t1\tpolitics\tpolitiek\n"
    "medtop:16000000\t-\t1\tconflict\tconflict\n"
    "medtop:20000073\tmedtop:16000000\t2\tpeace process\tvredesproces\n"
    "medtop:20000076\tmedtop:20000073\t3\tpeace talks\tvredesoverleg\n"
    "medtop:15000000\t-\t1\tsport\tsport\n";

inline std::shared_ptr<const Vocabulary> small_vocabulary() {
  std::string error;
  auto vocabulary = Vocabulary::parse("vocabulary.tsv", kVocabularyText, error);
  if (!vocabulary) throw std::runtime_error(error);
  return vocabulary;
}

inline std::shared_ptr<const TopicRules> rules_of(std::string_view text) {
  std::string error;
  const std::vector<EmbeddedFile> files{{"test.rules", text}};
  auto rules = TopicRules::load(files, small_vocabulary(), error);
  if (!rules) throw std::runtime_error(error);
  return rules;
}

// A topic with its evidence, taken out of the columns.
struct FoundTopic {
  std::string code;
  int relevance = 0;
  int confidence = 0;
  std::string broader;
  std::vector<Evidence> evidence;

  const Evidence* entry(std::string_view spelling) const {
    for (const Evidence& row : evidence) {
      if (row.entry == spelling) return &row;
    }
    return nullptr;
  }
};

struct Story {
  std::string body;
  std::string headline = {};
  std::string language = "nl";
};

// Tags batches of stories with one set of rules.
class Desk {
 public:
  explicit Desk(std::shared_ptr<const TopicRules> rules) { generation_.rules = std::move(rules); }

  std::vector<std::vector<FoundTopic>> tag(const std::vector<Story>& stories) {
    fill(stories);
    run();
    std::vector<std::vector<FoundTopic>> found;
    for (std::uint32_t row = 0; row < batch_.size(); ++row) found.push_back(topics(row));
    return found;
  }
  std::vector<FoundTopic> tag(const Story& story) { return tag(std::vector{story}).front(); }
  std::vector<FoundTopic> tag(std::string_view body) {
    return tag(Story{std::string(body), "", "nl"});
  }

  void fill(const std::vector<Story>& stories) {
    batch_.clear();
    const std::uint16_t topic = batch_.intern_topic("raw");
    for (std::uint32_t row = 0; row < stories.size(); ++row) {
      RawRecord record;
      record.topic = topic;
      record.partition = {0};
      record.offset = {row};
      record.value = "x";
      if (!batch_.append(record)) throw std::runtime_error("batch full");
      std::vector<Part> parts;
      if (!stories[row].headline.empty()) {
        parts.push_back({batch_.store_text(stories[row].headline), PartKind::headline});
      }
      parts.push_back({batch_.store_text(stories[row].body), PartKind::body});
      Article article;
      article.uri = "urn:test";
      article.parts = parts;
      batch_.set_article(row, article);
    }
    tokens_.clear();
    annotations_.reset(batch_.size());
    StageContext context{generation_, tokens_, annotations_};
    Tokeniser()(batch_, context);
    for (std::uint32_t row = 0; row < batch_.size(); ++row) {
      annotations_.rows[row].language.code = LanguageCode::from_tag(stories[row].language);
    }
  }

  void run() {
    annotations_.topics.clear();
    annotations_.evidence.clear();
    StageContext context{generation_, tokens_, annotations_};
    stage_(batch_, context);
  }

  std::vector<FoundTopic> topics(std::uint32_t row) const {
    std::vector<FoundTopic> found;
    const IndexRange range = annotations_.rows[row].topics;
    for (std::uint32_t i = range.first; i < range.last(); ++i) {
      const Topic& topic = annotations_.topics[i];
      FoundTopic& out = found.emplace_back();
      out.code = topic.code;
      out.relevance = topic.relevance;
      out.confidence = topic.confidence;
      out.broader = topic.broader;
      for (std::uint32_t e = topic.evidence.first; e < topic.evidence.last(); ++e) {
        out.evidence.push_back(annotations_.evidence[e]);
      }
    }
    return found;
  }

  Batch& batch() { return batch_; }
  Annotations& annotations() { return annotations_; }
  Generation& generation() { return generation_; }

 private:
  Generation generation_;
  Batch batch_;
  Tokens tokens_;
  Annotations annotations_;
  TopicStage stage_;
};

inline std::vector<std::string> codes(const std::vector<FoundTopic>& topics) {
  std::vector<std::string> codes;
  for (const FoundTopic& topic : topics) codes.push_back(topic.code);
  return codes;
}

}  // namespace telex::testing
