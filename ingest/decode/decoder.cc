#include "ingest/decode/decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "ingest/decode/content_type.h"
#include "ingest/decode/draft.h"
#include "ingest/decode/json_article.h"
#include "ingest/decode/ninjs.h"
#include "ingest/decode/plain_text.h"
#include "process/text/fold.h"
#include "schemas/identity.h"
#include "schemas/json_slices.h"

namespace telex {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 4> kFormats{"auto", "json", "ninjs", "text"};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kParserBytesMin = std::size_t{64} << 10;
constexpr std::size_t kParserBytesKept = std::size_t{1} << 20;
// simdjson counts one level more than it lets hold something (3.0.1, probed).
constexpr std::size_t kParserDepth = ArticleLimits::kDepthMax + 1;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The first \u escape that is half a surrogate pair, if nothing before it is wrong with a string.
std::optional<std::size_t> lone_surrogate(std::string_view json) {
  const auto unit = [json](std::size_t at) -> std::optional<unsigned> {
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return std::nullopt;
    if (!std::all_of(json.begin() + static_cast<std::ptrdiff_t>(at) + 2,
                     json.begin() + static_cast<std::ptrdiff_t>(at) + 6, is_hex)) {
      return std::nullopt;
    }
    return static_cast<unsigned>(std::stoul(std::string(json.substr(at + 2, 4)), nullptr, 16));
  };
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') in_string = !in_string;
    if (in_string && static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (!in_string || c != '\\') continue;
    if (at + 1 >= json.size()) return std::nullopt;
    if (json[at + 1] != 'u') {
      if (std::string_view("\"\\/bfnrt").find(json[at + 1]) == std::string_view::npos) {
        return std::nullopt;
      }
      ++at;
      continue;
    }
    const auto first = unit(at);
    if (!first) return std::nullopt;
    if (*first >= 0xDC00 && *first < 0xE000) return at;
    if (*first >= 0xD800 && *first < 0xDC00) {
      const auto second = unit(at + 6);
      if (!second || *second < 0xDC00 || *second >= 0xE000) return at;
      at += 6;
    }
    at += 5;
  }
  return std::nullopt;
}

bool fail_json(Draft& draft, simdjson::error_code error, std::string_view json) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return draft.fail(Reason::too_deep,
                        fmt::format("nested deeper than {} levels", ArticleLimits::kDepthMax));
    case simdjson::STRING_ERROR:
      if (const auto at = lone_surrogate(json)) {
        return draft.fail(Reason::lone_surrogate, fmt::format("half a surrogate pair at byte {} "
                                                              "of the JSON",
                                                              *at));
      }
      break;
    case simdjson::EMPTY:
      return draft.fail(Reason::empty_value, "nothing but white space");
    default:
      break;
  }
  return draft.fail(Reason::malformed_json,
                    fmt::format("not JSON: {}", simdjson::error_message(error)));
}

// What a topic's options come to.
struct CompiledTopic {
  explicit CompiledTopic(const TopicDecoding& options)
      : format(options.format), fields(options.fields), source(options.source) {}
  DecodeFormat format;
  FieldTree fields;
  std::string source;
};

}  // namespace

std::string_view to_string(DecodeFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

std::optional<DecodeFormat> decode_format_from(std::string_view name) {
  const auto found = std::find(kFormats.begin(), kFormats.end(), name);
  if (found == kFormats.end()) return std::nullopt;
  return static_cast<DecodeFormat>(found - kFormats.begin());
}

struct DecodeStage::Impl {
  explicit Impl(const DecodeOptions& options) : standard(options.standard) {
    for (const auto& [name, topic] : options.topics) topics.emplace(name, topic);
    renew_parser();
  }

  void renew_parser() {
    parser = std::make_unique<dom::parser>();
    allocate_parser(kParserBytesMin);
  }

  // Out of memory ends the process here as it does in every other container; it is no fault of the
  // record.
  void allocate_parser(std::size_t bytes) const {
    if (parser->allocate(bytes, kParserDepth) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  const CompiledTopic& topic_options(std::string_view name) const {
    const auto found = topics.find(name);
    return found == topics.end() ? standard : found->second;
  }

  void decode(Batch& batch) {
    by_topic.clear();
    for (const std::string& name : batch.topics()) by_topic.push_back(&topic_options(name));
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      if (batch.publishes(row)) decode_row(batch, row);
    }
  }

  void decode_row(Batch& batch, std::uint32_t row) {
    const RawRecord raw = batch.raw(row);
    const CompiledTopic& options = *by_topic[raw.topic];
    draft.start(batch);
    if (raw.is_tombstone()) {
      draft.article.source = draft.store(options.source);
      draft.article.uri = identity(batch, row, raw);
      if (!draft.faulty()) {
        batch.set_article(row, draft.article);
        batch.set_verdict(row, VerdictKind::deletion, Reason::none, kName, "");
        return;
      }
    } else if (read(raw, options)) {
      if (draft.article.source.empty()) draft.article.source = draft.store(options.source);
      draft.article.uri = identity(batch, row, raw);
      Article article;
      if (draft.finish(article)) {
        batch.set_article(row, article);
        return;
      }
    }
    // Who sends what cannot be read is worth knowing.
    Article refused;
    refused.source =
        draft.article.source.empty() ? draft.store(options.source) : draft.article.source;
    batch.set_article(row, refused);
    batch.set_verdict(row, VerdictKind::faulty, draft.reason(), kName, draft.message());
  }

  std::string_view identity(const Batch& batch, std::uint32_t row, const RawRecord& raw) {
    scratch.clear();
    append_identity({draft.body_uri, draft.body_id, raw.key, draft.article.source, batch.topic(row),
                     raw.partition, raw.offset},
                    scratch);
    return draft.store(scratch);
  }

  bool read(const RawRecord& raw, const CompiledTopic& options) {
    std::string_view value = raw.value;
    if (value.empty()) return draft.fail(Reason::empty_value, "no bytes");
    if (value.size() > ArticleLimits::kRawBytesMax) {
      return draft.fail(Reason::too_large, fmt::format("{} bytes; the limit is {}", value.size(),
                                                       ArticleLimits::kRawBytesMax));
    }
    const std::string_view media_type = content_type_header(raw.headers);
    const ContentType type = content_type_from(media_type);
    if (type == ContentType::unsupported) return fail_content_type(media_type);
    if (const std::size_t bad = first_invalid_utf8(value); bad != value.size()) {
      return draft.fail(Reason::not_utf8, fmt::format("not UTF-8 at byte {}", bad));
    }
    if (value.starts_with(kByteOrderMark)) value.remove_prefix(kByteOrderMark.size());
    if (value.empty()) return draft.fail(Reason::empty_value, "a byte order mark and nothing else");
    return read_as(type, value, options);
  }

  bool fail_content_type(std::string_view media_type) {
    // The publisher's word, cut and made printable: a header may hold anything.
    std::string shown(media_type.substr(0, 100));
    for (char& c : shown) c = c > ' ' && c < 0x7F ? c : '?';
    return draft.fail(Reason::unsupported_content_type,
                      fmt::format("content-type {} is none that telex reads", shown));
  }

  bool read_as(ContentType type, std::string_view value, const CompiledTopic& options) {
    switch (type) {
      case ContentType::text:
        return read_text(value);
      case ContentType::cloud_event:
        return read_cloud_event(value, options);
      case ContentType::json:
        return read_json(value, options.format, options);
      case ContentType::ninjs:
        return read_json(value, DecodeFormat::ninjs, options);
      default:
        break;
    }
    switch (options.format) {
      case DecodeFormat::text:
        return read_text(value);
      case DecodeFormat::json:
      case DecodeFormat::ninjs:
        return read_json(value, options.format, options);
      default:
        break;
    }
    const std::string_view visible = trimmed(value);
    if (visible.starts_with('{')) return read_json(value, DecodeFormat::automatic, options);
    // "[video] …" is text; an array that is JSON through and through is no article.
    if (visible.starts_with('[') && parses(value)) {
      return draft.fail(Reason::not_an_object, "a JSON array where an article was due");
    }
    return read_text(value);
  }

  bool parses(std::string_view value) {
    dom::element root;
    return parse(value, root) == simdjson::SUCCESS;
  }

  // REQUIRES: `value` lies in a batch's raw arena, which is padded.
  simdjson::error_code parse(std::string_view value, dom::element& root) {
    if (parser->capacity() > kParserBytesKept) renew_parser();
    if (parser->capacity() < value.size()) allocate_parser(std::bit_ceil(value.size()));
    return parser->parse(value.data(), value.size(), false).get(root);
  }

  bool read_json(std::string_view value, DecodeFormat format, const CompiledTopic& options) {
    dom::element root;
    if (const simdjson::error_code error = parse(value, root); error != simdjson::SUCCESS) {
      return fail_json(draft, error, value);
    }
    return read_document(root, trimmed_json(value), format, options);
  }

  // `json` is the document's own text.
  bool read_document(const dom::element& root, std::string_view json, DecodeFormat format,
                     const CompiledTopic& options) {
    dom::object document;
    if (root.get(document) != simdjson::SUCCESS) {
      return draft.fail(Reason::not_an_object, "JSON, but no object where an article was due");
    }
    const bool ninjs = format == DecodeFormat::ninjs ||
                       (format != DecodeFormat::json && looks_like_ninjs(document));
    return ninjs ? read_ninjs(json, draft)
                 : read_json_article(document, options.fields, values, draft);
  }

  bool read_text(std::string_view value) {
    const PlainText plain = read_plain_text(value);
    draft.article.format = InputFormat::plain_text;
    draft.article.published = plain.date;
    if (!draft.add_part(PartKind::body, plain.body, TextFormat::plain, 0)) return false;
    draft.add_headings();
    return true;
  }

  // CloudEvents 1.0, JSON format, section 3: the article is the `data` member.
  bool read_cloud_event(std::string_view value, const CompiledTopic& options) {
    dom::element root;
    if (const simdjson::error_code error = parse(value, root); error != simdjson::SUCCESS) {
      return fail_json(draft, error, value);
    }
    dom::object envelope;
    if (root.get(envelope) != simdjson::SUCCESS) {
      return draft.fail(Reason::not_an_object, "JSON, but no object where an event was due");
    }
    std::optional<dom::element> data;
    std::string_view media_type;
    std::string_view source;
    for (const dom::key_value_pair& member : envelope) {
      if (member.key == "data") data = member.value;
      if (member.key == "datacontenttype" && member.value.is_string()) media_type = member.value;
      if (member.key == "source" && member.value.is_string()) source = member.value;
      if (member.key == "data_base64") {
        return draft.fail(Reason::unsupported_content_type, "a CloudEvent with data_base64");
      }
    }
    if (!data || data->is_null()) {
      return draft.fail(Reason::empty_value, "a CloudEvent without data");
    }
    const std::string_view event_source = draft.store(source);
    if (!read_event_data(*data, content_type_from(media_type), media_type, value, options)) {
      return false;
    }
    if (draft.article.source.empty() && options.source.empty()) draft.article.source = event_source;
    return !draft.faulty();
  }

  bool read_event_data(const dom::element& data, ContentType type, std::string_view media_type,
                       std::string_view event, const CompiledTopic& options) {
    std::string_view text;
    switch (type) {
      case ContentType::unsupported:
      case ContentType::cloud_event:
        return fail_content_type(media_type);
      case ContentType::text:
        if (data.get(text) != simdjson::SUCCESS) {
          return draft.fail(Reason::wrong_type, "/data: no string where text was due");
        }
        return read_text(draft.store(text));
      default:
        break;
    }
    const DecodeFormat format = type == ContentType::ninjs ? DecodeFormat::ninjs : options.format;
    return read_document(data, json_member(trimmed_json(event), "data"), format, options);
  }

  CompiledTopic standard;
  std::map<std::string, CompiledTopic, std::less<>> topics;
  std::vector<const CompiledTopic*> by_topic;  // By RawRecord::topic of the batch at hand.
  std::unique_ptr<dom::parser> parser;
  Draft draft;
  FieldValues values;
  std::string scratch;
};

DecodeStage::DecodeStage(const DecodeOptions& options) : impl_(std::make_unique<Impl>(options)) {}
DecodeStage::DecodeStage(DecodeStage&&) noexcept = default;
DecodeStage::~DecodeStage() = default;

void DecodeStage::operator()(Batch& batch, StageContext&) noexcept { decode(batch); }

void DecodeStage::decode(Batch& batch) noexcept { impl_->decode(batch); }

}  // namespace telex
