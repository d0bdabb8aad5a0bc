// The rules that telex ships: they load, lint clean, and find what short news briefs are about. The
// briefs are our own writing.
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/topics/rule_lint.h"
#include "process/topics/rules.h"
#include "tests/process/topics/topics_testing.h"
#include "tests/support/public_data.h"

namespace telex {
namespace {

using testing::codes;
using ::testing::Contains;
using testing::Desk;
using ::testing::IsEmpty;
using testing::Story;

struct Brief {
  const char* code;
  const char* language;
  const char* text;
};

// One for each top topic in nl and en: it must come out first.
const Brief kTopBriefs[] = {
    {"medtop:01000000", "nl",
     "De nieuwe speelfilm van de regisseur trok in het eerste weekend een half miljoen bezoekers "
     "naar "
     "de bioscoop. De hoofdrolspeelster geldt nu als kanshebber voor een Oscar, schrijven "
     "recensenten."},
    {"medtop:02000000", "nl",
     "De rechtbank in Zwolle heeft een 34-jarige man veroordeeld tot achttien jaar celstraf voor "
     "de "
     "moord op zijn zakenpartner. De officier van justitie had twintig jaar geëist; zijn advocaat "
     "gaat "
     "in hoger beroep."},
    {"medtop:03000000", "nl",
     "Een zware aardbeving heeft in het bergdorp tientallen huizen verwoest. Reddingswerkers "
     "zoeken in "
     "het puin naar overlevenden en de autoriteiten hebben de noodtoestand uitgeroepen."},
    {"medtop:04000000", "nl",
     "De chipfabrikant zag de omzet in het derde kwartaal met een kwart groeien en verhoogt het "
     "dividend. Beleggers reageerden verheugd: het aandeel sloot op de beurs vijf procent hoger."},
    {"medtop:05000000", "nl",
     "Door het lerarentekort krijgen leerlingen op basisscholen in de stad nog maar vier dagen "
     "les. "
     "Het schoolbestuur vreest dat de leesvaardigheid verder daalt."},
    {"medtop:06000000", "nl",
     "De uitstoot van broeikasgassen is vorig jaar nauwelijks gedaald. Volgens milieuorganisaties "
     "raken "
     "natuurgebieden door stikstof ernstig beschadigd en verdwijnt de biodiversiteit."},
    {"medtop:07000000", "nl",
     "Het ziekenhuis behandelt steeds meer patiënten met de nieuwe variant van het virus. Artsen "
     "roepen "
     "ouderen op een vaccinatie te halen bij de huisarts."},
    {"medtop:08000000", "nl",
     "Prinses Amalia was het stralende middelpunt van het jubileum van de koninklijke familie. Een "
     "100-jarige bewoonster bood haar een zelfgebreide sjaal aan voor haar verjaardag."},
    {"medtop:09000000", "nl",
     "De vakbond FNV en de werkgevers zijn het niet eens over een nieuwe cao. De werknemers eisen "
     "een "
     "loonsverhoging van zeven procent en dreigen met een staking."},
    {"medtop:10000000", "nl",
     "Steeds meer toeristen kiezen voor een stedentrip met de nachttrein in plaats van een "
     "strandvakantie. "
     "Hotels en restaurants in de binnenstad zitten deze zomer vol, zegt de reisorganisatie."},
    {"medtop:11000000", "nl",
     "Het kabinet is gevallen nadat de coalitie het niet eens werd over de begroting. De "
     "minister-president "
     "biedt vandaag zijn ontslag aan; de oppositie in de Tweede Kamer wil snel verkiezingen."},
    {"medtop:12000000", "nl",
     "De paus heeft tijdens de mis op het Sint-Pietersplein gebeden voor gelovigen die vervolgd "
     "worden. "
     "Bisschoppen uit de hele wereld woonden de dienst in het Vaticaan bij."},
    {"medtop:13000000", "nl",
     "Wetenschappers hebben met een nieuwe telescoop een planeet ontdekt in een ver "
     "sterrenstelsel. Met "
     "algoritmes en een supercomputer berekenden de onderzoekers de baan."},
    {"medtop:14000000", "nl",
     "Discriminatie van vrouwen en minderheden komt nog steeds veel voor, blijkt uit een rapport "
     "over de "
     "samenleving. Ook armoede en eenzaamheid onder ouderen nemen toe."},
    {"medtop:15000000", "nl",
     "De ploeg won de wedstrijd met 3-1 door twee doelpunten van de spits in de tweede helft. De "
     "trainer "
     "prees zijn elftal, dat nu bovenaan staat in de eredivisie."},
    {"medtop:16000000", "nl",
     "Bij een raketaanval op de havenstad zijn zeker twaalf doden gevallen. Het leger stuurde "
     "extra troepen "
     "naar het front en zegt dat de oorlog in een nieuwe fase komt."},
    {"medtop:17000000", "nl",
     "Morgen is het overwegend bewolkt met in het noorden enkele buien. Het wordt ongeveer twaalf "
     "graden "
     "en er staat een matige zuidwestenwind; later klaart het op en wordt het zonniger."},

    {"medtop:01000000", "en",
     "The director's latest film took home three prizes at the festival. Critics praised the lead "
     "actress, "
     "and the soundtrack album by a little-known singer is already topping the charts."},
    {"medtop:02000000", "en",
     "A jury found the former accountant guilty of murder after a three-week trial. The judge at "
     "the "
     "crown court will sentence him on Friday; his lawyer said he would appeal."},
    {"medtop:03000000", "en",
     "Rescue workers are searching the rubble after a powerful earthquake destroyed hundreds of "
     "homes. "
     "The death toll has risen to forty and thousands have been evacuated."},
    {"medtop:04000000", "en",
     "The carmaker reported a sharp fall in quarterly profit and warned investors that tariffs "
     "would hurt "
     "earnings. Shares in the company dropped six per cent on the stock exchange."},
    {"medtop:05000000", "en",
     "Teachers at the primary school say pupils have fallen behind in reading. The head teacher "
     "wants "
     "smaller classes and more support before the exams begin."},
    {"medtop:06000000", "en",
     "Greenhouse gas emissions rose again last year, a report on climate change says. Conservation "
     "groups "
     "warn that pollution and deforestation threaten wildlife and biodiversity."},
    {"medtop:07000000", "en",
     "Hospitals are treating growing numbers of patients with the infection, and doctors urge "
     "people to "
     "get the vaccine. Health officials say the symptoms are usually mild."},
    {"medtop:08000000", "en",
     "The royal family celebrated the princess's birthday with a small party. A 104-year-old "
     "great-grandmother "
     "who went viral for her dancing was among the guests at the palace."},
    {"medtop:09000000", "en",
     "Trade unions have called a walkout after talks over a pay rise broke down. Employers say the "
     "wage "
     "demands would lead to redundancies among their workers."},
    {"medtop:10000000", "en",
     "Holidaymakers looking for a quiet beach should try the island's smaller resorts. The hotels "
     "are "
     "affordable, the seafood restaurants excellent and the hiking trails easy to follow."},
    {"medtop:11000000", "en",
     "The prime minister dissolved parliament on Monday and called an early election. Opposition "
     "leaders "
     "accused the government of dodging a vote on its policy."},
    {"medtop:12000000", "en",
     "The pope led prayers in the cathedral and met bishops from across the Catholic church. "
     "Muslim and "
     "Jewish faith leaders joined the service."},
    {"medtop:13000000", "en",
     "Scientists using a new space telescope have discovered water on a distant planet. The "
     "researchers fed "
     "the data into an artificial intelligence model running on a supercomputer."},
    {"medtop:14000000", "en",
     "Racism and discrimination against migrants remain widespread, a charity says. Its survey "
     "also found "
     "rising poverty and homelessness among young families."},
    {"medtop:15000000", "en",
     "The striker scored twice as the visitors won the match 3-1 to reach the semi-finals. Their "
     "coach "
     "praised the goalkeeper, who saved a late penalty."},
    {"medtop:16000000", "en",
     "Troops backed by airstrikes have captured the town from rebel fighters. The army said the "
     "offensive "
     "would continue until the militants agreed to a ceasefire."},
    {"medtop:17000000", "en",
     "Heavy rain and gusts of up to 60mph are expected overnight, the Met Office says. Tomorrow "
     "will be "
     "drier with sunny spells and temperatures of about 14 degrees."},
};

// Lower topics: they must be among what is found, together with their top topic.
const Brief kLowerBriefs[] = {
    {"medtop:20000076", "nl",
     "De onderhandelaars van beide landen hervatten maandag de vredesbesprekingen. Zij spreken "
     "over een "
     "staakt-het-vuren en een vredesakkoord."},
    {"medtop:20000059", "nl",
     "Het parlement stemt in met het sturen van vredestroepen; blauwhelmen bewaken de grens."},
    {"medtop:20000640", "nl",
     "De regeringsleiders komen bijeen voor een spoedoverleg op de EU-top in Brussel."},
    {"medtop:20000574", "nl",
     "Bij de verkiezingen gingen kiezers massaal naar het stembureau; de lijsttrekker won tien "
     "zetels."},
    {"medtop:20000530", "nl",
     "De staking bij de spoorwegen duurt voort. De stakers willen een betere cao."},
    {"medtop:20000379", "nl",
     "De centrale bank laat de rente ongemoeid; economen hadden een renteverlaging verwacht."},
    {"medtop:20001065", "nl",
     "De bondscoach selecteert drie debutanten voor de voetbalwedstrijd van Oranje."},
    {"medtop:20000154", "nl",
     "Door hoogwater en een dijkdoorbraak staan dorpen onder water; de overstroming treft "
     "duizenden."},
    {"medtop:20001298", "nl",
     "Het taalmodel van OpenAI laat zien wat kunstmatige intelligentie inmiddels kan."},
    {"medtop:20000418", "nl",
     "De opwarming van de aarde gaat sneller dan gedacht, meldt het klimaatpanel over "
     "klimaatverandering."},
    {"medtop:20000449", "nl",
     "De uitbraak van ebola groeit uit tot een epidemie, waarschuwt de WHO."},
    {"medtop:20000111", "nl",
     "De rechtszaak tegen de kroongetuige begint; de officier van justitie eist een celstraf bij "
     "de rechtbank."},
    {"medtop:20000771", "nl",
     "De opvang van asielzoekers in Ter Apel zit vol; het COA zoekt plekken voor migranten."},
    {"medtop:20000607", "nl",
     "Op Prinsjesdag blijkt uit de Miljoenennota dat het begrotingstekort oploopt."},
    {"medtop:20000076", "en",
     "Negotiators resumed peace talks on Monday, hoping for a ceasefire and a peace deal."},
    {"medtop:20000059", "en",
     "The United Nations will send more peacekeepers; the blue helmets patrol the border."},
    {"medtop:20000640", "en",
     "World leaders gather for the G7 summit, where heads of state will hold emergency talks."},
    {"medtop:20000574", "en",
     "Voters queued at polling stations as the presidential election went to a run-off."},
    {"medtop:20000530", "en",
     "Rail workers went on strike for a second day as picket lines formed outside stations."},
    {"medtop:20000379", "en",
     "The central bank holds rates as expected; a rate cut may follow in spring."},
    {"medtop:20001065", "en",
     "The midfielder's late goal sent the Premier League side into the Champions League."},
    {"medtop:20000154", "en",
     "Flash floods swept through the valley after the river burst its banks, and flooding closed "
     "roads."},
    {"medtop:20001298", "en",
     "The chatbot, built on a large language model, shows how far artificial intelligence has "
     "come."},
    {"medtop:20000418", "en",
     "Climate change is accelerating, the IPCC says, and net zero targets will be missed."},
    {"medtop:20000449", "en",
     "Health officials declared an epidemic after the Ebola outbreak reached the capital."},
    {"medtop:20000111", "en",
     "The trial opened on Monday; prosecutors told the jury that the defendant had confessed."},
    {"medtop:20000771", "en",
     "Immigration rose sharply as more migrants and asylum seekers arrived in small boats."},
    {"medtop:20000607", "en",
     "The budget deficit widened and the treasury announced cuts in government spending."},
};

TEST(ShippedRules, LintFindsNothing) {
  const auto rules = TopicRules::shipped();
  EXPECT_THAT(lint_rules(rules->parsed(), rules->vocabulary()), IsEmpty());
}

TEST(ShippedRules, EveryLanguageHasAllTopTopics) {
  const auto rules = TopicRules::shipped();
  for (const char* language : {"nl", "en", "de", "fr", "es"}) {
    std::set<std::string> tops;
    for (const TopicRule& rule : rules->parsed()) {
      const VocabularyTopic& topic = rules->vocabulary()[rule.topic];
      if (rule.language.view() == language && topic.level == 1) {
        tops.insert(topic.code);
        EXPECT_GE(rule.words.size(), 40U) << language << " " << topic.code;
      }
    }
    EXPECT_EQ(tops.size(), 17U) << language;
  }
}

TEST(ShippedRules, DutchAndEnglishHaveTheSameTopics) {
  const auto rules = TopicRules::shipped();
  std::set<std::string> dutch;
  std::set<std::string> english;
  for (const TopicRule& rule : rules->parsed()) {
    const std::string& code = rules->vocabulary()[rule.topic].code;
    if (rule.language.view() == "nl") dutch.insert(code);
    if (rule.language.view() == "en") english.insert(code);
  }
  EXPECT_EQ(dutch, english);
  EXPECT_GE(dutch.size(), 17U + 10U);
}

TEST(ShippedRules, ABriefOnATopTopicGetsItFirst) {
  Desk desk(TopicRules::shipped());
  for (const Brief& brief : kTopBriefs) {
    const auto topics = desk.tag(Story{brief.text, "", brief.language});
    ASSERT_FALSE(topics.empty()) << brief.language << " " << brief.code;
    EXPECT_EQ(topics[0].code, brief.code) << brief.language << " " << brief.text;
    EXPECT_FALSE(topics[0].evidence.empty());
  }
}

TEST(ShippedRules, ABriefOnALowerTopicGetsItWithItsTopTopic) {
  const auto rules = TopicRules::shipped();
  const Vocabulary& vocabulary = rules->vocabulary();
  Desk desk(rules);
  for (const Brief& brief : kLowerBriefs) {
    const auto found = codes(desk.tag(Story{brief.text, "", brief.language}));
    const VocabularyTopic& topic = vocabulary[*vocabulary.find(brief.code)];
    EXPECT_THAT(found, Contains(brief.code)) << brief.language << " " << brief.text;
    EXPECT_THAT(found, Contains(vocabulary[topic.top].code)) << brief.language << " " << brief.text;
  }
}

struct Trap {
  const char* language;
  const char* text;
  const char* wrong;
};

// Words that look like a topic and are not.
const Trap kTraps[] = {
    {"nl", "De supermarkten zijn verwikkeld in een prijzenoorlog.", "medtop:16000000"},
    {"nl", "Het staakt-het-vuren houdt stand, melden de troepen.", "medtop:09000000"},
    {"nl", "Ze zaten op de zitbank in de tuin.", "medtop:04000000"},
    {"nl", "De spits kreeg een rode kaart van de scheidsrechter.", "medtop:02000000"},
    {"en", "Supermarkets are locked in a price war.", "medtop:16000000"},
    {"en", "Air strikes hit the port overnight, soldiers said.", "medtop:09000000"},
    {"en", "He suffered a heart attack on Sunday.", "medtop:16000000"},
};

TEST(ShippedRules, WordsThatOnlyLookLikeATopicDoNotGiveIt) {
  Desk desk(TopicRules::shipped());
  for (const Trap& trap : kTraps) {
    const auto found = codes(desk.tag(Story{trap.text, "", trap.language}));
    EXPECT_THAT(found, ::testing::Not(Contains(trap.wrong))) << trap.text;
  }
}

// The seed article of the public data: a Dutch report on a summit about a war.
TEST(ShippedRulesPublicData, TheSeedArticleIsAboutPoliticsAndConflictAndNothingElse) {
  const auto folder = testing::public_data_folder();
  const std::string text = testing::file_bytes(folder / "seed" / "article.txt");
  const auto rules = TopicRules::shipped();
  const Vocabulary& vocabulary = rules->vocabulary();
  const auto topics = Desk(rules).tag(Story{text, "", "nl"});
  std::set<std::string> tops;
  for (const auto& topic : topics) {
    if (vocabulary[*vocabulary.find(topic.code)].level == 1) tops.insert(topic.code);
  }
  EXPECT_EQ(tops, (std::set<std::string>{"medtop:11000000", "medtop:16000000"}));
  EXPECT_THAT(codes(topics),
              ::testing::IsSupersetOf({"medtop:20000076", "medtop:20000059", "medtop:20000640"}));
}

}  // namespace
}  // namespace telex
