#include "kafka/errors.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace telex::kafka {
namespace {

struct Case {
  const char* code;
  ErrorFlags flags;
  ErrorClass cls;
  ErrorCause cause;
};

const Case kCases[] = {
    {"NOT_COORDINATOR", {}, ErrorClass::retriable, ErrorCause::world},
    {"_TIMED_OUT", {}, ErrorClass::retriable, ErrorCause::world},
    {"_QUEUE_FULL", {}, ErrorClass::full, ErrorCause::world},
    {"ILLEGAL_GENERATION", {}, ErrorClass::abortable, ErrorCause::world},
    {"MSG_SIZE_TOO_LARGE", {}, ErrorClass::abortable, ErrorCause::record},
    {"TOPIC_AUTHORIZATION_FAILED", {}, ErrorClass::abortable, ErrorCause::setup},
    {"UNKNOWN_TOPIC_OR_PART", {}, ErrorClass::retriable, ErrorCause::setup},
    {"PRODUCER_FENCED", {}, ErrorClass::fatal, ErrorCause::fenced},
    {"_FENCED", {}, ErrorClass::fatal, ErrorCause::fenced},
    {"FENCED_INSTANCE_ID", {}, ErrorClass::fatal, ErrorCause::fenced},
    {"OFFSET_OUT_OF_RANGE", {}, ErrorClass::fatal, ErrorCause::out_of_range},
    {"_AUTO_OFFSET_RESET", {}, ErrorClass::fatal, ErrorCause::out_of_range},
    {"_STATE", {}, ErrorClass::fatal, ErrorCause::bug},
    {"SOMETHING_NEW", {}, ErrorClass::unknown, ErrorCause::world},
    // What the client says about itself comes before the table, the abort first of all.
    {"SOMETHING_NEW", {.fatal = true}, ErrorClass::fatal, ErrorCause::world},
    {"UNKNOWN_PRODUCER_ID", {.requires_abort = true}, ErrorClass::abortable, ErrorCause::world},
    {"_TIMED_OUT",
     {.requires_abort = true, .retriable = true},
     ErrorClass::abortable,
     ErrorCause::world},
    {"_FAIL", {.retriable = true, .fatal = true}, ErrorClass::retriable, ErrorCause::world},
};

TEST(Errors, EveryCodeHasItsClassAndCause) {
  for (const Case& each : kCases) {
    const Error error = make_error(each.code, "text", each.flags);
    EXPECT_EQ(to_string(error.cls), to_string(each.cls)) << each.code;
    EXPECT_EQ(to_string(error.cause), to_string(each.cause)) << each.code;
    EXPECT_FALSE(error.ok()) << each.code;
  }
}

TEST(Errors, NoCodeStandsTwiceInTheTable) {
  std::set<std::string_view> seen;
  for (const ErrorRow& row : error_table()) {
    EXPECT_TRUE(seen.insert(row.code).second) << row.code;
    EXPECT_NE(row.cls, ErrorClass::none) << row.code;
    EXPECT_NE(row.cause, ErrorCause::none) << row.code;
  }
}

TEST(Errors, NoErrorIsOkAndAnErrorIsDescribedByCodeAndMessage) {
  EXPECT_TRUE(Error().ok());
  EXPECT_EQ(describe(make_error("_TRANSPORT", "broker 1 went away")),
            "_TRANSPORT: broker 1 went away");
  EXPECT_EQ(describe(make_error("_TRANSPORT", "")), "_TRANSPORT");
}

TEST(Errors, OnlyLostRequestsAreTransportFaults) {
  EXPECT_TRUE(is_transport_fault("_TIMED_OUT"));
  EXPECT_TRUE(is_transport_fault("_TRANSPORT"));
  EXPECT_FALSE(is_transport_fault("NOT_COORDINATOR"));
  EXPECT_FALSE(is_transport_fault("PRODUCER_FENCED"));
}

}  // namespace
}  // namespace telex::kafka
