#include "service/pipelines.h"

#include <array>
#include <filesystem>

#include "ingest/decode/decoder.h"
#include "process/duplicates/identical.h"
#include "process/entities/entity_stage.h"
#include "process/knowledge/pack.h"
#include "process/language/language.h"
#include "process/text/tokeniser.h"
#include "process/topics/rules.h"
#include "process/topics/topic_stage.h"
#include "service/version.h"

namespace telex {
namespace {

constexpr std::string_view kPackName = "telex.pack";

bool load_pack(const std::string& configured, Generation& generation, std::string& error) {
  if (configured == "none") return true;
  const std::string path = find_pack(configured);
  if (path.empty()) {
    error =
        "knowledge.pack: no telex.pack beside the program or in its share folder; "
        "make one with: telex kb build";
    return false;
  }
  generation.pack = KnowledgePack::open(path, error);
  if (generation.pack == nullptr) {
    error = "knowledge.pack: " + error;
    return false;
  }
  generation.provenance.pack_digest = generation.pack->digest();
  generation.provenance.pack_version = generation.pack->version();
  return true;
}

bool load_rules(const std::string& configured, Generation& generation, std::string& error) {
  if (configured == "none") return true;
  generation.rules = configured == "builtin" ? TopicRules::shipped()
                                             : TopicRules::load_directory(configured, error);
  if (generation.rules == nullptr) {
    error = "topics.rules: " + error;
    return false;
  }
  generation.provenance.rules_digest = generation.rules->digest();
  generation.provenance.vocabulary = generation.rules->vocabulary_release();
  return true;
}

DecodeOptions decode_options(const Config& config) {
  DecodeOptions options;
  TopicDecoding& standard = options.standard;
  standard.format = decode_format_from(config.input.format).value_or(DecodeFormat::automatic);
  standard.source = config.input.source;
  for (const auto& [name, pointers] : config.input.fields) {
    if (const auto field = field_from(name)) standard.fields[*field] = pointers;
  }
  return options;
}

IdenticalOptions identical_options(const Config& config,
                                   std::function<void(std::uint32_t)> on_full) {
  IdenticalOptions options;
  options.action =
      config.duplicates.identical == "mark" ? IdenticalAction::mark : IdenticalAction::suppress;
  options.remember = std::chrono::hours(config.duplicates.remember_hours);
  options.on_full = std::move(on_full);
  return options;
}

// Gives articles that name no language the configured one.
class LanguageHintStage {
 public:
  explicit LanguageHintStage(std::string language) : language_(std::move(language)) {}

  void operator()(Batch& batch, StageContext&) noexcept {
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      if (batch.publishes(row)) batch.hint_language(row, language_);
    }
  }

 private:
  std::string language_;
};

template <class S>
Pipeline::NamedStage named(std::string name, std::shared_ptr<S> stage) {
  static_assert(Stage<S>);
  return {std::move(name), [stage = std::move(stage)](Batch& batch, StageContext& context) {
            (*stage)(batch, context);
          }};
}

}  // namespace

std::string find_pack(const std::string& configured) {
  namespace fs = std::filesystem;
  if (configured != "default") return configured;
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed).parent_path();
  if (failed) return "";
  for (const fs::path& path :
       {program / kPackName, program.parent_path() / "share/telex" / kPackName}) {
    if (fs::exists(path, failed)) return path.string();
  }
  return "";
}

std::shared_ptr<const Generation> make_generation(const Config& config, std::uint64_t number,
                                                  std::string& error) {
  auto generation = std::make_shared<Generation>();
  generation->number = number;
  generation->provenance.telex_version = kVersion;
  generation->provenance.config_digest = record_settings_digest(config);
  if (!load_pack(config.knowledge.pack, *generation, error)) return nullptr;
  if (!load_rules(config.topics.rules, *generation, error)) return nullptr;
  return generation;
}

std::unique_ptr<Pipeline> make_pipeline(std::shared_ptr<const Generation> generation,
                                        const Config& config, PipelineState state) {
  std::vector<Pipeline::NamedStage> stages;
  PipelineOptions options;
  stages.push_back(named("decode", std::make_shared<DecodeStage>(decode_options(config))));
  if (config.duplicates.on() && state.identical != nullptr) {
    auto identical = std::make_shared<IdenticalStage>(
        *state.identical, identical_options(config, std::move(state.on_full)));
    options.settled = [identical](const Batch& batch) { identical->settle(batch); };
    stages.push_back(named(std::string(IdenticalStage::kName), std::move(identical)));
  }
  if (!config.input.language.empty()) {
    stages.push_back(named("hint", std::make_shared<LanguageHintStage>(config.input.language)));
  }
  stages.push_back(named("text", std::make_shared<Tokeniser>()));
  stages.push_back(named("language", std::make_shared<LanguageStage>()));
  stages.push_back(named("entities", std::make_shared<EntityStage>()));
  stages.push_back(named("topics", std::make_shared<TopicStage>()));
  options.output_bytes_max = static_cast<std::uint32_t>(config.output.record_bytes_max);
  return std::make_unique<Pipeline>(std::move(generation), std::move(stages), std::move(options));
}

}  // namespace telex
