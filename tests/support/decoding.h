// Decoding one record, and looking at what became of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decode/decoder.h"
#include "schemas/dead_letter.h"
#include "schemas/enriched.h"
#include "tests/support/record_dump.h"

namespace telex::testing {

// Whether the record that a Decoded becomes is left in the build folder for validation. `no` is for
// publishers' items that are no valid ninjs themselves and are passed on as they came.
enum class Validate : std::uint8_t { yes, no };

// One record and its batch.
class Decoded {
 public:
  explicit Decoded(std::string_view value, const DecodeOptions& options = {},
                   std::vector<Header> headers = {}, std::string_view key = {},
                   Validate validate = Validate::yes)
      : batch_(std::make_unique<Batch>(BatchLimits{1, 16U << 20})) {
    RawRecord raw;
    raw.topic = batch_->intern_topic("raw.articles");
    raw.partition = Partition{0};
    raw.offset = Offset{7};
    raw.timestamp = 1739787072000;
    raw.key = key;
    raw.value = value;
    raw.headers = headers;
    if (!batch_->append(raw)) throw std::runtime_error("the record does not fit into a batch");
    DecodeStage(options).decode(*batch_);
    encode();
    if (validate == Validate::yes) dump_record(records_[0]);
  }

  bool publishes() const { return batch_->publishes(0); }
  VerdictKind kind() const { return batch_->verdict(0).kind; }
  Reason reason() const { return batch_->verdict(0).reason; }
  std::string message() const { return std::string(batch_->verdict(0).message); }
  Article article() const { return batch_->article(0); }
  // The record it became; REQUIRES that it became one.
  Record record() const { return records_[0]; }
  std::string json() const { return std::string(record().value); }

  // "headline:text", "body/1:text", ...
  std::vector<std::string> parts() const {
    std::vector<std::string> found;
    for (const Part& part : article().parts) {
      std::string& entry = found.emplace_back();
      append_part_name(part, entry);
      entry.append(part.format == TextFormat::html ? "<>:" : ":").append(part.text);
    }
    return found;
  }
  std::vector<std::string> headings() const {
    std::vector<std::string> found;
    for (const Heading& heading : article().headings) {
      found.emplace_back(
          article().parts[heading.part].text.substr(heading.range.begin, heading.range.size()));
    }
    return found;
  }

 private:
  void encode() {
    const Provenance provenance;
    Annotations annotations;
    annotations.reset(1);
    switch (kind()) {
      case VerdictKind::publish:
        add_enriched(*batch_, 0, annotations, provenance, "telex", records_);
        break;
      case VerdictKind::deletion:
        add_deletion(*batch_, 0, records_);
        break;
      default:
        add_dead_letter(*batch_, 0, provenance, records_);
        break;
    }
  }

  std::unique_ptr<Batch> batch_;
  Records records_;
};

inline DecodeOptions options_for(DecodeFormat format, std::string source = {}) {
  DecodeOptions options;
  options.standard.format = format;
  options.standard.source = std::move(source);
  return options;
}

}  // namespace telex::testing
