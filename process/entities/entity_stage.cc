#include "process/entities/entity_stage.h"

#include "process/entities/annotation_writer.h"
#include "process/entities/name_matcher.h"
#include "process/entities/person_linker.h"
#include "process/entities/place_linker.h"
#include "process/entities/unknown_names.h"

namespace telex {
namespace {

constexpr std::string_view kStageName = "entities";

}  // namespace

struct EntityStage::Impl {
  NameMatcher matcher;
  Links links;
  AnnotationWriter writer;

  void link(ArticleText& text, const Article& article) {
    matcher.run(text);
    links.reset(text, matcher);
    const LinkContext context{text, matcher, links, PublicationPeriod::of(event_date(article))};
    link_unknown_organisations(context);
    link_full_names(context);
    link_unknown_people(context);
    link_by_office(context);
    link_places_and_organisations(context, PlacePass::certain);
    link_adjectives(context);
    link_bare_surnames(context);
    link_places_and_organisations(context, PlacePass::remaining);
    link_short_forms(context);
    join_lone_surnames(context);
  }
};

EntityStage::EntityStage() : impl_(std::make_unique<Impl>()) {}
EntityStage::EntityStage(EntityStage&&) noexcept = default;
EntityStage& EntityStage::operator=(EntityStage&&) noexcept = default;
EntityStage::~EntityStage() = default;

void EntityStage::operator()(Batch& batch, StageContext& context) noexcept {
  const KnowledgePack* pack = context.generation.pack.get();
  if (pack == nullptr) return;
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (!batch.publishes(row) || context.tokens.rows[row].count == 0) continue;
    RowAnnotations& annotations = context.annotations.rows[row];
    const Article article = batch.article(row);
    ArticleText text(article, context.tokens, context.tokens.rows[row],
                     language_mask(annotations.language.code.view()), *pack);
    impl_->link(text, article);
    if (impl_->links.overflow) {
      batch.set_verdict(row, VerdictKind::faulty, Reason::too_many_mentions, kStageName,
                        "more than 4,096 mentions");
      continue;
    }
    impl_->writer.write(text, impl_->links, context.annotations, annotations);
  }
}

}  // namespace telex
