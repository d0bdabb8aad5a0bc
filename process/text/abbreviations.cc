#include "process/text/abbreviations.h"

#include <array>
#include <string_view>

#include "process/text/fold.h"

namespace telex {
namespace {

struct Words {
  std::uint8_t trait;
  std::string_view words;  // Folded, separated by spaces.
};

// Our own lists: what newspapers of these languages write before a dot. Titles stand before names,
// so a capital after them says nothing.
constexpr std::array kWords{
    Words{WordTraits::kTitle,
          "dhr mevr mw jhr nl drs ing ir mr dr prof bijv bv zgn resp incl excl evt vgl ds gen kol "
          "kapt lt "
          "sgt burg min mgr past pr zr fam "
          "mrs ms messrs vs capt col cmdr gov sen rep rev hon maj "
          "hr fr frl dipl bzw vgl sog ggf inkl zzgl hl st mio mrd "
          "mme mm mlle mlles mgr me sr sra srta srs dra dna exc gral tte cap"},
    Words{WordTraits::kNumbered,
          "no nr nrs num art par blz pag pp vol fig afb tab kap abs bl jg jrg afl dl hfst "
          "jan feb mrt apr jun jul aug sept sep okt oct nov dec dez avr juil janv fevr ene abr ago "
          "dic circa ca tel"},
    Words{WordTraits::kMayEnd,
          "etc enz jr inc corp co ltd bros dept univ ave blvd usw ff jl sl ed hs al str "
          "gebr mln mld km kg cm am pm as ea nc ac bc ad"},
    Words{WordTraits::kStarter,
          "de het een hij zij ze we wij ik er dat dit die deze in op na maar en ook volgens toen "
          "daarom bij met voor als om zo toch daarna intussen ondertussen vandaag gisteren morgen "
          "the he she it they i on at but and a an this that these those his her their after "
          "according when while for with you however meanwhile "
          "der das sie es wir ich ein eine im am auf nach aber und auch wenn bei fur mit dies "
          "diese der den dem "
          "le la les il elle ils elles un une dans mais et ce cette selon apres pour nous vous "
          "el los las una y pero segun se su para como"},
    Words{WordTraits::kMonthDe,
          "januar janner februar marz april mai juni juli august september oktober november "
          "dezember jahrhundert jahrhunderts"},
};

// Open addressing; the load stays below a half.
struct Table {
  static constexpr std::size_t kSlots = 1024;
  struct Slot {
    std::uint64_t hash = 0;
    std::uint8_t traits = 0;  // 0: free.
  };
  std::array<Slot, kSlots> slots{};

  Slot& slot(std::uint64_t hash) {
    std::size_t i = hash % kSlots;
    while (slots[i].traits != 0 && slots[i].hash != hash) i = (i + 1) % kSlots;
    return slots[i];
  }
  const Slot& slot(std::uint64_t hash) const { return const_cast<Table*>(this)->slot(hash); }
};

Table make_table() {
  Table table;
  for (const Words& row : kWords) {
    for (std::string_view rest = row.words; !rest.empty();) {
      const std::size_t space = rest.find(' ');
      const std::string_view word = rest.substr(0, space);
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
      Table::Slot& slot = table.slot(folded_hash(word));
      slot.hash = folded_hash(word);
      slot.traits = static_cast<std::uint8_t>(slot.traits | row.trait);
    }
  }
  return table;
}

}  // namespace

std::uint8_t word_traits(std::uint64_t folded_hash) {
  static const Table kTable = make_table();
  return kTable.slot(folded_hash).traits;
}

}  // namespace telex
