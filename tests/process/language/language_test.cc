#include "process/language/language.h"

#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process/text/tokeniser.h"
#include "tests/process/text/text_testing.h"

namespace telex {
namespace {

// A pipeline of two stages, and the articles that go through it.
class World {
 public:
  void add(std::string_view text, std::string_view tag = {},
           TextFormat format = TextFormat::plain) {
    add_parts({{text, PartKind::body, format, 0}}, tag);
  }
  void add_parts(std::vector<Part> parts, std::string_view tag) {
    RawRecord record;
    record.topic = batch_.intern_topic("raw");
    record.partition = {0};
    record.offset = {batch_.size()};
    record.value = "{}";
    ASSERT_TRUE(batch_.append(record));
    for (Part& part : parts) part.text = batch_.store_text(part.text);
    Article article;
    article.parts = parts;
    article.language = batch_.store_text(tag);
    batch_.set_article(batch_.size() - 1, article);
  }
  void run() {
    annotations.reset(batch_.size());
    StageContext context{generation_, tokens_, annotations};
    tokenise_(batch_, context);
    tag_language_(batch_, context);
  }
  const LanguageTag& tag(std::uint32_t row) const { return annotations.rows[row].language; }
  std::string_view code(std::uint32_t row) const { return tag(row).code.view(); }
  std::vector<EvidenceKind> kinds(std::uint32_t row) const {
    std::vector<EvidenceKind> kinds;
    const IndexRange range = tag(row).evidence;
    for (std::uint32_t i = range.first; i < range.last(); ++i) {
      kinds.push_back(annotations.evidence[i].kind);
    }
    return kinds;
  }
  Batch& batch() { return batch_; }

  Annotations annotations;

 private:
  Generation generation_;
  Batch batch_;
  Tokens tokens_;
  Tokeniser tokenise_;
  LanguageStage tag_language_;
};

World ran(std::string_view text, std::string_view tag = {}, TextFormat format = TextFormat::plain) {
  World world;
  world.add(text, tag, format);
  world.run();
  return world;
}

using Kinds = std::vector<EvidenceKind>;

// Sentences of our own, of the kind that news has.
struct Sample {
  std::string_view language;
  std::string_view text;
};
constexpr Sample kSamples[] = {
    {"nl", "De minister heeft gezegd dat het kabinet nog deze week met een voorstel komt."},
    {"nl", "Volgens de politie is er bij het ongeluk op de snelweg niemand gewond geraakt."},
    {"nl", "Het is nog niet bekend wanneer de nieuwe burgemeester van de stad aantreedt."},
    {"nl", "Oekraïense troepen hebben zich uit de stad teruggetrokken, meldt het leger."},
    {"en", "The prime minister said on Monday that the government would not change its plans."},
    {"en", "Police were called to the house after neighbours had heard a loud noise."},
    {"de", "Die Regierung will das Gesetz noch in diesem Jahr ändern, sagte der Minister."},
    {"de", "Nach Angaben der Polizei wurde bei dem Unfall auf der Autobahn niemand verletzt."},
    {"fr", "Le gouvernement a annoncé que les impôts ne seront pas augmentés cette année."},
    {"fr", "Selon la police, il n'y a pas eu de blessés dans l'accident sur l'autoroute."},
    {"es", "El gobierno anunció que no subirá los impuestos este año, según el ministro."},
    {"es", "La policía dijo que no hubo heridos en el accidente de la autopista."},
    {"it", "Il governo ha annunciato che quest'anno non aumenterà le tasse per le famiglie."},
    {"pt", "O governo anunciou que não vai aumentar os impostos este ano, disse o ministro."},
    {"sv", "Regeringen meddelade att skatterna inte kommer att höjas under året."},
    {"pl", "Rząd zapowiedział, że w tym roku nie podniesie podatków, powiedział minister."},
    {"ru", "Правительство объявило, что в этом году налоги не будут повышены."},
    {"uk", "Уряд оголосив, що цього року податки не будуть підвищені для громадян."},
    {"ja", "政府は今年、税金を引き上げないと発表しました。首相が記者会見で述べた。"},
    {"el", "Η κυβέρνηση ανακοίνωσε ότι φέτος δεν θα αυξήσει τους φόρους."},
    {"ar", "أعلنت الحكومة أنها لن ترفع الضرائب هذا العام كما قال الوزير للصحفيين."},
};

TEST(Language, SamplesAreToldWithoutAHint) {
  World world;
  for (const Sample& sample : kSamples) world.add(sample.text);
  world.run();
  std::uint32_t row = 0;
  for (const Sample& sample : kSamples)
    EXPECT_EQ(world.code(row++), sample.language) << sample.text;
}

TEST(Language, HintThatTheStopWordsConfirmNeedsNoDetector) {
  const World world = ran(kSamples[0].text, "nl-NL");
  EXPECT_EQ(world.code(0), "nl");
  EXPECT_GE(world.tag(0).confidence, 75);
  EXPECT_EQ(world.kinds(0), (Kinds{EvidenceKind::publisher_hint, EvidenceKind::stop_words}));
  const Evidence& hint = world.annotations.evidence[0];
  EXPECT_EQ(hint.entry, "nl");
  EXPECT_EQ(hint.artefact, Artefact::publisher);
  const Evidence& vote = world.annotations.evidence[1];
  EXPECT_EQ(vote.entry, "nl");
  EXPECT_GE(vote.count, 5);
  EXPECT_FALSE(vote.runner_up.empty());
}

TEST(Language, HintThatTheTextBeliesIsOverruled) {
  for (const std::string_view wrong : {"en", "fr", "ja", "xx"}) {
    const World world = ran(kSamples[0].text, wrong);
    EXPECT_EQ(world.code(0), "nl") << wrong;
    EXPECT_EQ(world.kinds(0), (Kinds{EvidenceKind::publisher_hint, EvidenceKind::stop_words,
                                     EvidenceKind::detector}));
  }
}

TEST(Language, TooLittleTextLeavesTheHintWithLowConfidence) {
  const World world = ran("1-0", "nl");
  EXPECT_EQ(world.code(0), "nl");
  EXPECT_LE(world.tag(0).confidence, 30);
  EXPECT_EQ(world.kinds(0), Kinds{EvidenceKind::publisher_hint});
}

TEST(Language, TooLittleTextWithoutAHintIsUndetermined) {
  for (const std::string_view text : {"", "12:30", "1-0 !!!", "😀"}) {
    const World world = ran(text);
    EXPECT_TRUE(world.tag(0).code.empty()) << text << ": " << world.code(0);
    EXPECT_EQ(world.tag(0).confidence, 0);
    EXPECT_TRUE(world.kinds(0).empty());
  }
}

TEST(Language, DamagedTagsAreNoHint) {
  for (const std::string_view tag : {"n", "dutch", "12", "-"}) {
    const World world = ran(kSamples[0].text, tag);
    EXPECT_EQ(world.code(0), "nl") << tag;
    EXPECT_EQ(world.kinds(0), (Kinds{EvidenceKind::stop_words, EvidenceKind::detector})) << tag;
  }
}

TEST(Language, NorwegianIsConfirmedUnderEachOfItsTags) {
  constexpr std::string_view kText =
      "Regjeringen sier at det ikke blir noen økning av skattene i år, men at den vil vurdere det.";
  for (const std::string_view tag : {"no", "nb", "nb-NO"}) {
    const World world = ran(kText, tag);
    EXPECT_EQ(world.tag(0).code, LanguageCode::from_tag(tag));
    EXPECT_GE(world.tag(0).confidence, 75) << tag;
  }
}

TEST(Language, MarkupDoesNotCount) {
  const World world =
      ran("<div class=\"the and of\"><p title=\"this is the and\">De minister zei dat het "
          "<b>kabinet</b> nog niet klaar is.</p></div>",
          {}, TextFormat::html);
  EXPECT_EQ(world.code(0), "nl");
}

TEST(Language, LongestPartDecides) {
  World world;
  world.add_parts({{"Breaking news from the city", PartKind::headline, TextFormat::plain, 0},
                   {"De minister zei dat het kabinet nog niet klaar is met het plan, maar dat er "
                    "deze week een besluit over wordt genomen door de ministers.",
                    PartKind::body, TextFormat::plain, 0}},
                  {});
  world.run();
  EXPECT_EQ(world.code(0), "nl");
}

TEST(Language, OnlyRowsThatPublishAreLookedAt) {
  World world;
  world.add(kSamples[0].text);
  world.add(kSamples[0].text);
  world.batch().set_verdict(0, VerdictKind::faulty, Reason::no_text, "test", "");
  world.run();
  EXPECT_TRUE(world.tag(0).code.empty());
  EXPECT_EQ(world.code(1), "nl");
}

TEST(Language, EvidenceOutlivesTheBatch) {
  World world = ran(kSamples[4].text, "nl");
  world.batch().clear();
  std::vector<std::string> entries;
  entries.reserve(world.annotations.evidence.size());
  for (const Evidence& row : world.annotations.evidence) entries.emplace_back(row.entry);
  EXPECT_EQ(entries, (std::vector<std::string>{"nl", "en", "en"}));
}

TEST(Language, InvalidTextIsSurvived) {
  World world;
  world.add("\xFF\xFE de het \xC3 een \xE2\x82 van", "nl");
  world.add(std::string(100'000, 'x'), "nl");
  std::string long_text;
  for (int i = 0; i < 20'000; ++i) long_text += "\xF0\x9F\x98\x80 \xEF\xBF\xBF ";
  world.add(long_text);
  world.run();
  EXPECT_EQ(world.code(0), "nl");
}

// Lines of language TAB text; the share of lines whose language is told without a hint.
std::map<std::string, double> accuracy(const std::vector<std::string>& lines) {
  std::map<std::string, std::pair<int, int>> counts;
  World world;
  std::vector<std::string> languages;
  const auto settle = [&] {
    world.run();
    for (std::uint32_t row = 0; row < languages.size(); ++row) {
      auto& [right, all] = counts[languages[row]];
      right += world.code(row) == languages[row] ? 1 : 0;
      ++all;
    }
    world.batch().clear();
    languages.clear();
  };
  for (const std::string& line : lines) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    languages.push_back(line.substr(0, tab));
    world.add(std::string_view(line).substr(tab + 1));
    if (languages.size() == 1000) settle();
  }
  settle();
  std::map<std::string, double> shares;
  for (const auto& [language, count] : counts) {
    shares[language] = static_cast<double>(count.first) / count.second;
  }
  return shares;
}

TEST(LanguagePublicData, DutchSentencesAreMostlyTold) {
  const auto folder = testing::public_data_folder();
  auto shares = accuracy(testing::lines_of(
      testing::read_gzip(folder.string() + "/langid-lingua/sentences.dev.tsv.gz")));
  for (const char* language : {"nl", "en", "de", "fr", "es"}) {
    std::cout << language << " " << shares[language] << "\n";
  }
  EXPECT_GE(shares["nl"], 0.90);
  EXPECT_GE(shares["en"], 0.90);
  EXPECT_GE(shares["de"], 0.90);
}

}  // namespace
}  // namespace telex
