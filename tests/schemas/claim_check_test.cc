#include "schemas/claim_check.h"

#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/dead_letter.h"
#include "tests/support/record_dump.h"

namespace telex {
namespace {

constexpr SpoolPlace kPlace{"raw.articles-3-42-0011223344556677.record", "wire-1", "wire-1-0"};

// A dead letter, and the claim check that stands for it.
class ClaimCheckTest : public ::testing::Test {
 protected:
  Record claim_of(std::string_view key, std::string_view value,
                  std::span<const Header> headers = {}, const SpoolPlace& place = kPlace) {
    Batch batch;
    RawRecord raw;
    raw.topic = batch.intern_topic("raw.articles");
    raw.partition = Partition{3};
    raw.offset = Offset{42};
    raw.timestamp = 1739787072000;
    raw.key = key;
    raw.value = value;
    raw.headers = headers;
    EXPECT_TRUE(batch.append(raw));
    batch.set_verdict(0, VerdictKind::faulty, Reason::too_large, "decode", std::string(2000, 'm'));
    Provenance provenance;
    provenance.telex_version = "0.1.0";
    provenance.config_digest = "00112233445566778899aabbccddeeff";
    dead_.clear();
    add_dead_letter(batch, 0, provenance, dead_);
    add_claim_check(dead_[0], place, claims_);
    const Record claim = claims_[claims_.size() - 1];
    testing::dump_record(claim);
    return claim;
  }
  static ClaimCheck parsed(const Record& claim) {
    std::string error;
    const auto read = parse_claim_check(claim.value, error);
    EXPECT_TRUE(read.has_value()) << error;
    return read.value_or(ClaimCheck{});
  }
  static std::string header(const Record& record, std::string_view name) {
    for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
      if (record.headers[i].name == name) return std::string(record.headers[i].value);
    }
    return "<none>";
  }

  Records dead_;
  Records claims_;
};

TEST_F(ClaimCheckTest, SaysWhatTheValueWasAndWhereItIs) {
  std::string value(100'000, 'v');
  value.replace(0, 5, std::string_view("\0\xFF{\"a", 5));
  const Header headers[] = {{"a", "1"}, {"b", {}}};
  const Record record = claim_of("key", value, headers);
  EXPECT_EQ(record.destination, Destination::dead_letter);
  EXPECT_EQ(record.timestamp, 1739787072000);
  EXPECT_TRUE(is_claim_check(record.headers));
  const ClaimCheck claim = parsed(record);
  EXPECT_EQ(claim.file, kPlace.file);
  EXPECT_EQ(claim.host, "wire-1");
  EXPECT_EQ(claim.instance, "wire-1-0");
  EXPECT_FALSE(claim.null_value);
  EXPECT_EQ(claim.bytes, 100'000U);
  EXPECT_EQ(claim.digest, content_digest(value));
  EXPECT_EQ(claim.head, value.substr(0, 1024));
  EXPECT_EQ(claim.headers, 2U);
  EXPECT_TRUE(claim.key_kept);
  EXPECT_EQ(record.key, "key");
}

TEST_F(ClaimCheckTest, KeepsTheHeadersOfTheDeadLetterAndLeavesTheOriginalsToTheSpool) {
  const Header headers[] = {{"a", "1"}, {"telex-dlq-other", "2"}};
  const Record record = claim_of("k", "v", headers);
  EXPECT_EQ(header(record, "a"), "<none>");
  EXPECT_EQ(header(record, "telex-dlq-other"), "<none>");
  EXPECT_EQ(header(record, kClaimHeader), "1");
  EXPECT_EQ(record.headers.size(), 11U);
  std::vector<Header> own;
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) own.push_back(record.headers[i]);
  std::string error;
  const auto info = parse_dead_letter(own, error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->offset, Offset{42});
  EXPECT_EQ(info->reason, Reason::too_large);
}

TEST_F(ClaimCheckTest, AKeyThatIsTooLongIsCutToItsDigestAndTheClaimSaysSo) {
  for (const std::size_t length : {kClaimKeyBytesMax, kClaimKeyBytesMax + 1}) {
    const std::string key(length, 'k');
    const Record record = claim_of(key, "v");
    const ClaimCheck claim = parsed(record);
    EXPECT_EQ(claim.key_bytes, length);
    EXPECT_EQ(claim.key_digest, content_digest(key));
    EXPECT_EQ(claim.key_kept, length == kClaimKeyBytesMax);
    EXPECT_EQ(record.key, claim.key_kept ? key : "xxh3-128:" + content_digest(key));
  }
}

TEST_F(ClaimCheckTest, NullAndEmptyStayApart) {
  const Record nothing = claim_of({}, {});
  EXPECT_EQ(nothing.key.data(), nullptr);
  const ClaimCheck null = parsed(nothing);
  EXPECT_TRUE(null.null_key);
  EXPECT_TRUE(null.null_value);
  const Record empty_record = claim_of("", "");
  EXPECT_NE(empty_record.key.data(), nullptr);
  const ClaimCheck empty = parsed(empty_record);
  EXPECT_FALSE(empty.null_key);
  EXPECT_FALSE(empty.null_value);
  EXPECT_EQ(empty.digest, content_digest(""));
}

TEST_F(ClaimCheckTest, HostsAndInstancesOfAnyBytesBecomeText) {
  const std::string odd = "h\xFF\n\"" + std::string(1000, 'x');
  const ClaimCheck claim = parsed(claim_of("k", "v", {}, {kPlace.file, odd, ""}));
  EXPECT_EQ(claim.host.substr(0, 5), "h??\"x");
  EXPECT_EQ(claim.host.size(), 255U);
  EXPECT_EQ(claim.instance, "");
}

TEST_F(ClaimCheckTest, WhatIsWrongIsNamed) {
  const std::string good(claim_of("k", std::string(3000, 'v')).value);
  const auto refused = [](const std::string& value) {
    std::string error;
    EXPECT_FALSE(parse_claim_check(value, error).has_value()) << value;
    return error;
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  EXPECT_EQ(refused(""), "claim check: not a JSON object");
  EXPECT_EQ(refused("[1]"), "claim check: not a JSON object");
  EXPECT_EQ(refused(std::string(10'000, ' ') + good),
            "claim check: longer than any that telex writes");
  EXPECT_EQ(refused(with("\"version\":1", "\"version\":2")), "claim check: version 2 is not known");
  EXPECT_EQ(refused(with("\"version\":1", "\"version\":-1")),
            "claim check: version is missing or cannot be read");
  EXPECT_EQ(refused(with("\"bytes\":3000", "\"bytes\":3000.5")),
            "claim check: bytes is missing or cannot be read");
  EXPECT_EQ(refused(with("\"bytes\":3000", "\"bytes\":30")),
            "claim check: head is missing or cannot be read");
  EXPECT_EQ(refused(with("\"digest\":\"", "\"digest\":\"g")),
            "claim check: digest is missing or cannot be read");
  EXPECT_EQ(refused(with("\"kept\":true", "\"kept\":1")),
            "claim check: kept is missing or cannot be read");
  EXPECT_EQ(refused(with("\"key\":{", "\"kex\":{")),
            "claim check: key is missing or cannot be read");
  EXPECT_EQ(refused(with("\"headers\":0", "\"headers\":4294967296")),
            "claim check: headers is missing or cannot be read");
  for (const char* name : {"../secret", "/etc/passwd", ".hidden", "", "a\\u0000b", "a/b", ".."}) {
    EXPECT_EQ(refused(with("raw.articles-3-42-0011223344556677.record", name)),
              "claim check: the file's name is none of the spool's");
  }
}

TEST_F(ClaimCheckTest, MembersOfLaterVersionsOfTheFormatAreOverlooked) {
  std::string value(claim_of("k", "v").value);
  value.insert(1, R"("added":{"later":true},)");
  std::string error;
  EXPECT_TRUE(parse_claim_check(value, error).has_value()) << error;
}

// A known answer: digests in records must not change with the library.
TEST(ContentDigest, IsXxh3OfTheBytes) {
  EXPECT_EQ(content_digest(""), "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace telex
