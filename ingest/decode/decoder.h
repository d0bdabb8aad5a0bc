// DecodeStage: raw records become articles, or a verdict that says why not.
//
// What a record is: its content-type header decides, then the configuration of its topic, then its
// first byte and shape. Formats: JSON through a field map, ninjs 1.x to 3.x (as it came, see
// PassThrough), plain text, and CloudEvents in structured mode around any of these.
//  - A null value is a deletion of the identity that its key gives.
//  - A BOM is left out. Of duplicate members the last counts.
//  - Text of JSON is unescaped into the batch's text arena; plain text stays where it is.
//  - A date that cannot be read keeps its text and has no precision; it is no fault.
//  - An item that is withheld or canceled needs no text.
//
// Threads: one lane each (a parser and scratch memory inside). Never throws for what is in a
// record. Limits:  ArticleLimits, each with a Reason. After a record above 1 MiB the parser's
// memory is
//          given back. Depth counts levels that hold something: an innermost [] or {} is free.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/decode/field_map.h"
#include "process/stage.h"

namespace telex {

enum class DecodeFormat : std::uint8_t { automatic, json, ninjs, text };

// "auto", "json", "ninjs", "text".
std::string_view to_string(DecodeFormat format);
std::optional<DecodeFormat> decode_format_from(std::string_view name);

// How one topic is decoded.
struct TopicDecoding {
  DecodeFormat format = DecodeFormat::automatic;
  FieldMap fields = FieldMap::standard();
  std::string source;  // The article's source where the article names none; empty = the topic's
                       // name stands in for it in identities only.
};

struct DecodeOptions {
  TopicDecoding standard;  // Of topics that are not in `topics`.
  std::map<std::string, TopicDecoding, std::less<>> topics;
};

class DecodeStage {
 public:
  static constexpr std::string_view kName = "decode";

  explicit DecodeStage(const DecodeOptions& options = {});
  DecodeStage(DecodeStage&&) noexcept;
  ~DecodeStage();

  // Sets an article or a verdict on every row that publishes; with a fault the article says who
  // sent it, where that is known, and nothing else. REQUIRES: freshly polled rows.
  void operator()(Batch& batch, StageContext& context) noexcept;
  // The same without a pipeline.
  void decode(Batch& batch) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
