#include "process/duplicates/identical.h"

#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/decode/decoder.h"
#include "process/memory_state_store.h"
#include "process/pipeline.h"
#include "schemas/changelog.h"

namespace telex {
namespace {

using ::testing::ElementsAre;

constexpr UnixMillis kHour = 3'600'000;
constexpr UnixMillis kStart = 1'739'787'072'000;

struct Raw {
  std::string value;  // "": a deletion.
  std::string key = "k";
  UnixMillis timestamp = kStart;
  Partition partition{0};
  std::vector<Header> headers{};
};

std::string article(std::string_view id, std::string_view body, std::string_view more = "") {
  return "{\"uri\":\"urn:test:" + std::string(id) + "\",\"headline\":\"News\",\"body\":\"" +
         std::string(body) + "\"" + std::string(more) + "}";
}

using Outcomes = std::vector<std::string>;

// A partition's reader: rows get the next offset of their partition, go through decoding and the
// stage, and what becomes of each is told: published, marked:<first>, suppressed, deleted, dead.
class Desk {
 public:
  explicit Desk(IdenticalAction action = IdenticalAction::suppress,
                std::uint64_t bytes_max = 64U << 20)
      : store_(std::make_unique<MemoryStateStore>(bytes_max)) {
    options_.action = action;
    options_.on_full = [this](std::uint32_t articles) { full_ += articles; };
  }

  Outcomes read(const std::vector<Raw>& rows) {
    Batch batch(BatchLimits{static_cast<std::uint32_t>(rows.size()) + 1, 256U << 10});
    for (const Raw& each : rows) {
      RawRecord raw;
      raw.topic = batch.intern_topic("raw.articles");
      raw.partition = each.partition;
      raw.offset = Offset{next_[each.partition]++};
      raw.timestamp = each.timestamp;
      raw.key = each.key;
      if (!each.value.empty()) raw.value = each.value;
      raw.headers = each.headers;
      EXPECT_TRUE(batch.append(raw));
    }
    if (pipeline_ == nullptr) start();
    Records records;
    const BatchCounts counts = pipeline_->run(batch, records);
    EXPECT_TRUE(counts.balances());
    suppressed_ += counts.suppressed;
    marked_ += counts.marked;
    Outcomes outcomes;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      outcomes.push_back(outcome(batch.verdict(row), pipeline_->annotations().rows[row]));
    }
    return outcomes;
  }
  std::string read_one(const Raw& row) { return read({row})[0]; }

  // Where the next record of the partition will lie.
  void go_to(std::int64_t offset, Partition partition = Partition{0}) { next_[partition] = offset; }

  // A generation of its own over the same state, as after a reload.
  void start() {
    std::vector<Pipeline::NamedStage> stages;
    auto decode = std::make_shared<DecodeStage>();
    auto identical = std::make_shared<IdenticalStage>(*store_, options_);
    stages.push_back(
        {"decode", [decode](Batch& batch, StageContext& context) { (*decode)(batch, context); }});
    stages.push_back({"identical", [identical](Batch& batch, StageContext& context) {
                        (*identical)(batch, context);
                      }});
    pipeline_options_.settled = [identical](const Batch& batch) { identical->settle(batch); };
    pipeline_ = std::make_unique<Pipeline>(std::make_shared<Generation>(), std::move(stages),
                                           pipeline_options_);
  }

  // Another process, which knows what the changelog says.
  void restart_from(const Records& changelog) {
    store_ = std::make_unique<MemoryStateStore>(64U << 20);
    for (std::uint32_t i = 0; i < changelog.size(); ++i) {
      const Record record = changelog[i];
      ASSERT_TRUE(store_->restore(record.partition, record.key, *changelog_value(record.value)));
    }
    start();
  }
  void commit(Records* changelog = nullptr) {
    if (changelog != nullptr) store_->drain(*changelog, 0, 0);
    store_->commit();
  }

  MemoryStateStore& store() { return *store_; }
  std::uint64_t full() const { return full_; }
  std::uint64_t suppressed() const { return suppressed_; }
  std::uint64_t marked() const { return marked_; }
  void dead_letter_above(std::uint32_t bytes) {
    pipeline_options_.output_bytes_max = bytes;
    start();
  }

 private:
  static std::string outcome(const Verdict& verdict, const RowAnnotations& row) {
    switch (verdict.kind) {
      case VerdictKind::publish:
        return row.duplicate.kind == DuplicateKind::none
                   ? "published"
                   : "marked:" + std::to_string(row.duplicate.first.value);
      case VerdictKind::suppressed:
        return "suppressed";
      case VerdictKind::deletion:
        return "deleted";
      case VerdictKind::faulty:
        return "dead";
      default:
        return "?";
    }
  }

  std::unique_ptr<MemoryStateStore> store_;
  IdenticalOptions options_;
  PipelineOptions pipeline_options_;
  std::unique_ptr<Pipeline> pipeline_;
  std::map<Partition, std::int64_t> next_;
  std::uint64_t full_ = 0;
  std::uint64_t suppressed_ = 0;
  std::uint64_t marked_ = 0;
};

TEST(Identical, ARepeatIsSuppressedAndCounted) {
  Desk desk;
  EXPECT_EQ(desk.read_one({article("1", "a")}), "published");
  EXPECT_EQ(desk.read_one({article("2", "a")}), "published");
  EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
  EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
  EXPECT_EQ(desk.suppressed(), 2U);
}

TEST(Identical, AMarkNamesTheFirstRecord) {
  Desk desk(IdenticalAction::mark);
  desk.go_to(40);
  EXPECT_EQ(desk.read_one({article("1", "a")}), "published");
  EXPECT_EQ(desk.read_one({article("1", "a")}), "marked:40");
  EXPECT_EQ(desk.read_one({article("1", "a")}), "marked:40");
  EXPECT_EQ(desk.marked(), 2U);
  EXPECT_EQ(desk.suppressed(), 0U);
}

TEST(Identical, RowsOfOneBatchSeeEachOther) {
  Desk desk;
  EXPECT_THAT(desk.read({{article("1", "a")}, {article("1", "a")}, {article("1", "b")}}),
              ElementsAre("published", "suppressed", "published"));
}

TEST(Identical, AChangeBackIsNoRepeat) {
  Desk desk;
  EXPECT_THAT(desk.read({{article("1", "a")}, {article("1", "b")}, {article("1", "a")}}),
              ElementsAre("published", "published", "published"));
  EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
}

TEST(Identical, ADeletionForgets) {
  Desk desk;
  const std::string value = R"({"headline":"News","body":"a"})";
  EXPECT_THAT(desk.read({{value, "7"}, {"", "7"}, {value, "7"}, {value, "7"}}),
              ElementsAre("published", "deleted", "published", "suppressed"));
  desk.commit();
  EXPECT_THAT(desk.read({{"", "7"}, {value, "7"}}), ElementsAre("deleted", "published"));
}

TEST(Identical, PartitionsAreApart) {
  Desk desk;
  EXPECT_THAT(desk.read({{article("1", "a")}, {article("1", "a"), "k", kStart, Partition{1}}}),
              ElementsAre("published", "published"));
}

struct Change {
  const char* name;
  const char* first;
  const char* second;
  bool repeats;
  const char* content_type = "";
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

const Change kChanges[] = {
    {"JsonFieldThatNobodyReads",
     R"({"uri":"urn:t:1","headline":"h","body":"b","fetchedAt":"2025-01-01T00:00:00Z"})",
     R"({"uri":"urn:t:1","headline":"h","body":"b","fetchedAt":"2025-01-02T00:00:00Z"})", true},
    {"JsonSpellingAndOrder", R"({"uri":"urn:t:1","headline":"h","body":"é"})",
     R"({ "body": "\u00e9", "headline": "h", "uri": "urn:t:1" })", true},
    {"JsonVersion", R"({"uri":"urn:t:1","headline":"h","version":"1"})",
     R"({"uri":"urn:t:1","headline":"h","version":"2"})", false},
    {"JsonHeadline", R"({"uri":"urn:t:1","headline":"h","body":"b"})",
     R"({"uri":"urn:t:1","headline":"H","body":"b"})", false},
    {"JsonBody", R"({"uri":"urn:t:1","headline":"h","body":"b"})",
     R"({"uri":"urn:t:1","headline":"h","body":"b."})", false},
    {"JsonTextThatMovesFromPartToPart", R"({"uri":"urn:t:1","headline":"hb"})",
     R"({"uri":"urn:t:1","body":"hb"})", false},
    {"JsonLeadThatComes", R"({"uri":"urn:t:1","headline":"h","body":"b"})",
     R"({"uri":"urn:t:1","headline":"h","lead":"l","body":"b"})", false},
    {"JsonLanguage", R"({"uri":"urn:t:1","headline":"h","language":"nl"})",
     R"({"uri":"urn:t:1","headline":"h","language":"nl-BE"})", false},
    {"JsonPublished", R"({"uri":"urn:t:1","headline":"h","published":"2025-02"})",
     R"({"uri":"urn:t:1","headline":"h","published":"2025-03"})", false},
    {"JsonUpdated", R"({"uri":"urn:t:1","headline":"h","updated":"2025-02-01T10:00:00Z"})",
     R"({"uri":"urn:t:1","headline":"h","updated":"2025-02-01T10:00:01Z"})", false},
    {"JsonSource", R"({"uri":"urn:t:1","headline":"h","source":"ANP"})",
     R"({"uri":"urn:t:1","headline":"h","source":"Belga"})", false},
    {"JsonByline", R"({"uri":"urn:t:1","headline":"h","by":"Jan"})",
     R"({"uri":"urn:t:1","headline":"h","by":"Piet"})", false},
    {"NinjsSpaceBetweenMembers", R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}]})",
     R"({ "uri": "urn:t:1", "standard": {}, "headlines": [{"value":"h"}] })", true},
    {"NinjsMemberThatIsOnlyPassedOn",
     R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}],"urgency":3})",
     R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}],"urgency":2})", false},
    {"NinjsMemberThatNinjsHasNoPlaceFor",
     R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}],"desk":"x"})",
     R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}],"desk":"y"})", false},
    {"NinjsText", R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"h"}]})",
     R"({"uri":"urn:t:1","standard":{},"headlines":[{"value":"g"}]})", false},
    {"NinjsVersion", R"({"uri":"urn:t:1","standard":{},"version":"1","headlines":[{"value":"h"}]})",
     R"({"uri":"urn:t:1","standard":{},"version":"2","headlines":[{"value":"h"}]})", false},
    {"PlainText", "date 2025-02\nThe ministers met.", "date 2025-02\nThe ministers met.", true,
     "text/plain"},
    {"PlainTextDate", "date 2025-02\nThe ministers met.", "date 2025-03\nThe ministers met.", false,
     "text/plain"},
    {"EnvelopeOfAnEvent",
     R"({"specversion":"1.0","id":"a","source":"s","type":"t","data":{"uri":"urn:t:1","headline":"h"}})",
     R"({"specversion":"1.0","id":"b","source":"s","type":"t","data":{"uri":"urn:t:1","headline":"h"}})",
     true, "application/cloudevents+json"},
    {"SourceOfAnEvent",
     R"({"specversion":"1.0","id":"a","source":"s","type":"t","data":{"uri":"urn:t:1","headline":"h"}})",
     R"({"specversion":"1.0","id":"a","source":"z","type":"t","data":{"uri":"urn:t:1","headline":"h"}})",
     false, "application/cloudevents+json"},
};

class IdenticalContent : public ::testing::TestWithParam<Change> {};

TEST_P(IdenticalContent, IsAllThatIsPublishedAndNothingElse) {
  const Change& change = GetParam();
  std::vector<Header> headers;
  if (*change.content_type != 0) headers.push_back({"content-type", change.content_type});
  Desk desk;
  const auto row = [&](const char* value) {
    return Raw{value, "k", kStart, Partition{0}, headers};
  };
  EXPECT_EQ(desk.read_one(row(change.first)), "published");
  EXPECT_EQ(desk.read_one(row(change.second)), change.repeats ? "suppressed" : "published");
}

INSTANTIATE_TEST_SUITE_P(Changes, IdenticalContent, ::testing::ValuesIn(kChanges),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Identical, AnIdentityThatIsOnlyAPlaceIsNotKept) {
  Desk desk;
  const Raw row{R"({"headline":"h"})", ""};
  EXPECT_THAT(desk.read({row, row}), ElementsAre("published", "published"));
  desk.commit();
  EXPECT_EQ(desk.store().key_count(Partition{0}), 0U);
}

// ---- Time ---------------------------------------------------------------------------------------

TEST(Identical, WhatWasNotSeenForLongEnoughIsNewsAgain) {
  Desk desk;
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart}), "published");
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart + 48 * kHour}), "suppressed");
  Desk other;
  EXPECT_EQ(other.read_one({article("1", "a"), "k", kStart}), "published");
  EXPECT_EQ(other.read_one({article("1", "a"), "k", kStart + 48 * kHour + 1}), "published");
}

TEST(Identical, RepeatsKeepAnArticleInMind) {
  Desk desk;
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart}), "published");
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart + i * 40 * kHour}), "suppressed");
  }
}

TEST(Identical, AStormOfRepeatsWritesNothing) {
  Desk desk;
  desk.read_one({article("1", "a")});
  desk.commit();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart + i * 60'000}), "suppressed");
  }
  Records changes;
  desk.commit(&changes);
  EXPECT_EQ(changes.size(), 0U);
}

TEST(Identical, RecordsOutOfOrderAreJudgedByTheirOwnTime) {
  Desk desk;
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart}), "published");
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart - 100 * kHour}), "suppressed");
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart + kHour}), "suppressed");
}

TEST(Identical, TimesThatAreNoneHideNothing) {
  Desk desk;
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kNoTimestamp}), "published");
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kStart}), "suppressed");
  EXPECT_EQ(desk.read_one({article("1", "a"), "k", kNoTimestamp}), "suppressed");
  for (const UnixMillis odd : {std::numeric_limits<UnixMillis>::min(), UnixMillis{-5},
                               std::numeric_limits<UnixMillis>::max()}) {
    EXPECT_EQ(desk.read_one({article("1", "a"), "k", odd}), "suppressed");
  }
}

TEST(Identical, OldEntriesAreErasedBesideTheWork) {
  Desk desk;
  for (int hour = 0; hour < 2000; ++hour) {
    std::vector<Raw> rows;
    rows.reserve(10);
    for (int i = 0; i < 10; ++i) {
      rows.push_back({article(std::to_string(hour * 10 + i), "a"), "k", kStart + hour * kHour});
    }
    desk.read(rows);
    desk.commit();
  }
  // 48 hours at ten articles an hour; what is swept twice a row is gone soon after.
  EXPECT_LT(desk.store().key_count(Partition{0}), 48U * 10 * 2);
  EXPECT_GE(desk.store().key_count(Partition{0}), 48U * 10);
}

TEST(Identical, EntriesWithoutATimeAreErasedInTheEnd) {
  Desk desk;
  for (int i = 0; i < 50; ++i) desk.read_one({article(std::to_string(i), "a"), "k", kNoTimestamp});
  desk.commit();
  for (int hour = 0; hour < 200; ++hour) {
    desk.read_one({article("new", std::to_string(hour)), "k", kStart + hour * kHour});
    desk.commit();
  }
  EXPECT_EQ(desk.store().key_count(Partition{0}), 1U);
}

TEST(Identical, SweepingLeavesWhatIsSeenAgainInTheSameBatch) {
  Desk desk;
  desk.read_one({article("1", "a"), "k", kStart});
  desk.commit();
  EXPECT_EQ(desk.read_one({article("1", "b"), "k", kStart + 500 * kHour}), "published");
  desk.commit();
  EXPECT_EQ(desk.read_one({article("1", "b"), "k", kStart + 500 * kHour}), "suppressed");
}

// ---- Transactions and redelivery ----------------------------------------------------------------

TEST(Identical, WhatWasNotCommittedIsNotRemembered) {
  Desk desk;
  EXPECT_THAT(desk.read({{article("1", "a")}, {article("1", "a")}}),
              ElementsAre("published", "suppressed"));
  desk.store().abort();
  desk.go_to(0);
  EXPECT_THAT(desk.read({{article("1", "a")}, {article("1", "a")}}),
              ElementsAre("published", "suppressed"));
}

// At-least-once, or state that ran ahead: what is read again becomes what it became before.
TEST(Identical, ARecordIsNoRepeatOfItselfNorOfWhatComesLater) {
  Desk desk;
  const std::vector<Raw> rows{{article("1", "a")}, {article("1", "a")}, {article("1", "b")},
                              {article("1", "a")}, {article("1", "a")}, {article("2", "a")}};
  const Outcomes first = desk.read(rows);
  EXPECT_THAT(first, ElementsAre("published", "suppressed", "published", "published", "suppressed",
                                 "published"));
  desk.commit();
  for (int round = 0; round < 3; ++round) {
    desk.go_to(0);
    EXPECT_EQ(desk.read(rows), first);
    desk.commit();
  }
}

TEST(Identical, TheChangelogIsAllAnotherProcessNeeds) {
  Desk desk;
  Records changelog;
  desk.read({{article("1", "a")}, {article("2", "a")}});
  desk.commit(&changelog);
  desk.read({{article("1", "b")}, {"", "urn:test:2"}});
  desk.commit(&changelog);
  desk.restart_from(changelog);
  EXPECT_THAT(desk.read({{article("1", "b")}, {article("2", "a")}, {article("1", "a")}}),
              ElementsAre("suppressed", "published", "published"));
}

TEST(Identical, AReloadForgetsNothing) {
  Desk desk;
  desk.read_one({article("1", "a")});
  desk.commit();
  desk.start();
  EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
}

TEST(Identical, EntriesOfAnUnknownLayoutCountAsAbsent) {
  Desk desk;
  desk.read_one({article("1", "a")});
  Records changelog;
  desk.commit(&changelog);
  const std::string key(changelog[0].key);
  for (const std::string& value : {std::string(), std::string(41, '\x02'), std::string(40, '\x01'),
                                   std::string(41, '\xff'), std::string("\x01", 1)}) {
    ASSERT_TRUE(desk.store().put(Partition{0}, key, value));
    desk.store().commit();
    EXPECT_EQ(desk.read_one({article("1", "a")}), "published");
    desk.commit();
    EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
  }
}

TEST(Identical, AnEntryWithAnImpossibleTimeIsErasedInTheEnd) {
  for (const UnixMillis odd :
       {std::numeric_limits<UnixMillis>::min(), std::numeric_limits<UnixMillis>::max()}) {
    Desk desk;
    std::string value(41, '\x01');
    std::memcpy(value.data() + 25, &odd, sizeof(odd));
    ASSERT_TRUE(desk.store().put(Partition{0}, "an entry's key..", value));
    desk.commit();
    for (int hour = 0; hour < 200; ++hour) {
      desk.read_one({article("1", "a"), "k", kStart + hour * kHour});
      desk.commit();
    }
    EXPECT_EQ(desk.store().key_count(Partition{0}), 1U);
  }
}

TEST(Identical, ADeadLetterSentAgainGetsThrough) {
  Desk desk;
  const std::string large = article("1", std::string(5000, 'x'));
  desk.dead_letter_above(3000);
  EXPECT_THAT(desk.read({{article("1", "a")}, {large}}), ElementsAre("published", "dead"));
  desk.commit();
  EXPECT_EQ(desk.read_one({large}), "dead");
  desk.dead_letter_above(0);  // As an operator would mend it.
  EXPECT_EQ(desk.read_one({large}), "published");
  EXPECT_EQ(desk.read_one({large}), "suppressed");
}

TEST(Identical, ALaterVersionStaysRememberedWhenAnEarlierOneIsDead) {
  Desk desk;
  desk.dead_letter_above(3000);
  EXPECT_THAT(desk.read({{article("1", std::string(5000, 'x'))}, {article("1", "a")}}),
              ElementsAre("dead", "published"));
  EXPECT_EQ(desk.read_one({article("1", "a")}), "suppressed");
}

// ---- Limits -------------------------------------------------------------------------------------

TEST(Identical, WhereTheStoreIsFullArticlesPassAndAreCounted) {
  Desk desk(IdenticalAction::suppress, 1000);
  std::uint64_t repeated = 0;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(desk.read_one({article(std::to_string(i), "a")}), "published");
  desk.commit();
  EXPECT_GT(desk.full(), 0U);
  EXPECT_LE(desk.store().bytes(), 1000U);
  const std::uint64_t full = desk.full();
  for (int i = 0; i < 20; ++i) {
    repeated += desk.read_one({article(std::to_string(i), "a")}) == "suppressed" ? 1U : 0U;
  }
  EXPECT_EQ(repeated, 20 - full) << "what is remembered is still known";
}

TEST(Identical, AChangeThatCannotBeRememberedIsNotTakenForTheOldState) {
  Desk desk(IdenticalAction::suppress, 150);  // Room for one entry, none for its change.
  EXPECT_EQ(desk.read_one({article("1", "a")}), "published");
  desk.commit();
  EXPECT_EQ(desk.read_one({article("1", "b")}), "published");
  desk.commit();
  EXPECT_EQ(desk.full(), 1U);
  EXPECT_EQ(desk.read_one({article("1", "a")}), "published") << "a change back is no repeat";
}

// ---- Against a plain model ----------------------------------------------------------------------

// The rules of the header in their plainest form, for records in order of time.
class Model {
 public:
  std::string read(const std::string& id, const std::string& body, UnixMillis now) {
    const auto found = seen_.find(id);
    if (body.empty()) {
      if (found != seen_.end()) seen_.erase(found);
      return "deleted";
    }
    const bool repeats = found != seen_.end() && found->second.first == body &&
                         now - found->second.second <= 48 * kHour;
    if (!repeats || now - found->second.second > 3 * kHour) seen_[id] = {body, now};
    return repeats ? "suppressed" : "published";
  }

 private:
  std::map<std::string, std::pair<std::string, UnixMillis>> seen_;
};

TEST(Identical, AgreesWithThePlainModelHoweverItIsBatchedAndAborted) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<Raw> rows;
    Outcomes expected;
    Model model;
    UnixMillis now = kStart;
    for (int i = 0; i < 400; ++i) {
      const std::string id = "urn:test:" + std::to_string(random() % 12);
      const std::string body = random() % 10 == 0 ? "" : std::string(1, "abc"[random() % 3]);
      now += static_cast<UnixMillis>(random() % 8) * kHour;
      expected.push_back(model.read(id, body, now));
      const std::string value = R"({"headline":"h","body":")" + body + R"("})";
      rows.push_back({body.empty() ? "" : value, id, now});
    }
    Desk desk;
    Outcomes got;
    std::size_t committed = 0;
    while (committed < rows.size()) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 40, rows.size() - committed);
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(committed);
      desk.go_to(static_cast<std::int64_t>(committed));
      const Outcomes outcomes = desk.read({first, first + static_cast<std::ptrdiff_t>(count)});
      if (random() % 3 == 0) {
        desk.store().abort();
        continue;
      }
      desk.commit();
      got.insert(got.end(), outcomes.begin(), outcomes.end());
      committed += count;
    }
    ASSERT_EQ(got, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace telex
