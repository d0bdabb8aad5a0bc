// Dead letters as the pipeline makes them, for tests that look at them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "schemas/dead_letter.h"
#include "service/dead_letters.h"

namespace telex::testing {

struct Refused {
  std::string topic = "raw";
  Partition partition{1};
  Offset offset{42};
  UnixMillis timestamp = 1'739'787'072'345;
  std::optional<std::string> key = "key";
  std::optional<std::string> value = "value";
  std::vector<Header> headers{};
  Reason reason = Reason::no_text;
  std::string message = "no text";
  std::string source{};
};

// Owns what its dead letter looks at.
class LetterBox {
 public:
  explicit LetterBox(const Refused& refused = {}, Offset offset = Offset{7}) {
    RawRecord raw;
    raw.topic = batch_.intern_topic(refused.topic);
    raw.partition = refused.partition;
    raw.offset = refused.offset;
    raw.timestamp = refused.timestamp;
    if (refused.key) raw.key = *refused.key;
    if (refused.value) raw.value = *refused.value;
    raw.headers = refused.headers;
    EXPECT_TRUE(batch_.append(raw));
    Article article;
    article.source = batch_.store_text(refused.source);
    batch_.set_article(0, article);
    batch_.set_verdict(0, VerdictKind::faulty, refused.reason, "decode", refused.message);
    Provenance provenance;
    provenance.telex_version = "0.1.0";
    provenance.config_digest = "00112233445566778899aabbccddeeff";
    add_dead_letter(batch_, 0, provenance, records_);
    look_at(records_[0], offset);
  }

  // Lets the letter be this record instead; `record` must lie in records().
  void look_at(const Record& record, Offset offset) {
    headers_.clear();
    for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
      headers_.push_back(record.headers[i]);
    }
    letter_ = read_dead_letter(kafka::ConsumerRecord{
        "raw.dlq", Partition{0}, offset, record.timestamp, record.key, record.value, headers_});
  }
  void add_header(std::string_view name, std::string_view value) {
    headers_.push_back({name, value});
    letter_.headers = headers_;
  }

  const DeadLetter& letter() const { return letter_; }
  DeadLetter& letter() { return letter_; }
  Records& records() { return records_; }

 private:
  Batch batch_{{4, 1U << 20}};
  Records records_;
  std::vector<Header> headers_;
  DeadLetter letter_;
};

}  // namespace telex::testing
