// The Broker seam: all of Kafka that telex uses, in a few interfaces with values in and out. The
// client library behind it is one implementation (rd_client.cc), a simulator may be another.
//
// Ownership: a Broker makes clients and may go before them; a client owns its connections and ends
//            them in its destructor.
// Threads:   a Consumer or Producer belongs to one thread (a lane); Broker and Admin may be called
//            from any thread. Callbacks come from inside calls of the owner, log lines from any
//            thread.
// Errors:    values (errors.h). Only making a client may throw std::runtime_error, for settings
//            that no client can be made from.
// Time:      a call with a timeout returns after at most that time plus a few milliseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/errors.h"
#include "schemas/batch.h"
#include "schemas/types.h"

namespace telex::kafka {

using std::chrono::milliseconds;

// The next offset to be read of a partition. -1: none is known.
struct PartitionOffset {
  TopicPartition partition;
  Offset next;
  // Kept by the group beside a committed offset and given back by committed(). UTF-8; the broker
  // takes at most 4 KiB (offset.metadata.max.bytes). assign() does not look at it.
  std::string metadata{};
  auto operator<=>(const PartitionOffset&) const = default;
};

// A record as the broker gave it. Null key or value: data() == nullptr. Views are valid until the
// Consumer's next poll(), assign() or close().
struct ConsumerRecord {
  std::string_view topic;
  Partition partition;
  Offset offset;
  UnixMillis timestamp = kNoTimestamp;
  std::string_view key;
  std::string_view value;
  std::span<const Header> headers;
};

// A record to be sent; copied by produce().
struct ProducerRecord {
  std::string_view topic;
  Partition partition;                  // -1: by key (murmur2, as the Java client does).
  UnixMillis timestamp = kNoTimestamp;  // kNoTimestamp: the client's clock.
  std::string_view key;
  std::string_view value;
  std::span<const Header> headers;
};

// Called from inside Consumer::poll(). Which protocol is in force depends on the client's version
// (rebalances_cooperatively()), and both have to be stood:
//   eager        all that was assigned is revoked first, then all that is held now is assigned;
//   cooperative  only what changes hands is revoked or assigned (often nothing at all); the rest is
//                held, and read, all the while.
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  // `partitions` are held now, and silent until assign() says where to begin.
  virtual void on_assigned(std::span<const TopicPartition> partitions) = 0;
  // `partitions` are given up when this returns. `lost`: they are gone already, and whatever is
  // committed for them now will be refused or, worse, taken from their new owner.
  virtual void on_revoked(std::span<const TopicPartition> partitions, bool lost) = 0;
};

enum class PollStatus : std::uint8_t {
  nothing,
  record,
  error,
  // Only where ConsumerSettings::tell_ends says so: of record.topic and partition everything below
  // record.offset that this consumer may see now was handed out. Told again whenever more has been
  // read.
  end,
};

struct Watermarks {
  Offset low;   // First offset that is there.
  Offset high;  // One past the last offset that this consumer may see, see read_committed.
};

// How far the client has read ahead; up to a second old.
struct FetchProgress {
  Offset low;
  Offset stable_end;        // One past the last stable offset.
  Offset fetch_next;        // Next offset to be asked for, commit markers skipped.
  std::int64_t queued = 0;  // Records fetched and not yet handed out.
};

class Consumer {
 public:
  virtual ~Consumer() = default;

  // Joins the group for `topics`. Once.
  virtual Error subscribe(std::span<const std::string> topics) = 0;

  // Waits up to `timeout` for a record; serves rebalances. `error` is set on PollStatus::error.
  virtual PollStatus poll(milliseconds timeout, RebalanceListener& listener, ConsumerRecord& record,
                          Error& error) = 0;

  // Of the partitions held, exactly these run, each from its offset: pause, resume and rewind in
  // one. What was read ahead of the others is dropped, and no record of theirs comes any more. Not
  // from inside a RebalanceListener. REQUIRES: every partition is held (or nobody subscribed).
  virtual Error assign(std::span<const PartitionOffset> positions) = 0;

  // The group's committed offsets, once no transaction on them is pending; next = -1 where none is.
  virtual Error committed(std::span<const TopicPartition> partitions, milliseconds timeout,
                          std::vector<PartitionOffset>& out) = 0;

  // Commits outside any transaction, and waits for the answer.
  virtual Error commit(std::span<const PartitionOffset> offsets, milliseconds timeout) = 0;

  // Asks the broker.
  virtual Error watermarks(const TopicPartition& partition, milliseconds timeout,
                           Watermarks& out) = 0;
  // What is known without asking; nullopt for a partition not being read.
  virtual std::optional<FetchProgress> progress(const TopicPartition& partition) = 0;

  // Opaque bytes for Producer::send_offsets(), for this generation of the group.
  virtual std::string group_metadata() = 0;
  // False once the group has thrown this consumer out, which it may learn before poll() tells of
  // it. What group_metadata() has said since then is that of nobody in particular, and brokers take
  // a transaction's offsets from nobody without a check. Ask after group_metadata(): who holds
  // partitions cannot become a member again without poll().
  virtual bool is_member() = 0;

  // Leaves the group (static members stay in it), waiting up to `timeout`. The last call.
  virtual void close(milliseconds timeout) = 0;
};

// What happened since the last Producer::serve().
struct ProducerEvents {
  std::uint32_t transport_faults = 0;  // Requests or connections lost (is_transport_fault()).
  std::uint32_t deliveries_failed = 0;
  // Of the deliveries, one that is the record's own fault before any other; its message names topic
  // and size.
  Error first_failure;
  Error fatal;  // Set once the client is over.
};

class Producer {
 public:
  virtual ~Producer() = default;

  // The transactional calls; a producer without a transactional.id has none of them. init aborts
  // what a predecessor of the same id left open, and shuts that predecessor out.
  virtual Error init_transactions(milliseconds timeout) = 0;
  virtual Error begin() = 0;
  virtual Error send_offsets(std::span<const PartitionOffset> offsets, std::string_view group,
                             milliseconds timeout) = 0;
  virtual Error commit(milliseconds timeout) = 0;
  virtual Error abort(milliseconds timeout) = 0;

  // Takes a copy, or says why not: ErrorClass::full when the byte budget is used up.
  virtual Error produce(const ProducerRecord& record) = 0;
  // Handles acknowledgements and errors; waits up to `timeout` for one.
  virtual ProducerEvents serve(milliseconds timeout) = 0;
  // Waits until everything is acknowledged or has failed. retriable: not yet.
  virtual Error flush(milliseconds timeout) = 0;
  // Drops what is not acknowledged.
  virtual void purge() = 0;
};

struct TopicInfo {
  std::string name;
  std::int32_t partition_count = 0;
  std::int32_t replication_factor = 0;  // Smallest of its partitions.
  Error error;                          // For this topic, e.g. UNKNOWN_TOPIC_OR_PART.
};

struct NewTopic {
  std::string name;
  std::int32_t partition_count = 1;
  std::int32_t replication_factor = -1;  // -1: the broker's default.
  std::map<std::string, std::string> config;
};

class Admin {
 public:
  virtual ~Admin() = default;
  virtual Error topics(std::span<const std::string> names, milliseconds timeout,
                       std::vector<TopicInfo>& out) = 0;
  virtual Error topic_config(const std::string& topic, milliseconds timeout,
                             std::map<std::string, std::string>& out) = 0;
  // The first error of any of them; TOPIC_ALREADY_EXISTS is one.
  virtual Error create_topics(std::span<const NewTopic> topics, milliseconds timeout) = 0;
  virtual Error delete_topics(std::span<const std::string> names, milliseconds timeout) = 0;
};

// Where a consumer begins in a partition for which its group has no committed offset.
enum class StartPolicy : std::uint8_t { earliest, latest };

struct ConsumerSettings {
  // Empty: a reader of no group, which reads what assign() names and asks watermarks();
  // subscribe(), committed(), commit() and group_metadata() are not for it.
  std::string group_id;
  std::string group_instance_id;  // Empty: a dynamic member.
  // How long the group waits for a member that says nothing before it gives its partitions away.
  milliseconds session_timeout{45'000};
  std::uint32_t prefetch_bytes = 64U << 20;
  // false: records of open and aborted transactions are read too, and watermarks().high is the end
  // of the log instead of the last stable offset.
  bool read_committed = true;
  // Whether poll() says PollStatus::end. Readers of no group are always told.
  bool tell_ends = false;
};

struct ProducerSettings {
  std::string transactional_id;  // Empty: no transactions, idempotent all the same.
  std::uint32_t in_flight_bytes = 32U << 20;
  // The broker aborts a transaction that is open for longer. 40 s as Kafka's own system test: above
  // the request timeout, below any progress timeout; a restart of the same id need not wait for it.
  // At least kSocketTimeout.
  milliseconds transaction_timeout{40'000};
  // The largest record that will be produced, as schemas/record_bytes.h counts; the client's own
  // bound is set so that it never refuses one. 0: the client's default of a million.
  std::uint64_t record_bytes_max = 0;
  // No batch of more than one record is larger: the smallest of the topics' limits, since a batch
  // above its topic's is refused whole. 0: the client's default, a million as well.
  std::uint64_t batch_bytes_max = 0;
};

class Broker {
 public:
  virtual ~Broker() = default;
  virtual std::unique_ptr<Consumer> consumer(const ConsumerSettings& settings) = 0;
  virtual std::unique_ptr<Producer> producer(const ProducerSettings& settings) = 0;
  virtual std::unique_ptr<Admin> admin() = 0;
  // The in-process cluster holds no transaction to its promise: at-least-once, and it says so.
  virtual bool at_least_once_only() const = 0;
};

// Requests older than this have failed; also the bound above which a commit is not trusted any
// more.
inline constexpr milliseconds kSocketTimeout{10'000};

// One line of a client's log. Syslog levels, 0 (emergency) to 7 (debug). Any thread.
using ClientLog = std::function<void(int level, std::string_view client, std::string_view line)>;

struct BrokerSettings {
  std::string bootstrap_servers;  // "embedded": the in-process cluster (embedded.h).
  std::string client_id = "telex";
  std::map<std::string, std::string> properties;  // Checked against properties.h.
  ClientLog log;                                  // Empty: none.
};

// The client library. Throws std::runtime_error when a property is refused, or when no client can
// be made from them (a key file that is missing or that its password does not open). Connects to
// nobody.
std::shared_ptr<Broker> connect(const BrokerSettings& settings);

// "librdkafka 2.0.2", and what is known to be wrong with that version; empty = nothing known.
std::string client_version();
std::vector<std::string> client_known_problems();

// What an operator should hear of these properties before anything is connected, one sentence each:
// credentials or articles that travel in the clear, settings that have no effect, a mechanism that
// the linked client gets wrong. Never a value that may be secret.
std::vector<std::string> property_warnings(const std::map<std::string, std::string>& properties);

// Whether groups are rebalanced cooperatively (librdkafka from 2.10.1) or eagerly. All members of a
// group must do the same: between the two a group has to be stopped as a whole.
bool rebalances_cooperatively();

}  // namespace telex::kafka
