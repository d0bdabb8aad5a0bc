#include "kafka/errors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace telex::kafka {
namespace {

using enum ErrorClass;
constexpr ErrorCause kWorld = ErrorCause::world;
constexpr ErrorCause kRecord = ErrorCause::record;
constexpr ErrorCause kSetup = ErrorCause::setup;
constexpr ErrorCause kFenced = ErrorCause::fenced;
constexpr ErrorCause kRange = ErrorCause::out_of_range;
constexpr ErrorCause kBug = ErrorCause::bug;

// The classes of broker errors inside a transaction are those of librdkafka 2.0.2
// (rdkafka_txnmgr.c), which come as flags; the class here is for calls without flags (metadata,
// committed offsets, delivery reports, consumer errors).
constexpr std::array kTable{
    // The client's own.
    ErrorRow{"_TRANSPORT", retriable, kWorld},
    ErrorRow{"_ALL_BROKERS_DOWN", retriable, kWorld},
    ErrorRow{"_RESOLVE", retriable, kWorld},
    ErrorRow{"_TIMED_OUT", retriable, kWorld},
    ErrorRow{"_TIMED_OUT_QUEUE", retriable, kWorld},
    ErrorRow{"_MSG_TIMED_OUT", abortable, kWorld},
    ErrorRow{"_WAIT_COORD", retriable, kWorld},
    ErrorRow{"_WAIT_CACHE", retriable, kWorld},
    ErrorRow{"_NODE_UPDATE", retriable, kWorld},
    ErrorRow{"_IN_PROGRESS", retriable, kWorld},
    ErrorRow{"_PREV_IN_PROGRESS", retriable, kWorld},
    ErrorRow{"_RETRY", retriable, kWorld},
    ErrorRow{"_INTR", retriable, kWorld},
    ErrorRow{"_UNKNOWN_BROKER", retriable, kWorld},
    ErrorRow{"_QUEUE_FULL", full, kWorld},
    ErrorRow{"_PURGE_QUEUE", abortable, kWorld},
    ErrorRow{"_PURGE_INFLIGHT", abortable, kWorld},
    ErrorRow{"_ASSIGNMENT_LOST", abortable, kWorld},
    ErrorRow{"_MAX_POLL_EXCEEDED", retriable, kWorld},
    ErrorRow{"_UNKNOWN_GROUP", retriable, kWorld},
    ErrorRow{"_NO_OFFSET", unknown, kWorld},
    ErrorRow{"_BAD_MSG", retriable, kWorld},
    ErrorRow{"_BAD_COMPRESSION", fatal, kSetup},
    ErrorRow{"_SSL", retriable, kWorld},
    ErrorRow{"_AUTHENTICATION", retriable, kSetup},
    ErrorRow{"_UNKNOWN_TOPIC", retriable, kSetup},
    ErrorRow{"_UNKNOWN_PARTITION", retriable, kSetup},
    ErrorRow{"_UNSUPPORTED_FEATURE", fatal, kSetup},
    ErrorRow{"_INCONSISTENT", fatal, kWorld},
    ErrorRow{"_GAPLESS_GUARANTEE", fatal, kWorld},
    ErrorRow{"_FATAL", fatal, kWorld},
    ErrorRow{"_FENCED", fatal, kFenced},
    ErrorRow{"_AUTO_OFFSET_RESET", fatal, kRange},
    ErrorRow{"_STATE", fatal, kBug},
    ErrorRow{"_INVALID_ARG", fatal, kBug},
    ErrorRow{"_NOT_CONFIGURED", fatal, kBug},
    ErrorRow{"_CONFLICT", fatal, kBug},
    ErrorRow{"_DESTROY", fatal, kBug},
    ErrorRow{"_FAIL", unknown, kWorld},
    // The broker's: passes by itself.
    ErrorRow{"LEADER_NOT_AVAILABLE", retriable, kWorld},
    ErrorRow{"NOT_LEADER_FOR_PARTITION", retriable, kWorld},
    ErrorRow{"REQUEST_TIMED_OUT", retriable, kWorld},
    ErrorRow{"BROKER_NOT_AVAILABLE", retriable, kWorld},
    ErrorRow{"REPLICA_NOT_AVAILABLE", retriable, kWorld},
    ErrorRow{"NETWORK_EXCEPTION", retriable, kWorld},
    ErrorRow{"COORDINATOR_LOAD_IN_PROGRESS", retriable, kWorld},
    ErrorRow{"COORDINATOR_NOT_AVAILABLE", retriable, kWorld},
    ErrorRow{"NOT_COORDINATOR", retriable, kWorld},
    ErrorRow{"NOT_ENOUGH_REPLICAS", retriable, kWorld},
    ErrorRow{"NOT_ENOUGH_REPLICAS_AFTER_APPEND", retriable, kWorld},
    ErrorRow{"KAFKA_STORAGE_ERROR", retriable, kWorld},
    ErrorRow{"CONCURRENT_TRANSACTIONS", retriable, kWorld},
    ErrorRow{"UNSTABLE_OFFSET_COMMIT", retriable, kWorld},
    ErrorRow{"OFFSET_NOT_AVAILABLE", retriable, kWorld},
    ErrorRow{"THROTTLING_QUOTA_EXCEEDED", retriable, kWorld},
    ErrorRow{"FENCED_LEADER_EPOCH", retriable, kWorld},
    ErrorRow{"UNKNOWN_LEADER_EPOCH", retriable, kWorld},
    ErrorRow{"NOT_CONTROLLER", retriable, kWorld},
    // A rebalance happened: this transaction is over, the member goes on.
    ErrorRow{"ILLEGAL_GENERATION", abortable, kWorld},
    ErrorRow{"UNKNOWN_MEMBER_ID", abortable, kWorld},
    ErrorRow{"REBALANCE_IN_PROGRESS", abortable, kWorld},
    ErrorRow{"MEMBER_ID_REQUIRED", retriable, kWorld},
    ErrorRow{"OPERATION_NOT_ATTEMPTED", abortable, kWorld},
    ErrorRow{"UNKNOWN_PRODUCER_ID", abortable, kWorld},
    ErrorRow{"INVALID_PRODUCER_ID_MAPPING", fatal, kWorld},
    ErrorRow{"OUT_OF_ORDER_SEQUENCE_NUMBER", abortable, kWorld},
    ErrorRow{"INVALID_TXN_STATE", fatal, kWorld},
    ErrorRow{"TRANSACTION_COORDINATOR_FENCED", retriable, kWorld},
    // Somebody else has our name, or the broker gave up on our transaction: told apart by the
    // group, see service/lane.cc.
    ErrorRow{"PRODUCER_FENCED", fatal, kFenced},
    ErrorRow{"INVALID_PRODUCER_EPOCH", fatal, kFenced},
    ErrorRow{"FENCED_INSTANCE_ID", fatal, kFenced},
    // One record.
    ErrorRow{"MSG_SIZE_TOO_LARGE", abortable, kRecord},
    ErrorRow{"INVALID_MSG_SIZE", abortable, kRecord},
    ErrorRow{"RECORD_LIST_TOO_LARGE", abortable, kRecord},
    ErrorRow{"INVALID_TIMESTAMP", abortable, kRecord},
    ErrorRow{"INVALID_RECORD", abortable, kRecord},
    ErrorRow{"INVALID_MSG", abortable, kRecord},
    // The set-up.
    ErrorRow{"UNKNOWN_TOPIC_OR_PART", retriable, kSetup},
    ErrorRow{"TOPIC_EXCEPTION", fatal, kSetup},
    ErrorRow{"TOPIC_AUTHORIZATION_FAILED", abortable, kSetup},
    ErrorRow{"GROUP_AUTHORIZATION_FAILED", abortable, kSetup},
    ErrorRow{"CLUSTER_AUTHORIZATION_FAILED", fatal, kSetup},
    ErrorRow{"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", fatal, kSetup},
    ErrorRow{"SASL_AUTHENTICATION_FAILED", fatal, kSetup},
    ErrorRow{"UNSUPPORTED_SASL_MECHANISM", fatal, kSetup},
    ErrorRow{"ILLEGAL_SASL_STATE", fatal, kSetup},
    ErrorRow{"SECURITY_DISABLED", fatal, kSetup},
    ErrorRow{"UNSUPPORTED_VERSION", fatal, kSetup},
    ErrorRow{"UNSUPPORTED_FOR_MESSAGE_FORMAT", fatal, kSetup},
    ErrorRow{"UNSUPPORTED_COMPRESSION_TYPE", fatal, kSetup},
    ErrorRow{"INVALID_GROUP_ID", fatal, kSetup},
    ErrorRow{"INVALID_SESSION_TIMEOUT", fatal, kSetup},
    ErrorRow{"INVALID_TRANSACTION_TIMEOUT", fatal, kSetup},
    ErrorRow{"INCONSISTENT_GROUP_PROTOCOL", fatal, kSetup},
    ErrorRow{"GROUP_MAX_SIZE_REACHED", fatal, kSetup},
    ErrorRow{"INVALID_REQUIRED_ACKS", fatal, kSetup},
    ErrorRow{"INVALID_PARTITIONS", fatal, kSetup},
    ErrorRow{"INVALID_REPLICATION_FACTOR", fatal, kSetup},
    ErrorRow{"INVALID_CONFIG", fatal, kSetup},
    ErrorRow{"POLICY_VIOLATION", fatal, kSetup},
    ErrorRow{"TOPIC_ALREADY_EXISTS", fatal, kSetup},
    ErrorRow{"TOPIC_DELETION_DISABLED", fatal, kSetup},
    ErrorRow{"INVALID_REQUEST", fatal, kBug},
    // Positions.
    ErrorRow{"OFFSET_OUT_OF_RANGE", fatal, kRange},
};

}  // namespace

std::span<const ErrorRow> error_table() { return kTable; }

Error make_error(std::string_view code, std::string message, ErrorFlags flags) {
  Error error{ErrorClass::unknown, ErrorCause::world, std::string(code), std::move(message)};
  const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                 [&](const ErrorRow& candidate) { return candidate.code == code; });
  if (row != kTable.end()) {
    error.cls = row->cls;
    error.cause = row->cause;
  }
  if (flags.requires_abort) {
    error.cls = ErrorClass::abortable;
  } else if (flags.retriable) {
    error.cls = ErrorClass::retriable;
  } else if (flags.fatal) {
    error.cls = ErrorClass::fatal;
  }
  return error;
}

bool is_transport_fault(std::string_view code) {
  static constexpr std::array<std::string_view, 8> kFaults{
      "_TRANSPORT",     "_TIMED_OUT",        "_TIMED_OUT_QUEUE", "_ALL_BROKERS_DOWN",
      "_MSG_TIMED_OUT", "REQUEST_TIMED_OUT", "_RESOLVE",         "NETWORK_EXCEPTION",
  };
  return std::find(kFaults.begin(), kFaults.end(), code) != kFaults.end();
}

std::string describe(const Error& error) {
  if (error.message.empty()) return error.code;
  return error.code + ": " + error.message;
}

std::string_view to_string(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::none:
      return "none";
    case ErrorClass::retriable:
      return "retriable";
    case ErrorClass::abortable:
      return "abortable";
    case ErrorClass::fatal:
      return "fatal";
    case ErrorClass::full:
      return "full";
    case ErrorClass::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(ErrorCause cause) {
  switch (cause) {
    case ErrorCause::none:
      return "none";
    case ErrorCause::world:
      return "world";
    case ErrorCause::record:
      return "record";
    case ErrorCause::setup:
      return "setup";
    case ErrorCause::fenced:
      return "fenced";
    case ErrorCause::out_of_range:
      return "out_of_range";
    case ErrorCause::bug:
      return "bug";
  }
  return "none";
}

}  // namespace telex::kafka
