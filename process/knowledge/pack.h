// KnowledgePack: the names telex knows, as one read-only file mapped into memory.
//
// Entities (people, organisations, places), their aliases by language, the offices people held and
// when, titles, first names and cue words, and one PhraseTable over all phrases. The layout is in
// pack_format.h; packs are made by build_pack() (pack_builder.h).
//
// Ownership: owns the mapping; every view and row it hands out lives as long as the pack.
// Threads:   immutable after open(); share freely.
// Limits:    packs up to 4 GiB.
// Errors:    open() checks magic, versions, the digest, every bound and every reference before the
//            first lookup, and answers null with the reason. A file is to be replaced by rename,
//            never written in place: what is mapped must not change under a reader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "process/knowledge/pack_format.h"
#include "process/text/phrase_table.h"

namespace telex {

class KnowledgePack {
 public:
  // Null, and the reason in `error`, if there is no pack at `path` or it is not a sound one.
  static std::shared_ptr<const KnowledgePack> open(const std::string& path, std::string& error);
  // The same over a copy of `bytes`.
  static std::shared_ptr<const KnowledgePack> from_bytes(std::string_view bytes,
                                                         std::string& error);
  ~KnowledgePack();
  KnowledgePack(const KnowledgePack&) = delete;
  KnowledgePack& operator=(const KnowledgePack&) = delete;

  // XXH3-128 of the content as 32 lower-case hex digits.
  const std::string& digest() const { return digest_; }
  std::string_view version() const { return version_; }
  std::uint64_t bytes() const { return bytes_.size(); }

  std::span<const EntityRow> entities() const { return entities_; }
  std::span<const AliasRow> aliases() const { return aliases_; }
  std::span<const OfficeRow> offices() const { return offices_; }
  std::span<const OfficeKeyRow> office_keys() const { return office_keys_; }
  std::span<const TitleRow> titles() const { return titles_; }
  std::span<const CueRow> organisation_cues() const { return organisation_cues_; }
  std::span<const CueRow> compound_heads() const { return compound_heads_; }
  const PhraseTable& phrases() const { return phrases_; }

  // REQUIRES: `ref` comes from a row of this pack.
  std::string_view text(StringRef ref) const { return strings_.substr(ref.offset, ref.length); }
  // The offices of a person, earliest first. REQUIRES: entity < entities().size().
  std::span<const OfficeRow> offices_of(std::uint32_t entity) const {
    const IndexRange range = entities_[entity].offices;
    return offices_.subspan(range.first, range.count);
  }
  // The office keys a title may stand for. REQUIRES: title < titles().size().
  std::span<const std::uint32_t> offices_of_title(std::uint32_t title) const {
    const IndexRange range = titles_[title].offices;
    return title_offices_.subspan(range.first, range.count);
  }
  // A word of the lexicon by folded_hash(); null = none.
  const WordRow* word(std::uint64_t hash) const;
  // The first row with this URI (a scan: for commands and tests); nullopt = none.
  std::optional<std::uint32_t> entity_by_uri(std::string_view uri) const;

 private:
  KnowledgePack() = default;
  bool adopt(std::string_view bytes, std::string& error);
  bool map_sections(std::string& error);
  bool check_references(std::string& error) const;
  bool in_strings(StringRef ref) const;
  bool check_entities() const;
  bool check_words() const;

  std::string_view bytes_;
  std::unique_ptr<std::uint64_t[]> owned_;  // from_bytes(): aligned storage.
  void* mapping_ = nullptr;                 // open(): what munmap needs.
  std::string digest_;
  std::string_view version_;
  std::string_view strings_;
  std::span<const EntityRow> entities_;
  std::span<const AliasRow> aliases_;
  std::span<const OfficeRow> offices_;
  std::span<const OfficeKeyRow> office_keys_;
  std::span<const TitleRow> titles_;
  std::span<const std::uint32_t> title_offices_;
  std::span<const WordRow> words_;
  std::span<const CueRow> organisation_cues_;
  std::span<const CueRow> compound_heads_;
  PhraseTable phrases_;
};

}  // namespace telex
