#include "process/knowledge/pack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <xxhash.h>

#include "process/text/fold.h"
#include "schemas/annotations.h"

namespace telex {
namespace {

static_assert(std::endian::native == std::endian::little, "packs are mapped, and little endian");

constexpr std::uint64_t kPackBytesMax = 0xFFFFFFFFULL;

std::string hex(const std::array<unsigned char, 16>& bytes) {
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

bool within(IndexRange range, std::size_t size) {
  return range.first <= size && range.count <= size - range.first;
}

// What open() maps, or the reason why not.
std::string_view map_file(const std::string& path, std::string& error) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    error = fmt::format("{}: {}", path, std::strerror(errno));
    return {};
  }
  struct stat status {};
  void* mapping = MAP_FAILED;
  if (::fstat(file, &status) != 0) {
    error = fmt::format("{}: {}", path, std::strerror(errno));
  } else if (!S_ISREG(status.st_mode) || status.st_size < static_cast<off_t>(sizeof(PackHeader)) ||
             static_cast<std::uint64_t>(status.st_size) > kPackBytesMax) {
    error = fmt::format("{}: not a knowledge pack ({} bytes)", path, status.st_size);
  } else {
    mapping =
        ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    if (mapping == MAP_FAILED) error = fmt::format("{}: {}", path, std::strerror(errno));
  }
  ::close(file);
  if (mapping == MAP_FAILED) return {};
  return {static_cast<const char*>(mapping), static_cast<std::size_t>(status.st_size)};
}

}  // namespace

std::shared_ptr<const KnowledgePack> KnowledgePack::open(const std::string& path,
                                                         std::string& error) {
  const std::string_view mapped = map_file(path, error);
  if (mapped.data() == nullptr) return nullptr;
  std::shared_ptr<KnowledgePack> pack(new KnowledgePack);
  pack->mapping_ = const_cast<char*>(mapped.data());  // munmap takes it back; nothing writes.
  if (!pack->adopt(mapped, error)) {
    error = path + ": " + error;
    return nullptr;
  }
  return pack;
}

std::shared_ptr<const KnowledgePack> KnowledgePack::from_bytes(std::string_view bytes,
                                                               std::string& error) {
  std::shared_ptr<KnowledgePack> pack(new KnowledgePack);
  pack->owned_ = std::make_unique<std::uint64_t[]>(bytes.size() / sizeof(std::uint64_t) + 1);
  char* copy = reinterpret_cast<char*>(pack->owned_.get());
  std::memcpy(copy, bytes.data(), bytes.size());
  if (!pack->adopt({copy, bytes.size()}, error)) return nullptr;
  return pack;
}

KnowledgePack::~KnowledgePack() {
  if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
}

bool KnowledgePack::adopt(std::string_view bytes, std::string& error) {
  bytes_ = bytes;
  PackHeader header;
  if (bytes.size() < sizeof(header) || bytes.size() > kPackBytesMax) {
    error = "not a knowledge pack: too short or too long";
    return false;
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kPackMagic) {
    error = "not a knowledge pack: wrong magic";
    return false;
  }
  if (header.format_version != kPackFormatVersion || header.fold_version != kFoldVersion) {
    error =
        fmt::format("format {} and folding {}, but this telex reads {} and {}: build it anew",
                    header.format_version, header.fold_version, kPackFormatVersion, kFoldVersion);
    return false;
  }
  if (header.total_bytes != bytes.size() || header.section_count != kSectionCount) {
    error = fmt::format("cut off: {} bytes of {}", bytes.size(), header.total_bytes);
    return false;
  }
  XXH128_canonical_t actual;
  XXH128_canonicalFromHash(
      &actual, XXH3_128bits(bytes.data() + kDigestedFrom, bytes.size() - kDigestedFrom));
  if (std::memcmp(actual.digest, header.digest.data(), header.digest.size()) != 0) {
    error = "damaged: its digest does not fit its content";
    return false;
  }
  digest_ = hex(header.digest);
  return map_sections(error) && check_references(error);
}

bool KnowledgePack::map_sections(std::string& error) {
  const std::size_t table_end = sizeof(PackHeader) + kSectionCount * sizeof(SectionEntry);
  if (bytes_.size() < table_end) {
    error = "no section table";
    return false;
  }
  std::array<SectionEntry, kSectionCount> table;
  std::memcpy(table.data(), bytes_.data() + sizeof(PackHeader), sizeof(table));
  const auto raw = [&](Section section, std::size_t row_bytes, std::string_view& out) {
    const SectionEntry& entry = table[static_cast<std::size_t>(section)];
    const std::uint64_t length = std::uint64_t{entry.row_count} * row_bytes;
    if (entry.row_bytes != row_bytes || entry.offset % 8 != 0 || entry.offset < table_end ||
        entry.offset > bytes_.size() || length > bytes_.size() - entry.offset) {
      error = fmt::format("section {} does not fit", static_cast<std::uint32_t>(section));
      return false;
    }
    out = bytes_.substr(entry.offset, length);
    return true;
  };
  const auto rows = [&]<class Row>(Section section, std::span<const Row>& out) {
    std::string_view view;
    if (!raw(section, sizeof(Row), view)) return false;
    out = {reinterpret_cast<const Row*>(view.data()), view.size() / sizeof(Row)};
    return true;
  };
  std::string_view phrases;
  if (!raw(Section::strings, 1, strings_) || !raw(Section::version, 1, version_) ||
      !raw(Section::phrases, 1, phrases) || !rows(Section::entities, entities_) ||
      !rows(Section::aliases, aliases_) || !rows(Section::offices, offices_) ||
      !rows(Section::office_keys, office_keys_) || !rows(Section::titles, titles_) ||
      !rows(Section::title_offices, title_offices_) || !rows(Section::words, words_) ||
      !rows(Section::organisation_cues, organisation_cues_) ||
      !rows(Section::compound_heads, compound_heads_)) {
    return false;
  }
  const std::optional<PhraseTable> table_view = PhraseTable::open(phrases, error);
  if (!table_view) return false;
  phrases_ = *table_view;
  return true;
}

bool KnowledgePack::in_strings(StringRef ref) const {
  return ref.offset <= strings_.size() && ref.length <= strings_.size() - ref.offset;
}

bool KnowledgePack::check_entities() const {
  return std::all_of(entities_.begin(), entities_.end(), [this](const EntityRow& row) {
    return in_strings(row.uri) && in_strings(row.name) && in_strings(row.kind) &&
           within(row.offices, offices_.size()) &&
           row.type <= static_cast<std::uint8_t>(EntityType::object) && row.prior <= kScoreMax;
  });
}

bool KnowledgePack::check_words() const {
  if (words_.empty()) return true;
  std::size_t used = 0;
  for (const WordRow& row : words_) {
    if (!in_strings(row.text)) return false;
    used += row.hash != 0 ? 1 : 0;
  }
  return std::has_single_bit(words_.size()) && used < words_.size();  // A search must end.
}

bool KnowledgePack::check_references(std::string& error) const {
  const auto in_cue = [this](const CueRow& row) { return in_strings(row.text); };
  const bool sound =
      check_entities() && check_words() &&
      std::all_of(aliases_.begin(), aliases_.end(),
                  [this](const AliasRow& row) {
                    return in_strings(row.text) && row.entity < entities_.size() &&
                           row.alias_class <= AliasClass::adjective;
                  }) &&
      std::all_of(offices_.begin(), offices_.end(),
                  [this](const OfficeRow& row) {
                    return in_strings(row.rendered) && row.person < entities_.size() &&
                           row.office < office_keys_.size() &&
                           (row.scope == kNone || row.scope < entities_.size());
                  }) &&
      std::all_of(office_keys_.begin(), office_keys_.end(),
                  [this](const OfficeKeyRow& row) { return in_strings(row.key); }) &&
      std::all_of(titles_.begin(), titles_.end(),
                  [this](const TitleRow& row) {
                    return in_strings(row.text) && within(row.offices, title_offices_.size());
                  }) &&
      std::all_of(title_offices_.begin(), title_offices_.end(),
                  [this](std::uint32_t key) { return key < office_keys_.size(); }) &&
      std::all_of(organisation_cues_.begin(), organisation_cues_.end(), in_cue) &&
      std::all_of(compound_heads_.begin(), compound_heads_.end(), in_cue);
  if (!sound) error = "a row refers to what is not there";
  return sound;
}

const WordRow* KnowledgePack::word(std::uint64_t hash) const {
  if (words_.empty()) return nullptr;
  const std::size_t mask = words_.size() - 1;
  for (std::size_t slot = hash & mask; words_[slot].hash != 0; slot = (slot + 1) & mask) {
    if (words_[slot].hash == hash) return &words_[slot];
  }
  return nullptr;
}

std::optional<std::uint32_t> KnowledgePack::entity_by_uri(std::string_view uri) const {
  for (std::uint32_t i = 0; i < entities_.size(); ++i) {
    if (text(entities_[i].uri) == uri) return i;
  }
  return std::nullopt;
}

}  // namespace telex
