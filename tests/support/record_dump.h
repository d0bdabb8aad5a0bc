// Leaves the records that tests encode in the build folder, where validate_records.py holds all of
// them to the JSON Schemas:
// <build>/records/{enriched,dead_letter,claim_check}/<suite>.<test>.<n>.json.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "schemas/base64.h"
#include "schemas/claim_check.h"
#include "schemas/json_writer.h"
#include "schemas/record.h"

namespace telex::testing {

inline constexpr int kDumpsPerTestMax = 64;

inline void dump_record_json(std::string_view schema, std::string_view json) {
  const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info->test_suite_name()) + "." + info->name();
  std::replace(name.begin(), name.end(), '/', '_');
  static std::map<std::string, int> counts;
  const int count = counts[std::string(schema) + name]++;
  if (count >= kDumpsPerTestMax) return;
  const std::filesystem::path folder =
      std::filesystem::path(TELEX_BINARY_DIR) / "records" / std::string(schema);
  const std::filesystem::path file = folder / (name + "." + std::to_string(count) + ".json");
  // Whole or not at all: the validation may be reading the folder.
  const std::filesystem::path unfinished = file.string() + "." + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(unfinished, std::ios::binary) << json;
  std::filesystem::rename(unfinished, file);
}

inline std::string base64(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  return text;
}

// A record of Kafka as JSON: bytes in base64, null as null; headers of telex's own as text.
inline std::string rendered(const Record& record) {
  const auto bytes = [](std::string_view value) {
    return value.data() == nullptr ? std::string("null") : "\"" + base64(value) + "\"";
  };
  std::string json = "{\"keyBase64\":" + bytes(record.key);
  json += ",\"valueBase64\":" + bytes(record.value);
  json += ",\"timestamp\":" + std::to_string(record.timestamp) + ",\"headers\":[";
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
    const Header header = record.headers[i];
    json += i == 0 ? "{\"name\":" : ",{\"name\":";
    append_json_string(header.name, json);
    if (header.name.starts_with("telex-dlq-")) {
      json += ",\"value\":";
      append_json_string(header.value, json);
    } else {
      json += ",\"valueBase64\":" + bytes(header.value);
    }
    json += "}";
  }
  return json + "]}";
}

inline void dump_record(const Record& record) {
  if (record.destination == Destination::enriched && record.value.data() != nullptr) {
    dump_record_json("enriched", record.value);
  }
  if (record.destination == Destination::dead_letter) {
    dump_record_json("dead_letter", rendered(record));
    if (is_claim_check(record.headers)) dump_record_json("claim_check", record.value);
  }
}

}  // namespace telex::testing
