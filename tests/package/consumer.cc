// Tags one sentence with telex as a library, without Kafka: topics from the shipped rules.
#include <cstdio>
#include <memory>

#include "ingest/decode/decoder.h"
#include "process/language/language.h"
#include "process/pipeline.h"
#include "process/text/tokeniser.h"
#include "process/topics/topic_stage.h"

int main() {
  using namespace telex;
  auto generation = std::make_shared<Generation>();
  generation->rules = TopicRules::shipped();
  DecodeStage decode{DecodeOptions{}};
  Tokeniser tokenise;
  LanguageStage language;
  TopicStage topics;
  std::vector<Pipeline::NamedStage> stages;
  stages.push_back({"decode", [&](Batch& b, StageContext& c) { decode(b, c); }});
  stages.push_back({"text", [&](Batch& b, StageContext& c) { tokenise(b, c); }});
  stages.push_back({"language", [&](Batch& b, StageContext& c) { language(b, c); }});
  stages.push_back({"topics", [&](Batch& b, StageContext& c) { topics(b, c); }});
  Pipeline pipeline(generation, std::move(stages), {});

  Batch batch;
  RawRecord record;
  record.topic = batch.intern_topic("example");
  record.partition = Partition{0};
  record.offset = Offset{0};
  record.value =
      "De oorlog gaat door: de troepen van het leger vochten gisteren weer aan het front, en over "
      "een "
      "vredesakkoord of een staakt-het-vuren wordt nog niet gesproken.";
  if (!batch.append(record)) return 1;
  Records out;
  const BatchCounts counts = pipeline.run(batch, out);
  std::printf("%llu published, %llu topics\n", static_cast<unsigned long long>(counts.published),
              static_cast<unsigned long long>(counts.topics));
  return counts.published == 1 && counts.topics > 0 ? 0 : 1;
}
