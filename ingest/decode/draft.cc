#include "ingest/decode/draft.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "ingest/decode/plain_text.h"

namespace telex {

void Draft::start(Batch& batch) {
  batch_ = &batch;
  article = {};
  body_uri = {};
  body_id = {};
  pass_through.clear();
  parts_.clear();
  headings_.clear();
  text_bytes_ = 0;
  reason_ = Reason::none;
  message_.clear();
}

bool Draft::fail(Reason reason, std::string message) {
  if (faulty()) return false;
  reason_ = reason;
  message_ = std::move(message);
  return false;
}

std::string_view Draft::store(std::string_view text) {
  if (text.empty()) return "";
  const std::string_view stored = batch_->store_text(text);
  if (stored.data() == nullptr) {
    fail(Reason::too_large, "the batch has no room for the decoded article");
    return "";
  }
  return stored;
}

char* Draft::allocate(std::size_t bytes) {
  char* const to = bytes <= batch_->text_bytes_max()
                       ? batch_->allocate_text(static_cast<std::uint32_t>(bytes))
                       : nullptr;
  if (to == nullptr) fail(Reason::too_large, "the batch has no room for the decoded article");
  return to;
}

bool Draft::add_part(PartKind kind, std::string_view text, TextFormat format, std::uint16_t index) {
  if (!has_visible_text(text, format)) return true;
  if (parts_.size() >= ArticleLimits::kPartsMax) {
    return fail(Reason::too_many_parts,
                fmt::format("more than {} headlines, leads and bodies", ArticleLimits::kPartsMax));
  }
  text_bytes_ += text.size();
  if (text_bytes_ > ArticleLimits::kTextBytesMax) {
    return fail(Reason::text_too_large,
                fmt::format("the text has more than {} bytes", ArticleLimits::kTextBytesMax));
  }
  parts_.push_back({text, kind, format, index});
  return true;
}

void Draft::add_headings() {
  if (parts_.empty() || parts_.back().format != TextFormat::plain) return;
  find_headings(parts_.back().text, static_cast<std::uint16_t>(parts_.size() - 1), headings_);
}

bool Draft::finish(Article& finished) {
  if (faulty()) return false;
  if (parts_.empty() && article.pub_status == PubStatus::usable) {
    return fail(Reason::no_text, "no headline, lead or body with a visible character");
  }
  finished = article;
  finished.parts = parts_;
  finished.headings = headings_;
  finished.pass_through = pass_through;
  return true;
}

std::optional<PubStatus> pub_status_from(std::string_view text) {
  struct Spelling {
    std::string_view name;
    PubStatus status;
  };
  constexpr std::array kSpellings{
      Spelling{"usable", PubStatus::usable},     Spelling{"published", PubStatus::usable},
      Spelling{"corrected", PubStatus::usable},  Spelling{"withheld", PubStatus::withheld},
      Spelling{"on_hold", PubStatus::withheld},  Spelling{"hold", PubStatus::withheld},
      Spelling{"canceled", PubStatus::canceled}, Spelling{"cancelled", PubStatus::canceled},
      Spelling{"killed", PubStatus::canceled},   Spelling{"kill", PubStatus::canceled},
      Spelling{"recalled", PubStatus::canceled}, Spelling{"retracted", PubStatus::canceled},
      Spelling{"withdrawn", PubStatus::canceled}};
  std::string lower;
  for (const char c : trimmed(text)) {
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  std::string_view name = lower;
  if (name.starts_with("stat:")) name.remove_prefix(5);
  for (const Spelling& spelling : kSpellings) {
    if (spelling.name == name) return spelling.status;
  }
  return std::nullopt;
}

}  // namespace telex
