#include "tests/bench/corpus_words.h"

namespace telex::bench {
namespace {

using View = std::string_view;

constexpr View kSentencesNl[] = {
    "{t} kwamen {P} en {P} bijeen in {V} voor overleg over {n}.",
    "Volgens {A} diplomaten wil {S} dat {C} en {C} samen {n} {v}.",
    "De {A} regering in {V} heeft {n} voorlopig {v}, meldt {O}.",
    "\"Wij laten {n} niet los\", zei {S} na afloop van het {w} met de {A} delegatie.",
    "{D} en {D} reageren verdeeld op het voorstel van {O} om {n} te {v}.",
    "Premier {P} noemde het {a} {w} met {C} een stap die {n} vooruit moet helpen.",
    "In {V} en {V} gingen # {D} de straat op tegen {n}.",
    "{O} en {O} onderzoeken of het {A} {w} past bij de afspraken uit #.",
    "Minister {P} reist {t} naar {V}, waar ook {S} wordt verwacht.",
    "De {A} en {A} ministers spraken # uur lang over het {w} en over {n}.",
    "Woordvoerder {P} van {O} wil niet zeggen of het {w} van {C} wordt {v}.",
    "Tussen {V} en {V} rijden {t} geen treinen; {O} zoekt een oplossing.",
    "{S} sprak later met {A} journalisten over {n}, maar ging niet in op het {a} {w}.",
    "Het {A} parlement stemde met # tegen # stemmen voor {n}; {O} is tegen.",
    "{C} levert # {a} voertuigen, {A} bronnen spreken van een {w} dat {n} moet {v}.",
    "Bij {O} in {V} werken # mensen, onder wie veel {D}.",
    "{P}, {P} en {P} namen namens {O} deel aan het {w}.",
    "De {O}-leiders en het {A} kabinet willen het {w} {t} {v}.",
};
constexpr View kPlainNl[] = {
    "Het {w} moet ervoor zorgen dat {n} niet langer wordt {v}.",
    "{t} werd duidelijk dat er # {a} gevallen zijn bijgekomen.",
    "De onderhandelaars hopen dat er snel een akkoord over {n} komt, maar zeker is dat niet.",
    "Wie het {w} en {n} naast elkaar legt, ziet hoe {a} het verschil is geworden.",
    "Er is volgens betrokkenen nog # dagen tijd om het {a} {w} te {v}.",
    "Ook het {w} speelt een rol: de kosten stegen met # procent.",
    "Veel inwoners vragen zich af waarom {n} niet eerder is {v}.",
    "De uitkomst van het {w} wordt {t} verwacht, zo blijkt uit {a} stukken.",
};
constexpr View kHeadlinesNl[] = {
    "{P} wil dat {C} {n} gaat {v}",
    "{A} regering en {O} oneens over {n}",
    "{V} maakt zich op voor {w}, {S} praat mee",
    "{O}: {w} van {C} komt te laat",
};
constexpr View kHeadingsNl[] = {"Lange nacht", "Nieuwe ronde", "Geen akkoord", "Hoge kosten",
                                "Wat nu?"};
constexpr View kNounsNl =
    "de begroting|het asielbeleid|de vredesbesprekingen|de woningbouw|het staakt-het-vuren|"
    "de verkiezingen|de rente|het klimaatakkoord|de stikstofregels|de wapenleveringen|de zorg|"
    "het onderwijs|de inflatie|de rechtszaak|het onderzoek|de grenscontroles|de handelsoorlog|"
    "de energieprijzen|het pensioenstelsel|de sancties|de overstromingen|de staking|het verdrag|"
    "de noodtoestand|de economie|de belastingen|het leger|de rechtbank|de vluchtelingen|"
    "het ziekenhuis|de gemeenten|de boeren|het openbaar vervoer|de politie|de veiligheidsgaranties";
constexpr View kAdjectivesNl =
    "nieuwe zware langdurige onverwachte voorlopige omstreden lokale tijdelijke strenge gewapende "
    "financiële belangrijke eerdere gezamenlijke openbare kritische grote zeldzame politieke "
    "juridische technische militaire dure snelle besloten harde voorzichtige brede";
constexpr View kVerbsNl =
    "verlengen steunen uitstellen bespreken hervormen afwijzen verdedigen invoeren onderzoeken "
    "beperken betalen bewaken aanpassen herzien stoppen voorbereiden versnellen toetsen";
constexpr View kStemsNl =
    "vredes defensie klimaat water haven verkeers bouw begrotings asiel landbouw onderwijs zorg "
    "energie handels grens jeugd arbeids cultuur spoor lucht veiligheids belasting woning natuur "
    "kust pensioen";
constexpr View kEndingsNl =
    "overleg plan akkoord debat voorstel onderzoek beleid rapport project conflict proces pakket "
    "besluit fonds bestand verbod toezicht programma congres beraad netwerk tekort verslag";
constexpr View kTimesNl =
    "vandaag|gisteren|maandag|dinsdagmiddag|vorige week|in het weekend|vanochtend|sinds januari|"
    "donderdagavond|na de zomer|begin maart";

constexpr View kSentencesEn[] = {
    "{P} and {P} met in {V} {t} for talks on {n}.",
    "According to {A} officials, {S} wants {C} and {C} to {v} {n} together.",
    "The {A} government in {V} decided to {v} {n}, {O} reported.",
    "\"We will not give up on {n},\" {S} said after the {w} with the {A} delegation.",
    "{D} and {D} were divided over the plan by {O} to {v} {n}.",
    "Prime Minister {P} called the {a} {w} with {C} a step forward for {n}.",
    "In {V} and {V}, # {D} took to the streets against {n}.",
    "{O} and {O} are looking into whether the {A} {w} fits the rules of #.",
    "The {A} and {A} ministers spoke for # hours about the {w}.",
    "{S} later told {A} reporters about {n}, but not about the {a} {w}.",
    "{O} employs # people in {V}, many of them {D}.",
    "{P}, {P} and {P} took part in the {w} on behalf of {O}.",
};
constexpr View kPlainEn[] = {
    "The {w} is meant to ensure that {n} can no longer be ignored.",
    "It became clear {t} that there were # more {a} cases.",
    "Negotiators hope to {v} {n} soon, but nobody is certain of that.",
    "Those involved say there are # days left to {v} the {a} {w}.",
    "Costs rose by # percent, and the {w} has been part of the reason.",
    "Many residents ask why it took so long to {v} {n}.",
};
constexpr View kHeadlinesEn[] = {"{P} urges {C} to {v} {n}", "{A} government and {O} split on {n}",
                                 "{V} braces for {w} as {S} arrives"};
constexpr View kHeadingsEn[] = {"A long night", "Next round", "No deal yet", "Rising costs"};
constexpr View kNounsEn =
    "the budget|asylum policy|the peace talks|housing|the ceasefire|the election|interest rates|"
    "the climate deal|arms deliveries|health care|education|inflation|the trial|the inquiry|"
    "border controls|the trade war|energy prices|the pension system|sanctions|the floods|"
    "the strike|the treaty|the economy|taxes|the army|the court|refugees|the hospital|farmers|"
    "public transport|the police|security guarantees";
constexpr View kAdjectivesEn =
    "new heavy lasting unexpected preliminary disputed local temporary strict armed financial "
    "important earlier joint public critical large rare political legal technical military costly "
    "quick closed tough cautious broad";
constexpr View kVerbsEn =
    "extend support delay discuss reform reject defend introduce examine limit fund guard adjust "
    "review stop prepare speed test";
constexpr View kStemsEn =
    "peace defence climate water harbour traffic building budget asylum farming school health "
    "energy trade border youth labour culture rail air safety tax housing nature coast pension";
constexpr View kEndingsEn =
    " meeting| plan| agreement| debate| proposal| inquiry| policy| report| project| conflict| "
    "process| package| decision| fund| truce| ban| oversight| programme| congress| network| gap";
constexpr View kTimesEn =
    "today|yesterday|on Monday|on Tuesday afternoon|last week|over the weekend|this morning|"
    "since January|on Thursday night|after the summer|in early March";

constexpr View kSentencesDe[] = {
    "{t} haben sich {P} und {P} in {V} getroffen, um über {n} zu sprechen.",
    "Nach Angaben aus {A} Kreisen will {S}, dass {C} und {C} gemeinsam {n} {v}.",
    "Die {A} Regierung in {V} will {n} vorerst nicht {v}, berichtet {O}.",
    "„Wir geben {n} nicht auf“, sagte {S} nach dem {w} mit der {A} Delegation.",
    "{D} und {D} sind uneins über den Vorschlag von {O}, {n} zu {v}.",
    "Ministerpräsident {P} nannte das {a} {w} mit {C} einen wichtigen Schritt.",
    "In {V} und {V} gingen # {D} auf die Straße.",
    "{O} und {O} prüfen, ob das {A} {w} zu den Regeln von # passt.",
    "Die {A} und {A} Minister sprachen # Stunden lang über das {w} und über {n}.",
    "{P}, {P} und {P} nahmen für {O} an dem {w} teil.",
};
constexpr View kPlainDe[] = {
    "Das {w} soll dafür sorgen, dass {n} nicht länger liegen bleibt.",
    "{t} wurde klar, dass es # {a} Fälle mehr gibt als im Vorjahr.",
    "Ob {n} bald zu {v} ist, weiß noch niemand, doch die Zeit drängt.",
    "Die Kosten stiegen um # Prozent, und auch das {w} ist ein Grund dafür.",
    "Viele fragen sich, warum es so lange gedauert hat, {n} zu {v}.",
};
constexpr View kHeadlinesDe[] = {"{P} fordert {C} auf, {n} zu {v}",
                                 "{A} Regierung und {O} uneins über {n}",
                                 "{V} wartet auf das {w}, {S} reist an"};
constexpr View kHeadingsDe[] = {"Lange Nacht", "Nächste Runde", "Keine Einigung", "Hohe Kosten"};
constexpr View kNounsDe =
    "den Haushalt|die Asylpolitik|die Friedensgespräche|den Wohnungsbau|die Waffenruhe|die Wahl|"
    "die Zinsen|das Klimaabkommen|die Waffenlieferungen|die Pflege|die Bildung|die Inflation|"
    "den Prozess|die Untersuchung|die Grenzkontrollen|den Handelskrieg|die Energiepreise|"
    "die Renten|die Sanktionen|das Hochwasser|den Streik|den Vertrag|die Wirtschaft|die Steuern|"
    "die Armee|das Gericht|die Geflüchteten|das Krankenhaus|die Landwirte|die Polizei";
constexpr View kAdjectivesDe =
    "neue schwere lange unerwartete vorläufige umstrittene örtliche befristete strenge bewaffnete "
    "finanzielle wichtige frühere gemeinsame öffentliche kritische große seltene politische "
    "rechtliche technische militärische teure schnelle harte vorsichtige breite";
constexpr View kVerbsDe =
    "verlängern unterstützen verschieben besprechen reformieren ablehnen verteidigen einführen "
    "untersuchen begrenzen bezahlen bewachen anpassen prüfen stoppen vorbereiten beschleunigen";
constexpr View kStemsDe =
    "Friedens Verteidigungs Klima Wasser Hafen Verkehrs Bau Haushalts Asyl Agrar Bildungs "
    "Gesundheits Energie Handels Grenz Jugend Arbeits Kultur Bahn Luft Sicherheits Steuer Wohnungs "
    "Natur Küsten Renten";
constexpr View kEndingsDe =
    "treffen vorhaben abkommen gesetz konzept verfahren programm projekt paket verbot netzwerk "
    "gutachten defizit papier forum gremium budget";
constexpr View kTimesDe =
    "Heute|Gestern|Am Montag|Am Dienstagnachmittag|Vorige Woche|Am Wochenende|Am Morgen|"
    "Seit Januar|Am Donnerstagabend|Nach dem Sommer|Anfang März";

constexpr View kSentencesFr[] = {
    "{P} et {P} se sont réunis à {V} {t} pour parler de {n}.",
    "Selon des diplomates, {S} souhaite que {C} et {C} puissent {v} {n} ensemble.",
    "Le gouvernement de {V} a décidé de {v} {n}, a indiqué {O}.",
    "« Nous n'abandonnerons pas {n} », a dit {S} après le {w} avec la délégation.",
    "Les {D} et les {D} sont partagés sur le projet de {O} visant à {v} {n}.",
    "Le premier ministre {P} a qualifié le {w} avec {C} d'étape {a} pour {n}.",
    "À {V} et à {V}, # {D} sont descendus dans la rue contre {n}.",
    "{O} et {O} examinent si le {w} {A} respecte les règles de #.",
    "Le ministre {A} et le ministre {A} ont parlé pendant # heures du {w}.",
    "{P}, {P} et {P} ont pris part au {w} au nom de {O}.",
};
constexpr View kPlainFr[] = {
    "Le {w} doit faire en sorte que l'on n'oublie plus {n}.",
    "On a appris {t} que # cas de plus avaient été recensés, un chiffre {a}.",
    "Les négociateurs espèrent {v} {n} bientôt, mais rien n'est certain.",
    "Les coûts ont augmenté de # pour cent, et le {w} n'y est pas étranger.",
    "Beaucoup d'habitants se demandent pourquoi il a fallu tant de temps pour {v} {n}.",
};
constexpr View kHeadlinesFr[] = {"{P} appelle {C} à {v} {n}", "{O} et {V} divisés sur {n}",
                                 "{V} se prépare au {w}, {S} attendu"};
constexpr View kHeadingsFr[] = {"Une longue nuit", "Prochaine étape", "Pas d'accord",
                                "Des coûts élevés"};
constexpr View kNounsFr =
    "le budget|la politique d'asile|les pourparlers de paix|le logement|le cessez-le-feu|"
    "l'élection|les taux d'intérêt|l'accord sur le climat|les livraisons d'armes|la santé|"
    "l'éducation|l'inflation|le procès|l'enquête|les contrôles aux frontières|"
    "la guerre commerciale|les prix de l'énergie|les retraites|les sanctions|les inondations|"
    "la grève|le traité|l'économie|les impôts|l'armée|le tribunal|les réfugiés|l'hôpital|"
    "les agriculteurs|les transports publics|la police";
constexpr View kAdjectivesFr =
    "nouvelle lourde durable inattendue provisoire contestée locale temporaire stricte financière "
    "importante commune publique critique rare politique juridique technique militaire rapide "
    "prudente large";
constexpr View kVerbsFr =
    "prolonger soutenir reporter examiner réformer rejeter défendre introduire limiter financer "
    "surveiller adapter revoir arrêter préparer accélérer tester";
constexpr View kStemsFr =
    "sommet plan accord débat projet rapport programme conflit processus paquet fonds conseil "
    "congrès réseau déficit comité texte vote marché chantier";
constexpr View kEndingsFr =
    " de paix| de défense| du climat| de l'eau| du port| des transports| agricole| scolaire| "
    "énergétique| commercial| frontalier| culturel| fiscal| social| régional| côtier| aérien";
constexpr View kTimesFr =
    "aujourd'hui|hier|lundi|mardi après-midi|la semaine dernière|ce week-end|ce matin|"
    "depuis janvier|jeudi soir|après l'été|début mars";

constexpr View kSentencesEs[] = {
    "{P} y {P} se reunieron {t} en {V} para hablar de {n}.",
    "Según fuentes diplomáticas, {S} quiere que {C} y {C} logren {v} {n} juntos.",
    "El gobierno de {V} ha decidido {v} {n}, según informa {O}.",
    "«No vamos a abandonar {n}», dijo {S} después del {w} con la delegación.",
    "Los {D} y los {D} están divididos ante el proyecto de {O} de {v} {n}.",
    "El primer ministro {P} calificó el {w} con {C} de decisión {a} para {n}.",
    "En {V} y en {V}, # {D} salieron a la calle contra {n}.",
    "{O} y {O} estudian si el {w} {A} cumple las normas de #.",
    "El ministro {A} y el ministro {A} hablaron durante # horas del {w}.",
    "{P}, {P} y {P} participaron en el {w} en nombre de {O}.",
};
constexpr View kPlainEs[] = {
    "El {w} debe garantizar que no se olvide {n}.",
    "Se supo {t} que hay # casos más, una cifra {a} para esta época del año.",
    "Los negociadores esperan {v} {n} pronto, pero nada es seguro.",
    "Los costes subieron un # por ciento, y el {w} tiene algo que ver con ello.",
    "Muchos vecinos se preguntan por qué se ha tardado tanto en {v} {n}.",
};
constexpr View kHeadlinesEs[] = {"{P} pide a {C} {v} {n}", "{O} y {V}, divididos ante {n}",
                                 "{V} se prepara para el {w} y espera a {S}"};
constexpr View kHeadingsEs[] = {"Una larga noche", "Próxima ronda", "Sin acuerdo",
                                "Costes elevados"};
constexpr View kNounsEs =
    "el presupuesto|la política de asilo|las conversaciones de paz|la vivienda|el alto el fuego|"
    "las elecciones|los tipos de interés|el acuerdo del clima|los envíos de armas|la sanidad|"
    "la educación|la inflación|el juicio|la investigación|los controles fronterizos|"
    "la guerra comercial|los precios de la energía|las pensiones|las sanciones|las inundaciones|"
    "la huelga|el tratado|la economía|los impuestos|el ejército|el tribunal|los refugiados|"
    "el hospital|los agricultores|el transporte público|la policía";
constexpr View kAdjectivesEs =
    "nueva grave duradera inesperada provisional discutida local temporal estricta financiera "
    "importante conjunta pública crítica rara política jurídica técnica militar rápida prudente "
    "amplia";
constexpr View kVerbsEs =
    "prolongar apoyar aplazar debatir reformar rechazar defender introducir examinar limitar "
    "financiar vigilar adaptar revisar frenar preparar acelerar probar";
constexpr View kStemsEs =
    "plan acuerdo debate proyecto informe programa conflicto proceso paquete fondo consejo "
    "congreso comité texto voto mercado encuentro pacto";
constexpr View kEndingsEs =
    " de paz| de defensa| del clima| del agua| del puerto| de transporte| agrícola| escolar| "
    "energético| comercial| fronterizo| cultural| fiscal| social| regional| costero| aéreo";
constexpr View kTimesEs =
    "hoy|ayer|el lunes|el martes por la tarde|la semana pasada|este fin de semana|esta mañana|"
    "desde enero|el jueves por la noche|después del verano|a principios de marzo";

constexpr LanguageWords kWords[kLanguageCount] = {
    {kSentencesNl, kPlainNl, kHeadlinesNl, kHeadingsNl, kNounsNl, kAdjectivesNl, kVerbsNl, kStemsNl,
     kEndingsNl, kTimesNl},
    {kSentencesEn, kPlainEn, kHeadlinesEn, kHeadingsEn, kNounsEn, kAdjectivesEn, kVerbsEn, kStemsEn,
     kEndingsEn, kTimesEn},
    {kSentencesDe, kPlainDe, kHeadlinesDe, kHeadingsDe, kNounsDe, kAdjectivesDe, kVerbsDe, kStemsDe,
     kEndingsDe, kTimesDe},
    {kSentencesFr, kPlainFr, kHeadlinesFr, kHeadingsFr, kNounsFr, kAdjectivesFr, kVerbsFr, kStemsFr,
     kEndingsFr, kTimesFr},
    {kSentencesEs, kPlainEs, kHeadlinesEs, kHeadingsEs, kNounsEs, kAdjectivesEs, kVerbsEs, kStemsEs,
     kEndingsEs, kTimesEs},
};

constexpr CountryWords kCountries[] = {
    {{"Oekraïne", "Ukraine", "die Ukraine", "l'Ukraine", "Ucrania"},
     {"Oekraïense", "Ukrainian", "ukrainischen", "ukrainien", "ucraniano"},
     {"Oekraïners", "Ukrainians", "Ukrainer", "Ukrainiens", "ucranianos"}},
    {{"Rusland", "Russia", "Russland", "la Russie", "Rusia"},
     {"Russische", "Russian", "russischen", "russe", "ruso"},
     {"Russen", "Russians", "Russen", "Russes", "rusos"}},
    {{"Frankrijk", "France", "Frankreich", "la France", "Francia"},
     {"Franse", "French", "französischen", "français", "francés"},
     {"Fransen", "Frenchmen", "Franzosen", "Français", "franceses"}},
    {{"Duitsland", "Germany", "Deutschland", "l'Allemagne", "Alemania"},
     {"Duitse", "German", "deutschen", "allemand", "alemán"},
     {"Duitsers", "Germans", "Deutsche", "Allemands", "alemanes"}},
    {{"Polen", "Poland", "Polen", "la Pologne", "Polonia"},
     {"Poolse", "Polish", "polnischen", "polonais", "polaco"},
     {"Polen", "Poles", "Polen", "Polonais", "polacos"}},
    {{"Turkije", "Turkey", "die Türkei", "la Turquie", "Turquía"},
     {"Turkse", "Turkish", "türkischen", "turc", "turco"},
     {"Turken", "Turks", "Türken", "Turcs", "turcos"}},
    {{"Spanje", "Spain", "Spanien", "l'Espagne", "España"},
     {"Spaanse", "Spanish", "spanischen", "espagnol", "español"},
     {"Spanjaarden", "Spaniards", "Spanier", "Espagnols", "españoles"}},
    {{"Italië", "Italy", "Italien", "l'Italie", "Italia"},
     {"Italiaanse", "Italian", "italienischen", "italien", "italiano"},
     {"Italianen", "Italians", "Italiener", "Italiens", "italianos"}},
    {{"Zweden", "Sweden", "Schweden", "la Suède", "Suecia"},
     {"Zweedse", "Swedish", "schwedischen", "suédois", "sueco"},
     {"Zweden", "Swedes", "Schweden", "Suédois", "suecos"}},
    {{"Hongarije", "Hungary", "Ungarn", "la Hongrie", "Hungría"},
     {"Hongaarse", "Hungarian", "ungarischen", "hongrois", "húngaro"},
     {"Hongaren", "Hungarians", "Ungarn", "Hongrois", "húngaros"}},
    {{"Israël", "Israel", "Israel", "Israël", "Israel"},
     {"Israëlische", "Israeli", "israelischen", "israélien", "israelí"},
     {"Israëliërs", "Israelis", "Israelis", "Israéliens", "israelíes"}},
    {{"Egypte", "Egypt", "Ägypten", "l'Égypte", "Egipto"},
     {"Egyptische", "Egyptian", "ägyptischen", "égyptien", "egipcio"},
     {"Egyptenaren", "Egyptians", "Ägypter", "Égyptiens", "egipcios"}},
    {{"China", "China", "China", "la Chine", "China"},
     {"Chinese", "Chinese", "chinesischen", "chinois", "chino"},
     {"Chinezen", "Chinese", "Chinesen", "Chinois", "chinos"}},
    {{"Brazilië", "Brazil", "Brasilien", "le Brésil", "Brasil"},
     {"Braziliaanse", "Brazilian", "brasilianischen", "brésilien", "brasileño"},
     {"Brazilianen", "Brazilians", "Brasilianer", "Brésiliens", "brasileños"}},
    {{"België", "Belgium", "Belgien", "la Belgique", "Bélgica"},
     {"Belgische", "Belgian", "belgischen", "belge", "belga"},
     {"Belgen", "Belgians", "Belgier", "Belges", "belgas"}},
    {{"Griekenland", "Greece", "Griechenland", "la Grèce", "Grecia"},
     {"Griekse", "Greek", "griechischen", "grec", "griego"},
     {"Grieken", "Greeks", "Griechen", "Grecs", "griegos"}},
};

constexpr Spellings kCities[] = {
    {"Parijs", "Paris", "Paris", "Paris", "París"},
    {"Londen", "London", "London", "Londres", "Londres"},
    {"Berlijn", "Berlin", "Berlin", "Berlin", "Berlín"},
    {"Brussel", "Brussels", "Brüssel", "Bruxelles", "Bruselas"},
    {"Warschau", "Warsaw", "Warschau", "Varsovie", "Varsovia"},
    {"Wenen", "Vienna", "Wien", "Vienne", "Viena"},
    {"Rome", "Rome", "Rom", "Rome", "Roma"},
    {"Madrid", "Madrid", "Madrid", "Madrid", "Madrid"},
    {"Lissabon", "Lisbon", "Lissabon", "Lisbonne", "Lisboa"},
    {"Kopenhagen", "Copenhagen", "Kopenhagen", "Copenhague", "Copenhague"},
    {"Praag", "Prague", "Prag", "Prague", "Praga"},
    {"Athene", "Athens", "Athen", "Athènes", "Atenas"},
    {"Boedapest", "Budapest", "Budapest", "Budapest", "Budapest"},
    {"Peking", "Beijing", "Peking", "Pékin", "Pekín"},
    {"Caïro", "Cairo", "Kairo", "Le Caire", "El Cairo"},
    {"München", "Munich", "München", "Munich", "Múnich"},
    {"Rotterdam", "Rotterdam", "Rotterdam", "Rotterdam", "Róterdam"},
    {"Den Haag", "The Hague", "Den Haag", "La Haye", "La Haya"},
    {"Utrecht", "Utrecht", "Utrecht", "Utrecht", "Utrecht"},
    {"Genève", "Geneva", "Genf", "Genève", "Ginebra"},
    {"New York", "New York", "New York", "New York", "Nueva York"},
    {"Antwerpen", "Antwerp", "Antwerpen", "Anvers", "Amberes"},
};

constexpr Spellings kOrganisations[] = {
    {"NAVO", "NATO", "die Nato", "l'OTAN", "la OTAN"},
    {"EU", "the EU", "die EU", "l'UE", "la UE"},
    {"Europese Commissie", "the European Commission", "die Europäische Kommission",
     "la Commission européenne", "la Comisión Europea"},
    {"Verenigde Naties", "the United Nations", "die Vereinten Nationen", "les Nations unies",
     "las Naciones Unidas"},
    {"Rode Kruis", "the Red Cross", "das Rote Kreuz", "la Croix-Rouge", "la Cruz Roja"},
    {"Wereldbank", "the World Bank", "die Weltbank", "la Banque mondiale", "el Banco Mundial"},
    {"IMF", "the IMF", "der IWF", "le FMI", "el FMI"},
    {"Internationaal Strafhof", "the International Criminal Court",
     "der Internationale Strafgerichtshof", "la Cour pénale internationale",
     "la Corte Penal Internacional"},
    {"Europese Centrale Bank", "the European Central Bank", "die Europäische Zentralbank",
     "la Banque centrale européenne", "el Banco Central Europeo"},
};

constexpr View kPeople[] = {
    "Mark Rutte",        "Dick Schoof",        "Emmanuel Macron",       "Olaf Scholz",
    "Keir Starmer",      "Giorgia Meloni",     "Ursula von der Leyen",  "António Costa",
    "Donald Trump",      "Volodymyr Zelensky", "Vladimir Poetin",       "Pedro Sánchez",
    "Donald Tusk",       "Viktor Orbán",       "Caroline van der Plas", "Frans Timmermans",
    "Geert Wilders",     "Rob Jetten",         "Marco Rubio",           "Kaja Kallas",
    "Christine Lagarde", "Jens Stoltenberg",   "António Guterres",      "Ruben Brekelmans",
};

}  // namespace

const LanguageWords& words(std::size_t language) { return kWords[language]; }
std::span<const CountryWords> countries() { return kCountries; }
std::span<const Spellings> cities() { return kCities; }
std::span<const Spellings> organisations() { return kOrganisations; }
std::span<const std::string_view> people() { return kPeople; }

}  // namespace telex::bench
