// The decoder on files that others gathered, read where TELEX_PUBLIC_DATA names their folder, and
// on the samples of this repository.
#include <algorithm>
#include <charconv>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "ingest/decode/decoder.h"
#include "schemas/json_slices.h"
#include "schemas/json_writer.h"
#include "tests/support/decoding.h"
#include "tests/support/public_data.h"

namespace telex {
namespace {

namespace fs = std::filesystem;
using testing::Decoded;
using testing::options_for;

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool refused_as_json(Reason reason) {
  return reason == Reason::malformed_json || reason == Reason::not_utf8 ||
         reason == Reason::lone_surrogate || reason == Reason::too_deep ||
         reason == Reason::empty_value;
}

// y_ must be taken for JSON, n_ must not, i_ may be either; none may crash.
TEST(JsonTestSuitePublicData, VerdictsAreTheSuites) {
  const auto data = testing::public_data_folder();
  const testing::UnpackedArchive archive(data / "json-testsuite" / "test_parsing.tar.gz");
  std::size_t judged = 0;
  for (const fs::path& file : json_files(archive.folder())) {
    const std::string name = file.filename().string();
    const Decoded decoded(testing::file_bytes(file), options_for(DecodeFormat::json));
    if (name.starts_with("y_")) {
      EXPECT_FALSE(refused_as_json(decoded.reason())) << name << ": " << decoded.message();
      ++judged;
    } else if (name.starts_with("n_")) {
      EXPECT_TRUE(refused_as_json(decoded.reason())) << name << ": " << decoded.message();
      ++judged;
    }
  }
  EXPECT_GT(judged, 100U);
}

// A text of nothing to see is refused; any other comes out as it went in, whichever way it came.
void expect_survives(const std::string& text) {
  std::string json = R"({"headline":)";
  append_json_string(text, json);
  json += R"(,"body":["seen",)";
  append_json_string(text, json);
  json += "]}";
  const Decoded mapped(json, {}, {}, text);
  ASSERT_TRUE(mapped.publishes()) << mapped.message();
  const std::string record = mapped.json();
  simdjson::dom::parser parser;
  const simdjson::dom::element item = parser.parse(record);
  for (const Part& part : mapped.article().parts) {
    std::string pointer;
    append_part_pointer(part, pointer);
    EXPECT_EQ(std::string_view(item.at_pointer(pointer)), part.text);
    const bool seen = part.kind == PartKind::body && part.index == 0;
    EXPECT_EQ(part.text, seen ? "seen" : text);
  }

  std::string ninjs = R"({"uri":"urn:x:1","bodies":[{"value":"seen"},{"value":)";
  append_json_string(text, ninjs);
  ninjs += "}]}";
  const Decoded passed(ninjs);
  ASSERT_TRUE(passed.publishes()) << passed.message();
  const std::string passed_record = passed.json();
  EXPECT_EQ(std::string_view(parser.parse(passed_record).at_pointer("/bodies/1/value")), text);
}

TEST(NaughtyStringsPublicData, SurviveInHeadlineBodyAndKey) {
  for (const char* const text :
       {"\\", "\"", "</script>", "\u202Etest", "\uFEFFx", "\u202A\u202Atest\u202A", "null", "1E+02",
        "😀👩‍👩‍👧", "Ω≈ç√∫˜µ≤≥÷", "\x01\x02\x7F"}) {
    expect_survives(text);
  }
  const auto data = testing::public_data_folder();
  simdjson::dom::parser parser;
  const std::string bytes = testing::file_bytes(data / "blns" / "blns.json");
  std::vector<std::string> strings;
  for (const std::string_view text : simdjson::dom::array(parser.parse(bytes))) {
    strings.emplace_back(text);
  }
  EXPECT_GT(strings.size(), 200U);
  for (const std::string& text : strings) expect_survives(text);
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size();) {
    if (hex[i] == ' ') {
      ++i;
      continue;
    }
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
    i += 2;
  }
  return bytes;
}

TEST(Utf8CasesPublicData, AreValidExactlyWhereTheSuiteSaysSo) {
  const auto data = testing::public_data_folder();
  std::istringstream lines(testing::file_bytes(data / "utf8tests" / "utf8tests.txt"));
  std::size_t judged = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (line.starts_with('#') || second == std::string::npos) continue;
    const std::string kind = line.substr(first + 1, second - first - 1);
    const std::string rest = line.substr(second + 1, line.find(':', second + 1) - second - 1);
    const bool valid = kind.starts_with("valid");
    const std::string bytes = kind.ends_with("hex") ? from_hex(rest) : line.substr(second + 1);
    const Decoded decoded("x" + bytes, options_for(DecodeFormat::text));
    EXPECT_EQ(decoded.reason() != Reason::not_utf8, valid) << line;
    ++judged;
  }
  EXPECT_GT(judged, 100U);
}

// Every example item of IPTC, of all versions, is read and comes out as ninjs 3.1 (the records are
// held to the official schema by validate_records.py).
TEST(IptcExamplesPublicData, AreRecognisedAndRead) {
  const auto data = testing::public_data_folder();
  const testing::UnpackedArchive archive(data / "feeds-iptc" / "ninjs-examples.tar.gz");
  std::size_t items = 0;
  for (const fs::path& file : json_files(archive.folder())) {
    const std::string bytes = testing::file_bytes(file);
    // A collection of items and the schema of an extension are no items.
    if (bytes.find_first_not_of(" \r\n\t\xEF\xBB\xBF") == bytes.find('[')) continue;
    if (file.filename() == "extension-schema.json") continue;
    const Decoded decoded(bytes);
    EXPECT_TRUE(decoded.publishes()) << file << ": " << decoded.message();
    if (!decoded.publishes()) continue;
    EXPECT_EQ(decoded.article().format, InputFormat::ninjs) << file;
    EXPECT_FALSE(decoded.article().parts.empty()) << file;
    ++items;
  }
  EXPECT_GE(items, 40U);
}

TEST(SeedArticlePublicData, HasItsDateAndItsTwoHeadings) {
  const auto data = testing::public_data_folder();
  const Decoded decoded(testing::file_bytes(data / "seed" / "article.txt"));
  ASSERT_TRUE(decoded.publishes());
  EXPECT_EQ(decoded.article().published.text, "2025-02");
  EXPECT_EQ(decoded.article().published.precision, DatePrecision::month);
  EXPECT_EQ(decoded.headings(), (std::vector<std::string>{"Vredesakkoord", "Vredestroepen"}));
  ASSERT_EQ(decoded.article().parts.size(), 1U);
  EXPECT_TRUE(decoded.article().parts[0].text.starts_with("Premier"));
}

// The feed of the demo: 48 records, of which two are broken on purpose.
TEST(SampleFeed, HasTwoBrokenRecords) {
  const std::string feed =
      testing::file_bytes(fs::path(TELEX_SOURCE_DIR) / "deploy" / "samples" / "feed.jsonl");
  std::vector<std::string> faults;
  std::size_t published = 0;
  for (std::size_t at = 0; at < feed.size();) {
    const std::size_t end = std::min(feed.find('\n', at), feed.size());
    const Decoded decoded(std::string_view(feed).substr(at, end - at));
    if (decoded.publishes()) {
      ++published;
    } else {
      faults.push_back(decoded.message());
    }
    at = end + 1;
  }
  EXPECT_EQ(published, 46U);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[1], "not UTF-8 at byte 117");
}

}  // namespace
}  // namespace telex
