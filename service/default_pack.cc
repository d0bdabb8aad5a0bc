#include "service/default_pack.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <span>

#include <fmt/format.h>

#include "process/embedded_file.h"
#include "process/knowledge/pack_sources.h"
#include "service/terminal.h"
#include "service/version.h"

namespace telex {

std::span<const EmbeddedFile> curated_tables();  // Made by telex_embed().

namespace {

void take_embedded(PackInputs& inputs) {
  const auto text = [](std::string_view name) -> std::string {
    for (const EmbeddedFile& file : curated_tables()) {
      if (file.name == name) return std::string(file.bytes);
    }
    return {};
  };
  inputs.people = text("people.tsv");
  inputs.organisations = text("organisations.tsv");
  inputs.places = text("places.tsv");
  inputs.titles = text("titles.tsv");
  inputs.common_words = text("common_words.tsv");
  inputs.first_names = text("first_names.tsv");
  inputs.organisation_suffixes = text("organisation_suffixes.tsv");
  inputs.cue_words = text("cue_words.tsv");
}

}  // namespace

PackBuild build_default_pack(const std::string& curated) {
  PackInputs inputs;
  std::string error;
  const PackSources sources = PackSources::debian(curated, kPackVersion);
  if (!read_pack_inputs(sources, inputs, error)) {
    PackBuild refused;
    refused.refusals.push_back(error);
    return refused;
  }
  if (curated.empty()) take_embedded(inputs);
  return build_pack(inputs);
}

std::string default_pack_path() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  return (failed ? std::filesystem::path("telex.pack") : program / "telex.pack").string();
}

bool write_pack(const PackBuild& build, const std::string& path, std::string& error) {
  const std::string temporary = path + ".new." + std::to_string(getpid());
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(build.bytes.data(), static_cast<std::streamsize>(build.bytes.size()));
  out.close();
  std::error_code failed;
  if (!out.good()) {
    error = "cannot write " + temporary;
    std::filesystem::remove(temporary, failed);
    return false;
  }
  std::filesystem::rename(temporary, path, failed);
  if (failed) {
    error = "cannot rename to " + path + ": " + failed.message();
    return false;
  }
  return true;
}

std::string pack_summary(const PackBuild& build) {
  return fmt::format("{} countries · {} cities · {} people and organisations → {:.1f} MB pack",
                     build.counts.countries, grouped(build.counts.cities),
                     grouped(build.counts.people + build.counts.organisations),
                     static_cast<double>(build.bytes.size()) / 1e6);
}

}  // namespace telex
