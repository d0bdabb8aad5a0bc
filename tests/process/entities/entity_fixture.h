// Tags a text with one pack: tokeniser, a given language, the entity stage. Test use only.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "process/entities/entity_stage.h"
#include "process/generation.h"
#include "process/knowledge/pack.h"
#include "process/knowledge/pack_builder.h"
#include "process/text/tokeniser.h"

namespace telex::test {

// "2025-02", "2025-02-17", "2012" or "" as a publication date.
inline EventTime date_of(std::string_view text) {
  EventTime time;
  std::int32_t day = 0;
  if (text.empty() || !parse_day(text, false, day)) return time;
  time.unix_millis = std::int64_t{day} * 86'400'000;
  time.precision = text.size() == 4   ? DatePrecision::year
                   : text.size() == 7 ? DatePrecision::month
                                      : DatePrecision::day;
  time.text = text;
  return time;
}

class Tagger {
 public:
  explicit Tagger(std::shared_ptr<const KnowledgePack> pack) { generation_.pack = std::move(pack); }

  struct Story {
    std::string language = "nl";
    std::string date = "2025-02-17";
    std::string headline = {};
    std::string body = {};
  };

  // Tags one article; the annotations stand until the next call.
  const Annotations& tag(const Story& story) { return tag(std::vector<Story>{story}); }
  const Annotations& tag(const std::vector<Story>& stories) {
    batch_ = std::make_unique<Batch>(BatchLimits{64, 8U << 20});
    RawRecord raw;
    raw.topic = batch_->intern_topic("test");
    raw.partition = Partition{0};
    for (std::uint32_t row = 0; row < stories.size(); ++row) {
      const Story& story = stories[row];
      raw.offset = Offset{row};
      raw.value = story.body.empty() ? std::string_view("-") : std::string_view(story.body);
      EXPECT_TRUE(batch_->append(raw));
      std::vector<Part> parts;
      if (!story.headline.empty()) {
        parts.push_back(
            {batch_->store_text(story.headline), PartKind::headline, TextFormat::plain, 0});
      }
      parts.push_back({batch_->store_text(story.body), PartKind::body, TextFormat::plain, 0});
      Article article;
      article.uri = "urn:test";
      article.published = date_of(story.date);
      article.published.text = {};
      article.parts = parts;
      batch_->set_article(row, article);
    }
    annotations_.reset(batch_->size());
    for (std::uint32_t row = 0; row < stories.size(); ++row) {
      annotations_.rows[row].language.code = LanguageCode::from_tag(stories[row].language);
    }
    StageContext context{generation_, tokens_, annotations_};
    tokeniser_(*batch_, context);
    stage_(*batch_, context);
    return annotations_;
  }

  // The same with only the entity stage run again, `times` over: nanoseconds of one run.
  double time_stage(int times) {
    StageContext context{generation_, tokens_, annotations_};
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
      const std::vector<RowAnnotations> rows = annotations_.rows;
      annotations_.reset(batch_->size());
      for (std::uint32_t row = 0; row < rows.size(); ++row) {
        annotations_.rows[row].language = rows[row].language;
      }
      stage_(*batch_, context);
    }
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    return taken.count() / times;
  }

  std::string_view surface(const Mention& mention, std::uint32_t row = 0) const {
    return batch_->article(row).parts[mention.part].text.substr(mention.bytes.begin,
                                                                mention.bytes.size());
  }
  std::string name(const Entity& entity, std::uint32_t row = 0) const {
    if (!entity.name.empty()) return std::string(entity.name);
    return "?" + std::string(surface(annotations_.mentions[entity.literal], row));
  }

  // "Oekraïne>Ukraine/name NAVO>NATO/compound" in order of the text; unknown ones as "?surface".
  std::vector<std::string> mentions() const {
    std::vector<std::string> out;
    for (const Mention& mention : annotations_.mentions) {
      const Entity& entity = annotations_.entities[mention.entity];
      out.push_back(
          fmt::format("{}>{}/{}", surface(mention), name(entity), to_string(mention.form)));
    }
    return out;
  }
  // "Ukraine" by relevance; unknown ones as "?surface".
  std::vector<std::string> entities() const {
    std::vector<std::string> out;
    for (const Entity& entity : annotations_.entities) out.push_back(name(entity));
    return out;
  }
  const Entity* find(std::string_view wanted) const {
    for (const Entity& entity : annotations_.entities) {
      if (name(entity) == wanted) return &entity;
    }
    return nullptr;
  }

  const Annotations& annotations() const { return annotations_; }
  const Batch& batch() const { return *batch_; }

 private:
  Generation generation_;
  std::unique_ptr<Batch> batch_;
  Tokens tokens_;
  Annotations annotations_;
  Tokeniser tokeniser_;
  EntityStage stage_;
};

// A pack from inputs that must be sound.
inline std::shared_ptr<const KnowledgePack> pack_from(const PackInputs& inputs) {
  const PackBuild build = build_pack(inputs);
  for (const std::string& refusal : build.refusals) ADD_FAILURE() << refusal;
  std::string error;
  auto pack = KnowledgePack::from_bytes(build.bytes, error);
  EXPECT_NE(pack, nullptr) << error;
  return pack;
}

}  // namespace telex::test
