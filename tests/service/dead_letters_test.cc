#include "service/dead_letters.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/dead_letter_census.h"
#include "service/dead_letter_show.h"
#include "tests/service/dead_letter_testing.h"

namespace telex {
namespace {

using testing::LetterBox;
using testing::Refused;

bool matches(std::string_view text, const DeadLetter& letter) {
  FilterError error;
  const auto filter = Filter::parse(text, dead_letter_place(), error);
  EXPECT_TRUE(filter) << error.text();
  FilterScratch scratch;
  return filter && filter->matches(DeadLetterSubject(letter), scratch);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(DeadLetterSubject, EveryFieldSaysWhatTheLetterSays) {
  Refused refused;
  refused.source = "anp";
  refused.headers = {{"telex-dlq-replays", "1"}};
  const LetterBox box(refused);
  for (const char* filter :
       {"reason = no_text", "source = 'anp'", "topic = 'raw'", "partition = 1", "offset = 42",
        "time = 2025-02-17T10:11:12Z", "stage = 'decode'", "message ~ 'TEXT'", "attempt = 3",
        "replays = 2", "key = 'key'", "value = 'value'", "size = 5", "claim = no",
        "config = '00112233445566778899aabbccddeeff'", "version = '0.1.0'", "dlq_partition = 0",
        "dlq_offset = 7"}) {
    EXPECT_TRUE(matches(filter, box.letter())) << filter;
    EXPECT_FALSE(matches(std::string("not ") + filter, box.letter())) << filter;
  }
  EXPECT_EQ(dead_letter_fields().size(), 18U) << "a field is missing above";
}

TEST(DeadLetterSubject, ASourceThatIsNotKnownIsTheTopic) {
  EXPECT_TRUE(matches("source = 'raw'", LetterBox().letter()));
}

TEST(DeadLetterSubject, WhatIsNotThereMatchesNothing) {
  Refused refused;
  refused.key.reset();
  refused.value.reset();
  refused.timestamp = kNoTimestamp;
  const LetterBox box(refused);
  for (const char* filter : {"key != 'x'", "value ~ ''", "time != 2000"}) {
    EXPECT_FALSE(matches(filter, box.letter())) << filter;
  }
  EXPECT_TRUE(matches("size = 0", box.letter()));
}

TEST(DeadLetter, ARecordWithoutHeadersSaysWhyAndHasOnlyItsPlace) {
  const DeadLetter letter =
      read_dead_letter(kafka::ConsumerRecord{"raw.dlq", Partition{0}, Offset{3}, 5, {}, "v", {}});
  EXPECT_FALSE(letter.info);
  EXPECT_EQ(letter.unreadable, "telex-dlq-topic is missing");
  EXPECT_TRUE(matches("dlq_offset = 3 and value = 'v'", letter));
  EXPECT_FALSE(matches("reason != no_text", letter));
  EXPECT_FALSE(matches("source != 'x'", letter));
}

TEST(DeadLetter, AHeaderOfAClaimCheckAloneMakesNone) {
  Refused refused;
  refused.headers = {{kClaimHeader, "1"}};
  const LetterBox box(refused);
  ASSERT_TRUE(box.letter().info);
  EXPECT_FALSE(box.letter().claim);
  EXPECT_EQ(box.letter().value_bytes(), 5U);
}

TEST(DeadLetter, AClaimCheckSpeaksOfItsOriginal) {
  Refused refused;
  refused.value = std::string(5000, 'x');
  LetterBox box(refused);
  Records claims;
  add_claim_check(box.records()[0], {"raw-1-42-0.record", "host-1", "wire-0"}, claims);
  box.look_at(claims[0], Offset{7});
  ASSERT_TRUE(box.letter().claim);
  EXPECT_TRUE(matches("claim = yes and size = 5000 and value ~ 'xxx'", box.letter()));
  EXPECT_FALSE(matches("value ~ 'host-1'", box.letter())) << "the value is the original's";
  const std::string shown = show_dead_letter(box.letter(), Terminal(false, 100));
  EXPECT_TRUE(has(shown, "spool of host-1 (wire-0): raw-1-42-0.record")) << shown;
  EXPECT_TRUE(has(shown, "5.0 kB")) << shown;
}

TEST(ShowDeadLetter, SaysWhereWhyAndWhat) {
  Refused refused;
  refused.headers = {{"content-type", "text/plain"}, {"null", {}}};
  refused.value = "first line\nsecond line";
  refused.source = "anp";
  const std::string shown = show_dead_letter(LetterBox(refused).letter(), Terminal(false, 100));
  EXPECT_EQ(shown,
            "── raw.dlq/0@7 · from raw/1@42 · 2025-02-17T10:11:12.345Z\n"
            "   reason    no_text (decode)\n"
            "             no text\n"
            "   source    anp\n"
            "   attempt   1, put back 0 times before\n"
            "   key       key\n"
            "   headers   content-type: text/plain\n"
            "             null: null\n"
            "   value     22 bytes\n"
            "   │ first line\n"
            "   │ second line\n");
}

TEST(ShowDeadLetter, CutsWhatIsLong) {
  Refused refused;
  refused.key = std::string(5000, 'k');
  refused.value = std::string(5000, 'v');
  std::vector<std::string> names;
  names.reserve(100);
  for (int i = 0; i < 100; ++i) names.push_back("h" + std::to_string(i));
  for (const std::string& name : names) refused.headers.push_back({name, "x"});
  const std::string shown = show_dead_letter(LetterBox(refused).letter(), Terminal(false, 100));
  EXPECT_LT(shown.size(), 4000U);
  EXPECT_TRUE(has(shown, "… (5000 bytes)")) << shown;
  EXPECT_TRUE(has(shown, "… 70 more")) << shown;
  EXPECT_TRUE(shown.ends_with("   │ …\n")) << shown;
}

TEST(ShowDeadLetter, LinesOfTheValueCannotPassForTelex) {
  Refused refused;
  refused.value = "x\n── raw.dlq/0@8\r\n\x1B[1A";
  const std::string shown = show_dead_letter(LetterBox(refused).letter(), Terminal(false, 100));
  EXPECT_FALSE(has(shown, "\n──")) << shown;
  EXPECT_FALSE(has(shown, "\x1B")) << shown;
  EXPECT_FALSE(has(shown, "\r")) << shown;
}

TEST(ShowDeadLetter, AsJsonItIsOneLineThatParses) {
  Refused refused;
  refused.key = "\xFF\n";
  refused.headers = {{"h\x01", {}}, {"i", "\x80"}};
  const std::string json = dead_letter_json(LetterBox(refused).letter());
  EXPECT_FALSE(has(json, "\n"));
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(json);
  EXPECT_EQ(std::string_view(root.at_pointer("/reason")), "no_text");
  EXPECT_EQ(std::string_view(root.at_pointer("/keyBase64")), "/wo=");
  EXPECT_EQ(std::int64_t(root.at_pointer("/from/offset")), 42);
  EXPECT_TRUE(root.at_pointer("/headers/0/valueBase64").is_null());
  EXPECT_EQ(std::string_view(root.at_pointer("/headers/1/valueBase64")), "gA==");
}

TEST(Coordinates, AreATopicAPartitionAndAnOffset) {
  const auto found = parse_coordinates("raw.articles-1_x/3@4711");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->partition, (TopicPartition{"raw.articles-1_x", Partition{3}}));
  EXPECT_EQ(found->offset, Offset{4711});
  for (const char* text : {"", "raw", "raw/3", "raw@3", "/3@4", "raw/@4", "raw/3@", "raw/-1@4",
                           "raw/3@-4", "raw/3@4x", "ra w/3@4", "raw/99999999999@4"}) {
    EXPECT_FALSE(parse_coordinates(text)) << text;
  }
}

TEST(Shown, TimesSizesAndBytes) {
  EXPECT_EQ(shown_time(kNoTimestamp), "-");
  EXPECT_EQ(shown_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(shown_time(1'739'787'072'345), "2025-02-17T10:11:12.345Z");
  EXPECT_EQ(shown_time(INT64_MAX), "9223372036854775807 ms");
  EXPECT_EQ(shown_time(-5), "-5 ms");
  EXPECT_EQ(shown_size(0), "0 bytes");
  EXPECT_EQ(shown_size(999), "999 bytes");
  EXPECT_EQ(shown_size(1000), "1.0 kB");
  EXPECT_EQ(shown_size(999'999), "1.0 MB");
  EXPECT_EQ(shown_size(3'400'000'000), "3.4 GB");
  EXPECT_EQ(shown_bytes("é\xE9\xFF!\x07", false), "é‹E9›‹FF›!‹U+0007›");
  EXPECT_EQ(shown_bytes("", false), "");
}

TEST(DeadLetterCensus, CountsByReasonSourceOriginAndReplays) {
  DeadLetterCensus census;
  for (int i = 0; i < 3; ++i) {
    Refused refused;
    refused.source = i == 0 ? "afp" : "anp";
    refused.reason = i == 0 ? Reason::not_utf8 : Reason::no_text;
    refused.partition = Partition{i};
    refused.timestamp = 1'739'787'072'345 + i;
    if (i == 2) refused.headers = {{"telex-dlq-replays", "4"}};
    census.add(LetterBox(refused).letter());
  }
  census.add_other();
  const DeadLetter stranger =
      read_dead_letter(kafka::ConsumerRecord{"raw.dlq", Partition{0}, Offset{3}, 5, {}, "v", {}});
  census.add(stranger);
  const std::string text = census.report("raw.dlq", "offset > 1", 3, Terminal(false, 100));
  for (const char* part :
       {"raw.dlq · 3 dead letters, 15 bytes · 2025-02-17T10:11:12.345Z to 2025-02-17T10:11:12.347Z",
        "those with offset > 1 (1 others)", "BY REASON", "BY SOURCE", "CAME FROM", "raw/2",
        "PUT BACK BEFORE", "5 times", "1 of them 3 times or more",
        "1 records are no dead letters of telex; the first: raw.dlq/0@3: telex-dlq-topic"}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
  EXPECT_LT(text.find("no_text"), text.find("not_utf8")) << "the most frequent first";
  EXPECT_LT(text.find("anp"), text.find("afp"));
  simdjson::dom::parser parser;
  const std::string json = census.json("raw.dlq", "offset > 1");
  const simdjson::dom::element root = parser.parse(json);
  EXPECT_EQ(std::int64_t(root.at_pointer("/deadLetters")), 3);
  EXPECT_EQ(std::int64_t(root.at_pointer("/others")), 1);
  EXPECT_EQ(std::int64_t(root.at_pointer("/unreadable")), 1);
  EXPECT_EQ(std::int64_t(root.at_pointer("/reasons/no_text")), 2);
  EXPECT_EQ(std::int64_t(root.at_pointer("/replays/5")), 1);
}

TEST(NameCounts, HoldABoundedNumberOfNamesAndSumUpTheRest) {
  NameCounts counts(100);
  for (int i = 0; i < 1000; ++i) counts.add("name" + std::to_string(i));
  counts.add("name7");
  EXPECT_EQ(counts.names(), 100U);
  EXPECT_EQ(counts.sum(), 1001U);
  ASSERT_EQ(counts.top(3).size(), 3U);
  EXPECT_EQ(counts.top(3)[0], (std::pair<std::string, std::uint64_t>{"name7", 2}));
}

}  // namespace
}  // namespace telex
