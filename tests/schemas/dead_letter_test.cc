#include "schemas/dead_letter.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/support/record_dump.h"

namespace telex {
namespace {

// A row that was refused, as a dead letter.
class DeadLetter : public ::testing::Test {
 protected:
  Record refuse(std::string_view key, std::string_view value, std::span<const Header> headers,
                std::string_view message = "not UTF-8 at byte 117") {
    RawRecord raw;
    raw.topic = batch_.intern_topic("raw.articles");
    raw.partition = Partition{3};
    raw.offset = Offset{42};
    raw.timestamp = 1739787072000;
    raw.key = key;
    raw.value = value;
    raw.headers = headers;
    EXPECT_TRUE(batch_.append(raw));
    const std::uint32_t row = batch_.size() - 1;
    batch_.set_verdict(row, VerdictKind::faulty, Reason::not_utf8, "decode", message);
    Provenance provenance;
    provenance.telex_version = "0.1.0";
    provenance.config_digest = "00112233445566778899aabbccddeeff";
    add_dead_letter(batch_, row, provenance, records_);
    testing::dump_record(records_[records_.size() - 1]);
    return records_[records_.size() - 1];
  }

  static std::vector<Header> headers_of(const Record& record) {
    std::vector<Header> headers;
    for (std::uint32_t i = 0; i < record.headers.size(); ++i) headers.push_back(record.headers[i]);
    return headers;
  }

  Batch batch_;
  Records records_;
};

TEST_F(DeadLetter, KeepsTheRecordByteForByte) {
  const std::string_view key("\0\xFF", 2);
  const std::string_view value("{\xE9}\0", 4);
  const Header headers[] = {{"a", "1"}, {"a", "2"}, {"null", {}}, {"empty", ""}};
  const Record record = refuse(key, value, headers);
  EXPECT_EQ(record.destination, Destination::dead_letter);
  EXPECT_EQ(record.key, key);
  EXPECT_EQ(record.value, value);
  EXPECT_EQ(record.timestamp, 1739787072000);
  EXPECT_EQ(record.headers[1].value, "2");
  EXPECT_EQ(record.headers[2].value.data(), nullptr);
  EXPECT_NE(record.headers[3].value.data(), nullptr);
}

TEST_F(DeadLetter, KeepsNullKeyAndValue) {
  const Record record = refuse({}, {}, {});
  EXPECT_EQ(record.key.data(), nullptr);
  EXPECT_EQ(record.value.data(), nullptr);
}

TEST_F(DeadLetter, SaysWhereAndWhy) {
  const Record record = refuse("k", "v", {});
  std::vector<std::pair<std::string, std::string>> found;
  for (const Header& header : headers_of(record)) found.emplace_back(header.name, header.value);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"telex-dlq-topic", "raw.articles"},
      {"telex-dlq-partition", "3"},
      {"telex-dlq-offset", "42"},
      {"telex-dlq-stage", "decode"},
      {"telex-dlq-reason", "not_utf8"},
      {"telex-dlq-message", "not UTF-8 at byte 117"},
      {"telex-dlq-attempt", "1"},
      {"telex-dlq-replays", "0"},
      {"telex-dlq-config-digest", "00112233445566778899aabbccddeeff"},
      {"telex-dlq-version", "0.1.0"}};
  EXPECT_EQ(found, expected);
}

TEST_F(DeadLetter, ReadsItsOwnHeadersBack) {
  std::string error;
  const auto info = parse_dead_letter(headers_of(refuse("k", "v", {})), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->topic, "raw.articles");
  EXPECT_EQ(info->partition, Partition{3});
  EXPECT_EQ(info->offset, Offset{42});
  EXPECT_EQ(info->stage, "decode");
  EXPECT_EQ(info->reason, Reason::not_utf8);
  EXPECT_EQ(info->message, "not UTF-8 at byte 117");
  EXPECT_EQ(info->attempt, 1U);
  EXPECT_EQ(info->replays, 0U);
}

TEST_F(DeadLetter, CountsOnWhenItComesBack) {
  const std::vector<Header> first = headers_of(refuse("k", "v", {}));
  std::vector<std::pair<std::string, std::string>> owned;
  owned.reserve(first.size());
  for (const Header& header : first) owned.emplace_back(header.name, header.value);
  std::vector<Header> again{{"own", "stays"}, {"telex-dlq-other", "stays too"}};
  for (const auto& [name, value] : owned) again.push_back({name, value});
  const Record record = refuse("k", "v", again);
  std::map<std::string, int> times;
  for (const Header& header : headers_of(record)) ++times[std::string(header.name)];
  for (const auto& [name, count] : times) EXPECT_EQ(count, 1) << name;
  EXPECT_EQ(times["telex-dlq-other"], 1);
  std::string error;
  const auto info = parse_dead_letter(headers_of(record), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->attempt, 2U);
  EXPECT_EQ(info->replays, 1U);
}

TEST_F(DeadLetter, TakesCountersThatCannotBeReadForNone) {
  const Header headers[] = {{"telex-dlq-attempt", "many"}, {"telex-dlq-replays", "-1"}};
  std::string error;
  const auto info = parse_dead_letter(headers_of(refuse("k", "v", headers)), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->attempt, 1U);
  EXPECT_EQ(info->replays, 0U);
}

TEST_F(DeadLetter, CountersDoNotRunOver) {
  const Header headers[] = {{"telex-dlq-replays", "4294967295"}};
  std::string error;
  const auto info = parse_dead_letter(headers_of(refuse("k", "v", headers)), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->attempt, 4294967295U);
  EXPECT_EQ(info->replays, 4294967295U);
}

TEST_F(DeadLetter, ARecordThatWasPutBackSaysOnlyHowOftenAndCountsOn) {
  const Header headers[] = {{"own", "stays"}, {kReplaysHeader, "1"}};
  std::string error;
  const auto info = parse_dead_letter(headers_of(refuse("k", "v", headers)), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->replays, 2U);
  EXPECT_EQ(info->attempt, 3U);
}

TEST_F(DeadLetter, SaysWhoSentTheArticleWhereThatIsKnown) {
  for (const auto& [source, kept] : std::vector<std::pair<std::string, std::string>>{
           {"anp", "anp"}, {"", ""}, {std::string(254, 'x') + "\u00E9", std::string(254, 'x')}}) {
    batch_.clear();
    RawRecord raw;
    raw.topic = batch_.intern_topic("raw.articles");
    raw.partition = Partition{0};
    raw.offset = Offset{0};
    raw.value = "v";
    ASSERT_TRUE(batch_.append(raw));
    Article article;
    article.source = batch_.store_text(source);
    batch_.set_article(0, article);
    batch_.set_verdict(0, VerdictKind::faulty, Reason::no_text, "decode", "");
    add_dead_letter(batch_, 0, Provenance{}, records_);
    const Record record = records_[records_.size() - 1];
    testing::dump_record(record);
    std::string error;
    const auto info = parse_dead_letter(headers_of(record), error);
    ASSERT_TRUE(info.has_value()) << error;
    EXPECT_EQ(info->source, kept);
  }
}

TEST_F(DeadLetter, MessageIsAtMostOneKibibyte) {
  const Record record = refuse("k", "v", {}, std::string(5000, 'x'));
  for (const Header& header : headers_of(record)) {
    if (header.name != "telex-dlq-message") continue;
    EXPECT_EQ(header.value.size(), 1024U);
  }
}

TEST_F(DeadLetter, NamesTheHeaderThatIsMissingOrWrong) {
  const std::vector<Header> good = headers_of(refuse("k", "v", {}));
  std::string error;
  for (std::size_t i = 0; i < 8; ++i) {
    std::vector<Header> headers = good;
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(parse_dead_letter(headers, error).has_value());
    EXPECT_EQ(error, std::string(good[i].name) + " is missing");
  }
  for (const std::string_view name : {"telex-dlq-partition", "telex-dlq-offset", "telex-dlq-reason",
                                      "telex-dlq-attempt", "telex-dlq-replays"}) {
    std::vector<Header> headers = good;
    for (Header& header : headers) {
      if (header.name == name) header.value = "7x";
    }
    EXPECT_FALSE(parse_dead_letter(headers, error).has_value());
    EXPECT_EQ(error, std::string(name) + " cannot be read");
  }
}

TEST(Reason, NamesReadBack) {
  for (const ReasonName& row : kReasonNames) {
    EXPECT_EQ(to_string(row.reason), row.name);
    EXPECT_EQ(reason_from(row.name), row.reason);
  }
  EXPECT_EQ(reason_from("something"), std::nullopt);
}

}  // namespace
}  // namespace telex
