// The `annotations` object of an enriched record: annotations of one row as JSON, version 1.
//
//   version  language{code,confidence,evidence}  published{text,precision}  versionCreated{…}
//   parts[{name,pointer,bytes,codePoints}]  headings[{part,begin,end,cpBegin,cpEnd}]
//   mentions[{part,begin,end,cpBegin,cpEnd,surface,type,form,entity,evidence}]
//   entities[{uri,name,type,relevance,typeConfidence,linkConfidence,mentions,adjectives,
//             givenByPublisher,evidence}]
//   topics[{code,uri,name,relevance,confidence,broader,evidence}]
//   duplicate{kind,topic,partition,offset}  otherMembers{…}
//   provenance{telex,pack,rules,model,config,vocabulary,source}
// The schema is schemas/enriched.schema.json. Members are only ever added to a version.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schemas/annotations.h"
#include "schemas/article.h"
#include "schemas/json_writer.h"
#include "schemas/provenance.h"
#include "schemas/types.h"

namespace telex {

struct AnnotationsInput {
  const Article& article;
  const Annotations& annotations;
  RowAnnotations row;
  const Provenance& provenance;
  std::string_view topic;
  Partition partition;
  Offset offset;
  // Members of the publisher's item that ninjs has no place for; passed on here as they came.
  std::span<const PassThrough> other_members;
  // For each entity of the row, 1 where the publisher's own item lists it; empty = none is.
  std::span<const std::uint8_t> given_by_publisher;
};

void write_annotations(const AnnotationsInput& input, JsonWriter& out);

// The name that an entity goes by: its own, else the surface of the mention that names it.
std::string_view entity_name(const Article& article, const Annotations& annotations,
                             const Entity& entity);

}  // namespace telex
