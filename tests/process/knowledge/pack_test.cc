#include "process/knowledge/pack.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <xxhash.h>

#include "process/knowledge/pack_builder.h"
#include "process/text/fold.h"

namespace telex {
namespace {

std::string small_pack() {
  PackInputs inputs;
  inputs.version = "2026-11";
  inputs.people = "wd:Q1\tMark Rutte\tsurname=Rutte\tprime_minister:NL:2010..2024\n";
  inputs.places = "wd:Q55\tNL\tNetherlands\tNederland@nl\tNederlandse@nl\tcountry\n";
  inputs.titles = "nl\tpremier\tprime_minister\n";
  inputs.first_names = "Mark\tm\tnl\n";
  inputs.cue_words = "nl\thead\toorlog\n";
  inputs.organisation_suffixes = "nl\tBV\n";
  return build_pack(inputs).bytes;
}

// Makes the digest fit again, so that only the checks behind it are left.
void sign(std::string& bytes) {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(
      &digest, XXH3_128bits(bytes.data() + kDigestedFrom, bytes.size() - kDigestedFrom));
  std::memcpy(bytes.data() + kPackMagic.size(), digest.digest, sizeof(digest.digest));
}

// Reads everything a stage would read.
std::size_t walk(const KnowledgePack& pack) {
  std::size_t sum = 0;
  for (std::uint32_t i = 0; i < pack.entities().size(); ++i) {
    sum += pack.text(pack.entities()[i].name).size() + pack.offices_of(i).size();
    for (const OfficeRow& office : pack.offices_of(i)) sum += pack.text(office.rendered).size();
  }
  for (const AliasRow& alias : pack.aliases()) {
    sum += pack.text(alias.text).size() + pack.entities()[alias.entity].prior;
  }
  for (std::uint32_t i = 0; i < pack.titles().size(); ++i) sum += pack.offices_of_title(i).size();
  for (const char* word : {"Mark", "Rutte", "premier", "x"}) {
    const WordRow* row = pack.word(folded_hash(word));
    sum += row == nullptr ? 0 : pack.text(row->text).size();
    IndexRange values;
    if (pack.phrases().word(folded_hash(word), values)) {
      for (const PhraseValue value : pack.phrases().values(values)) sum += value & 1U;
    }
  }
  return sum;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("telex_pack_test." + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(KnowledgePack, OpensWhatTheBuilderWrote) {
  const TemporaryFile file(small_pack());
  std::string error;
  const auto pack = KnowledgePack::open(file.path(), error);
  ASSERT_NE(pack, nullptr) << error;
  EXPECT_EQ(pack->version(), "2026-11");
  EXPECT_EQ(pack->digest().size(), 32U);
  EXPECT_EQ(pack->entities().size(), 2U);
  EXPECT_GT(walk(*pack), 0U);
}

TEST(KnowledgePack, AMissingFileIsAnErrorWithItsPath) {
  std::string error;
  EXPECT_EQ(KnowledgePack::open("/nowhere/pack", error), nullptr);
  EXPECT_NE(error.find("/nowhere/pack"), std::string::npos);
}

TEST(KnowledgePack, AFolderOrAnEmptyFileIsRefused) {
  std::string error;
  EXPECT_EQ(KnowledgePack::open("/tmp", error), nullptr);
  const TemporaryFile file("");
  EXPECT_EQ(KnowledgePack::open(file.path(), error), nullptr);
}

TEST(KnowledgePack, EveryTruncationIsRefused) {
  const std::string whole = small_pack();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string error;
    EXPECT_EQ(KnowledgePack::from_bytes(whole.substr(0, length), error), nullptr) << length;
  }
}

TEST(KnowledgePack, EveryChangedByteIsRefused) {
  const std::string whole = small_pack();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    std::string error;
    EXPECT_EQ(KnowledgePack::from_bytes(bytes, error), nullptr) << at;
    EXPECT_FALSE(error.empty());
  }
}

TEST(KnowledgePack, AForgedDigestDoesNotMakeABadPackUnsafe) {
  const std::string whole = small_pack();
  for (std::size_t at = kDigestedFrom; at < whole.size(); ++at) {
    for (const int byte : {0x00, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(byte);
      sign(bytes);
      std::string error;
      const auto pack = KnowledgePack::from_bytes(bytes, error);
      if (pack != nullptr) walk(*pack);  // Sanitizers watch.
    }
  }
}

TEST(KnowledgePack, AnotherFoldingIsRefusedByName) {
  std::string bytes = small_pack();
  PackHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.fold_version += 1;
  std::memcpy(bytes.data(), &header, sizeof(header));
  sign(bytes);
  std::string error;
  EXPECT_EQ(KnowledgePack::from_bytes(bytes, error), nullptr);
  EXPECT_NE(error.find("folding"), std::string::npos);
}

}  // namespace
}  // namespace telex
