// A pack of a few real names, for tests that must not depend on the shipped tables.
#pragma once

#include "process/knowledge/pack_builder.h"

namespace telex::test {

inline PackInputs small_world() {
  PackInputs in;
  in.version = "small world";
  in.people =
      "wd:Q57792\tMark Rutte\tsurname=Rutte\t"
      "prime_minister:NL:2010-10-14..2024-07-02|secretary_general:NATO:2024-10-01..\n"
      "wd:Q22338116\tDick Schoof\tsurname=Schoof\tprime_minister:NL:2024-07-02..\n"
      "wd:Q22686\tDonald Trump\tsurname=Trump\t"
      "president:US:2017-01-20..2021-01-20|president:US:2025-01-20..\n"
      "wd:Q76\tBarack Obama\tsurname=Obama\tpresident:US:2009-01-20..2017-01-20\n"
      "wd:Q28935729\tJ.D. Vance\tJD Vance|surname=Vance\tvice_president:US:2025-01-20..\n"
      "wd:Q7747\tVladimir Putin\tVladimir Poetin@nl|surname=Poetin@nl|surname=Putin\t"
      "president:RU:2012-05-07..\n"
      "wd:Q6383803\tKeir Starmer\tsurname=Starmer\tprime_minister:GB:2024-07-05..\n"
      "wd:Q264766\tTheresa May\tsurname=May!\tprime_minister:GB:2016-07-13..2019-07-24\n"
      "wd:Q1\tJohan Bakker\tsurname=Bakker\tminister:NL:2020..\n"
      "wd:Q2\tEls Bakker\tsurname=Bakker\tminister:BE:2020..\n"
      "wd:Q3\tCaroline van der Plas\tsurname=Van der Plas\tparty_leader:BBB:2019..\n";
  in.organisations =
      "NATO\twd:Q7184\tNATO\tNAVO^@nl|OTAN^@fr,es|NATO^@en,de\talliance\t-\n"
      "EU\twd:Q458\tEuropean Union\tEuropese Unie@nl|EU^\tunion\t-\n"
      "EC\twd:Q8880\tEuropean Commission\tEuropese Commissie@nl\tgovernment\t-\n"
      "WHO\twd:Q7817\tWorld Health Organization\tWHO^\tinternational\t-\n"
      "BBB\t-\tBBB\tBBB^\tparty\tNL\n"
      "DEFENSIE\t-\tMinisterie van Defensie\tministerie van Defensie@nl\tgovernment\tNL\n";
  in.places =
      "wd:Q55\tNL\tNetherlands\tNederland@nl|the Netherlands@en|Niederlande@de\t"
      "Nederlandse@nl|Nederlands@nl|Nederlanders@nl|Dutch@en\tcountry\n"
      "wd:Q212\tUA\tUkraine\tOekraïne@nl|Ukraine@en,de,fr\t"
      "Oekraïense@nl|Oekraïners@nl|Ukrainian@en|ukrainische@de|ukrainien@fr\tcountry\n"
      "wd:Q30\tUS\tUnited States\tVerenigde Staten@nl|VS^@nl|US^@en|USA^\t"
      "Amerikaanse@nl|Amerikaans@nl|Amerikanen@nl|American@en\tcountry\n"
      "wd:Q159\tRU\tRussia\tRusland@nl|Russland@de\tRussische@nl|Russen@nl|Russian@en\tcountry\n"
      "wd:Q145\tGB\tUnited Kingdom\tVerenigd Koninkrijk@nl|UK^@en\tBritse@nl|British@en\tcountry\n"
      "wd:Q142\tFR\tFrance\tFrankrijk@nl|France@fr\tFranse@nl|Français@fr\tcountry\n"
      "wd:Q183\tDE\tGermany\tDuitsland@nl|Deutschland@de\tDuitse@nl|deutsche@de\tcountry\n"
      "wd:Q31\tBE\tBelgium\tBelgië@nl\tBelgische@nl\tcountry\n"
      "wd:Q34\tSE\tSweden\tZweden@nl\tZweedse@nl\tcountry\n"
      "wd:Q36\tPL\tPoland\tPolen!@nl\t-\tcountry\n"
      "wd:Q851\tSA\tSaudi Arabia\tSaoedi-Arabië@nl|Saudi-Arabië@nl\t-\tcountry\n"
      "wd:Q810\tJO\tJordan\tJordanië@nl|Jordan!@en\t-\tcountry\n"
      "wd:Q46\tEUROPE\tEurope\tEuropa@nl,de\tEuropese@nl|Europeanen@nl\tcontinent\n"
      "-\tgn:2988507\tParis\tParijs@nl\t-\tcity\n"
      "-\tgn:4140963\tWashington, D.C.\tWashington\t-\tcity\n";
  in.titles =
      "nl\tpremier\tprime_minister\n"
      "nl\tpresident\tpresident\n"
      "nl\tvicepresident\tvice_president\n"
      "nl\tminister\tminister\n"
      "nl\tminister van Buitenlandse Zaken\tforeign_minister\n"
      "nl\tchef\tsecretary_general\n"
      "nl\tbaas\tsecretary_general\n"
      "nl\twoordvoerder\tspokesperson\n"
      "nl\tmevrouw\t-\n"
      "en\tpresident\tpresident\n"
      "en\tprime minister\tprime_minister\n"
      "de\tPräsident\tpresident\n";
  in.common_words =
      "any\tNice\nany\tReading\nnl\tBest\nnl\tMan\nnl\tVan\nnl\tHof\nen\tMay\nany\tBakker\n";
  in.first_names =
      "Jan\tm\tnl\nPiet\tm\tnl\nMark\tm\tnl,en\nParis\tf\ten\nJordan\tm\ten\nJohn\tm\ten\n";
  in.organisation_suffixes = "nl\tBV\nnl\tuniversiteit\nen\tLtd\nen\tUniversity\nen\tCollege\n";
  in.cue_words =
      "nl\tfunction\tvolgens|ook|het|de|in|toen|en|van|naar|hij|maar\n"
      "en\tfunction\tin|the|us|it|who|he|by|after\n"
      "nl\tparticle\tvan|de|der|den\n"
      "nl\tplace_cue\tin|naar|te|uit\nen\tplace_cue\tin\nde\tplace_cue\tin\n"
      "nl\tof\tvan\nen\tof\tof\nde\tof\tvon\n"
      "nl\tarticle\tde|het\nen\tarticle\tthe\n"
      "any\tprefix\tanti|pro\nnl\tformer\toud|ex|voormalig\nen\tformer\tformer\n"
      "nl\tdirection\tnoord|zuid|oost|west\nen\tcalendar\tmay\n"
      "nl\thonorific\tmevrouw\n"
      "nl\tjoin\ten\nnl\taim\tvoor\nnl\tfeature\trivier\n"
      "en\tof\tof\nes\tplace_cue\ten\nes\tarticle\tel|la\nes\tfunction\ty|en|el|la\n"
      "nl\thead\toorlog|regering\nde\thead\tkrieg\n";
  const auto city = [&in](std::uint64_t id, const char* name, const char* country,
                          std::uint32_t population) {
    in.cities.push_back({{id, name, country, population}, {}});
  };
  city(2988507, "Paris", "FR", 2138551);
  city(4717560, "Paris", "US", 24782);
  city(2990440, "Nice", "FR", 338620);
  city(2759040, "Best", "NL", 29074);
  city(2639577, "Reading", "GB", 318014);
  city(2284647, "Man", "CI", 139341);
  city(298117, "Van", "TR", 371713);
  city(2902768, "Hof", "DE", 49239);
  city(2745912, "Utrecht", "NL", 290529);
  city(2643743, "London", "GB", 8961989);
  city(6058560, "London", "CA", 346765);
  city(2653941, "Cambridge", "GB", 128488);
  city(4931972, "Cambridge", "US", 110402);
  city(4321929, "Wilson", "US", 49000);
  city(2939167, "Damme", "DE", 17000);
  city(3998655, "Le\u00F3n", "MX", 1579803);
  city(5364022, "La Palma", "US", 16000);
  city(5520993, "El Paso", "US", 679036);
  city(2693678, "Lund", "SE", 91940);
  city(2756253, "Eindhoven", "NL", 209620);
  city(2745641, "Venlo", "NL", 92403);
  city(2799478, "Deurne", "BE", 74016);
  city(2996944, "Lyon", "FR", 522969);
  return in;
}

}  // namespace telex::test
