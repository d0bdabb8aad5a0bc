// kb build, kb info, kb lookup.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "process/knowledge/pack.h"
#include "process/knowledge/pack_builder.h"
#include "process/knowledge/pack_sources.h"
#include "process/text/fold.h"
#include "service/commands/commands.h"
#include "service/default_pack.h"
#include "service/exit_code.h"
#include "service/pipelines.h"
#include "service/tag_report.h"
#include "service/terminal.h"

namespace telex {
namespace {

constexpr std::size_t kRefusalsShown = 20;

std::shared_ptr<const KnowledgePack> open_or_explain(const std::string& given) {
  const std::string path = find_pack(given.empty() ? "default" : given);
  if (path.empty()) {
    fmt::print(stderr, "telex: no telex.pack beside the program; make one with: telex kb build\n");
    return nullptr;
  }
  std::string error;
  auto pack = KnowledgePack::open(path, error);
  if (pack == nullptr) fmt::print(stderr, "telex: {}\n", error);
  return pack;
}

std::string_view class_name(AliasClass alias_class) {
  switch (alias_class) {
    case AliasClass::name:
      return "name";
    case AliasClass::surname:
      return "surname";
    case AliasClass::demonym:
      return "demonym";
    case AliasClass::adjective:
      return "adjective";
  }
  return "";
}

std::string languages_of(LanguageMask mask) {
  std::string out;
  for (std::size_t i = 0; i < kPackLanguages.size(); ++i) {
    if ((mask & (1U << i)) != 0)
      out += fmt::format("{}{}", out.empty() ? "" : ",", kPackLanguages[i]);
  }
  return (mask & kAnyLanguage) != 0 ? "any" : out;
}

}  // namespace

int kb_build_command(const KbBuildArguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const PackBuild build = build_default_pack(arguments.curated);
  if (!build.ok()) {
    const std::size_t shown =
        arguments.verbose ? build.refusals.size() : std::min(build.refusals.size(), kRefusalsShown);
    for (std::size_t i = 0; i < shown; ++i) fmt::print(stderr, "{}\n", build.refusals[i]);
    if (shown < build.refusals.size()) {
      fmt::print(stderr, "... and {} more (--verbose for all)\n", build.refusals.size() - shown);
    }
    fmt::print(stderr, "telex kb build: no pack was written\n");
    return kExitFailed;
  }
  const std::string out = arguments.out.empty() ? default_pack_path() : arguments.out;
  std::string error;
  if (!write_pack(build, out, error)) {
    fmt::print(stderr, "telex kb build: {}\n", error);
    return kExitFailed;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{} → {} · {:.1f} s\n", pack_summary(build), out, took.count());
  return kExitGood;
}

int kb_info_command(const KbInfoArguments& arguments) {
  const auto pack = open_or_explain(arguments.pack);
  if (pack == nullptr) return kExitFailed;
  std::array<std::uint64_t, 5> by_type{};
  std::uint64_t with_uri = 0;
  for (const EntityRow& entity : pack->entities()) {
    ++by_type[entity.type];
    if (entity.uri.length > 0) ++with_uri;
  }
  fmt::print("version       {}\ndigest        {}\nsize          {} bytes\n", pack->version(),
             pack->digest(), grouped(pack->bytes()));
  fmt::print("entities      {} ({} with a uri)\n", grouped(pack->entities().size()),
             grouped(with_uri));
  for (std::size_t i = 0; i < by_type.size(); ++i) {
    if (by_type[i] > 0)
      fmt::print("  {:<12}{}\n", to_string(static_cast<EntityType>(i)), grouped(by_type[i]));
  }
  fmt::print("aliases       {}\noffices held  {}\ntitles        {}\nphrases       {}\n",
             grouped(pack->aliases().size()), grouped(pack->offices().size()),
             grouped(pack->titles().size()), grouped(pack->phrases().phrase_count()));
  return kExitGood;
}

int kb_lookup_command(const KbLookupArguments& arguments) {
  const auto pack = open_or_explain(arguments.pack);
  if (pack == nullptr) return kExitFailed;
  const std::string wanted = folded(arguments.name);
  std::vector<const AliasRow*> found;
  for (const AliasRow& alias : pack->aliases()) {
    if (folded(pack->text(alias.text)) == wanted) found.push_back(&alias);
  }
  std::stable_sort(found.begin(), found.end(), [&](const AliasRow* a, const AliasRow* b) {
    return pack->entities()[a->entity].prior > pack->entities()[b->entity].prior;
  });
  if (found.empty()) {
    fmt::print("\"{}\" is not in this pack\n", safe_text(arguments.name, false));
    return kExitFailed;
  }
  for (const AliasRow* alias : found) {
    const EntityRow& entity = pack->entities()[alias->entity];
    fmt::print(
        "{} {:<12} prior {:>3}  {} \"{}\" in {}{}  {}\n", fitted(pack->text(entity.name), 28),
        to_string(static_cast<EntityType>(entity.type)), entity.prior,
        class_name(alias->alias_class), pack->text(alias->text), languages_of(alias->languages),
        (alias->flags & AliasRow::kNeedsEvidence) != 0 || alias->common != 0 ? ", needs evidence"
                                                                             : "",
        short_uri(pack->text(entity.uri)));
    for (const OfficeRow& office : pack->offices_of(alias->entity)) {
      fmt::print("    {}\n", pack->text(office.rendered));
    }
  }
  return kExitGood;
}

}  // namespace telex
