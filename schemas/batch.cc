#include "schemas/batch.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

namespace telex {
namespace {

// Bytes that a SIMD JSON parser may read past the end of a value (simdjson 3: 64).
constexpr std::size_t kPadding = 64;
// What views of empty, non-null values point at: nullptr would mean null.
constexpr char kEmpty = 0;

std::uint64_t record_bytes(const RawRecord& record) {
  std::uint64_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

// Cuts UTF-8 at `bytes_max` without leaving half a code point.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

// The arenas are left uninitialised: a page costs memory only once it is written.
Batch::Batch(BatchLimits limits)
    : limits_(limits),
      raw_(new char[limits.raw_bytes_max + kPadding]),
      text_(new char[std::size_t{text_bytes_max()} + kPadding]),
      messages_(new char[std::size_t{limits.rows_max} * ArticleLimits::kReasonMessageBytesMax]) {}

Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

std::uint16_t Batch::intern_topic(std::string_view topic) {
  const auto found = std::find(topics_.begin(), topics_.end(), topic);
  if (found != topics_.end()) return static_cast<std::uint16_t>(found - topics_.begin());
  topics_.emplace_back(topic);
  return static_cast<std::uint16_t>(topics_.size() - 1);
}

std::string_view Batch::copy_raw(std::string_view bytes) {
  if (bytes.data() == nullptr) return {};
  if (bytes.empty()) return {&kEmpty, 0};
  char* const to = raw_.get() + raw_used_;
  std::memcpy(to, bytes.data(), bytes.size());
  raw_used_ += static_cast<std::uint32_t>(bytes.size());
  return {to, bytes.size()};
}

bool Batch::fits_empty(const RawRecord& record) const {
  return record_bytes(record) <= limits_.raw_bytes_max && limits_.rows_max > 0;
}

bool Batch::append(const RawRecord& record) {
  if (rows_.size() >= limits_.rows_max) return false;
  if (record_bytes(record) > limits_.raw_bytes_max - raw_used_) return false;
  assert(record.topic < topics_.size());
  Row row;
  row.topic = record.topic;
  row.partition = record.partition;
  row.offset = record.offset;
  row.timestamp = record.timestamp;
  row.key = copy_raw(record.key);
  row.value = copy_raw(record.value);
  row.headers = {static_cast<std::uint32_t>(headers_.size()),
                 static_cast<std::uint32_t>(record.headers.size())};
  for (const Header& header : record.headers) {
    headers_.push_back({copy_raw(header.name), copy_raw(header.value)});
  }
  rows_.push_back(row);
  return true;
}

void Batch::clear() noexcept {
  rows_.clear();
  headers_.clear();
  parts_.clear();
  headings_.clear();
  pass_through_.clear();
  raw_used_ = 0;
  text_used_ = 0;
  messages_used_ = 0;
}

RawRecord Batch::raw(std::uint32_t row_index) const {
  const Row& row = rows_[row_index];
  return {row.topic,
          row.partition,
          row.offset,
          row.timestamp,
          row.key,
          row.value,
          std::span(headers_).subspan(row.headers.first, row.headers.count)};
}

Article Batch::article(std::uint32_t row_index) const {
  const Row& row = rows_[row_index];
  Article article = row.article;
  article.parts = std::span(parts_).subspan(row.parts.first, row.parts.count);
  article.headings = std::span(headings_).subspan(row.headings.first, row.headings.count);
  article.pass_through =
      std::span(pass_through_).subspan(row.pass_through.first, row.pass_through.count);
  return article;
}

void Batch::set_verdict(std::uint32_t row_index, VerdictKind kind, Reason reason,
                        std::string_view stage, std::string_view message) {
  Row& row = rows_[row_index];
  if (row.verdict.kind == VerdictKind::faulty) return;
  const std::string_view kept = cut(message, ArticleLimits::kReasonMessageBytesMax);
  // A row may be given a verdict more than once (filtered, then faulty); only a row's first message
  // has room of its own, so a later one is written over it.
  char* to = messages_.get() + messages_used_;
  if (row.verdict.message.data() != nullptr) {
    to = const_cast<char*>(row.verdict.message.data());
  } else {
    messages_used_ += ArticleLimits::kReasonMessageBytesMax;
  }
  std::memcpy(to, kept.data(), kept.size());
  row.verdict = {kind, reason, stage, {to, kept.size()}};
}

std::uint32_t Batch::text_bytes_max() const {
  const std::uint64_t bytes =
      4 * std::uint64_t{limits_.raw_bytes_max} + std::uint64_t{kTextBytesPerRow} * limits_.rows_max;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

char* Batch::allocate_text(std::uint32_t bytes) {
  if (bytes > text_bytes_max() - text_used_) return nullptr;
  char* const begin = text_.get() + text_used_;
  text_used_ += bytes;
  return begin;
}

void Batch::trim_text(const char* end) {
  assert(end >= text_.get() && end <= text_.get() + text_used_);
  text_used_ = static_cast<std::uint32_t>(end - text_.get());
}

std::string_view Batch::store_text(std::string_view text) {
  if (text.size() > text_bytes_max()) return {};
  char* const to = allocate_text(static_cast<std::uint32_t>(text.size()));
  if (to == nullptr) return {};
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return {to, text.size()};
}

void Batch::set_article(std::uint32_t row_index, const Article& article) {
  const auto keep = [](auto& column, auto span) {
    const IndexRange range{static_cast<std::uint32_t>(column.size()),
                           static_cast<std::uint32_t>(span.size())};
    column.insert(column.end(), span.begin(), span.end());
    return range;
  };
  Row& row = rows_[row_index];
  row.article = article;
  row.article.parts = {};
  row.article.headings = {};
  row.article.pass_through = {};
  row.parts = keep(parts_, article.parts);
  row.headings = keep(headings_, article.headings);
  row.pass_through = keep(pass_through_, article.pass_through);
}

void Batch::hint_language(std::uint32_t row_index, std::string_view language) {
  Article& article = rows_[row_index].article;
  if (article.language.empty()) article.language = language;
}

}  // namespace telex
