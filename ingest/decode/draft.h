// Draft: an article while it is being decoded, and the first thing found wrong with it.
//
// Internal to ingest/decode. Ownership: strings it stores go into the batch's text arena; its
// vectors are scratch memory, reused from row to row. Threads: one DecodeStage's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/article.h"
#include "schemas/batch.h"
#include "schemas/reason.h"

namespace telex {

class Draft {
 public:
  // Forgets everything; what is stored from now on goes into `batch`.
  void start(Batch& batch);

  // Notes what is wrong; the first fault stands. `message` says what and where, never article text.
  // Returns false, so that a reader can end with `return draft.fail(...)`.
  bool fail(Reason reason, std::string message);
  bool faulty() const { return reason_ != Reason::none; }
  Reason reason() const { return reason_; }
  const std::string& message() const { return message_; }

  // A copy in the arena. Empty, and a fault, when the arena is full.
  std::string_view store(std::string_view text);

  // Adds a part unless nothing in it is visible. False when an article's limits are passed.
  // REQUIRES: `text` lies in the batch's arenas.
  bool add_part(PartKind kind, std::string_view text, TextFormat format, std::uint16_t index);
  // Room for `bytes` of text whose length is known only once it is written; see Batch.
  char* allocate(std::size_t bytes);
  void trim(const char* end) { batch_->trim_text(end); }

  Article article;            // Its spans are set by finish().
  std::string_view body_uri;  // As given, for the identity; empty = none.
  std::string_view body_id;
  std::vector<PassThrough> pass_through;

  const std::vector<Part>& parts() const { return parts_; }
  // The article with its spans; false, and a fault, if there is nothing to read in it. An item that
  // is withdrawn needs no text.
  bool finish(Article& finished);

  // Headings of the plain part added last.
  void add_headings();
  // A part's headings as they are found elsewhere.
  std::vector<Heading>& headings() { return headings_; }

 private:
  Batch* batch_ = nullptr;
  std::vector<Part> parts_;
  std::vector<Heading> headings_;
  std::uint64_t text_bytes_ = 0;
  Reason reason_ = Reason::none;
  std::string message_;
};

// "usable", "withheld", "canceled" and the spellings that feeds use for them, in any case and with
// the "stat:" of NewsML-G2 in front; nullopt = none of these.
std::optional<PubStatus> pub_status_from(std::string_view text);

}  // namespace telex
