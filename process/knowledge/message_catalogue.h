// MessageCatalogue: a GNU gettext .mo file, read within its bounds.
//
// Layout as in the gettext manual, "The Format of GNU MO Files": a header, then two tables of
// (length, offset) pairs for originals and translations. Either byte order; revisions 0.x and 1.x
// (the hash table and system-dependent strings are not looked at).
//
// Ownership: a view of `bytes`, which must outlive it. Threads: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace telex {

class MessageCatalogue {
 public:
  static constexpr std::uint32_t kMessagesMax = 1U << 20;

  // nullopt, and the reason in `error`, if the bytes are no catalogue.
  static std::optional<MessageCatalogue> open(std::string_view bytes, std::string& error);

  // The translation of `original`; empty = there is none.
  std::string_view find(std::string_view original) const;
  std::size_t size() const { return messages_.size(); }

 private:
  std::unordered_map<std::string_view, std::string_view> messages_;
};

}  // namespace telex
