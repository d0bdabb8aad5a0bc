// Errors: what went wrong in the Kafka world, as a value, sorted once and for all by one table.
//
// Two questions decide what happens next, and they are kept apart:
//   ErrorClass  what the client that said so still allows (call again, abort, make a new one);
//   ErrorCause  what is the matter in the world (passes by itself, one record, the set-up, fenced).
// A client's own flags (abortable, retriable, fatal) come before the table, in that order.
//
// Codes are the names librdkafka gives them: "_TIMED_OUT" for its own, "NOT_COORDINATOR" for the
// broker's. Plain data, no threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace telex::kafka {

enum class ErrorClass : std::uint8_t {
  none,       // No error.
  retriable,  // Nothing was done; the same call may succeed later.
  abortable,  // The open transaction cannot commit; after an abort the client goes on.
  fatal,      // The client is over; make a new one from committed offsets.
  full,       // The client's own queue is full; serve it and call again.
  unknown,    // It may or may not have been done, or nobody knows this code.
};

enum class ErrorCause : std::uint8_t {
  none,
  world,         // Broker away, timeout, rebalance: passes.
  record,        // This one record cannot be taken (too large, a timestamp out of limits).
  setup,         // Authorisation, authentication, a topic that is not there: a person must act.
  fenced,        // Another client with the same transactional.id or group.instance.id took over.
  out_of_range,  // The position asked for is not in the log.
  bug,           // The calls were made in the wrong order.
};

struct Error {
  ErrorClass cls = ErrorClass::none;
  ErrorCause cause = ErrorCause::none;
  std::string code;     // "REQUEST_TIMED_OUT"; empty = no error.
  std::string message;  // For people; never a secret, never a record's content.

  bool ok() const { return cls == ErrorClass::none; }
};

// What the client's own error object says about itself; all false where there is none.
struct ErrorFlags {
  bool requires_abort = false;
  bool retriable = false;
  bool fatal = false;
};

struct ErrorRow {
  std::string_view code;
  ErrorClass cls;
  ErrorCause cause;
};

// The table, sorted by nothing in particular; codes occur once.
std::span<const ErrorRow> error_table();

// An Error for `code`. Flags win over the table's class (abort, then retriable, then fatal); a code
// that is not in the table is {unknown, world}.
Error make_error(std::string_view code, std::string message, ErrorFlags flags = {});

// Whether a code means that a request or its answer was lost under way, so that what was asked for
// may have happened all the same.
bool is_transport_fault(std::string_view code);

// "REQUEST_TIMED_OUT: the message".
std::string describe(const Error& error);

std::string_view to_string(ErrorClass cls);
std::string_view to_string(ErrorCause cause);

}  // namespace telex::kafka
