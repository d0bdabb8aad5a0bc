#include "service/fault.h"

#include <gtest/gtest.h>

#include "service/breaker.h"

namespace telex {
namespace {

TEST(Fault, WithoutAPlanAHookDoesNothing) {
  FaultPlan plan;
  EXPECT_FALSE(plan.parse("").has_value());
  for (int i = 0; i < 10; ++i) plan.hit(FaultPoint::after_produce);
  EXPECT_EQ(plan.due(FaultPoint::after_produce), FaultPlan::Action::none);
}

TEST(Fault, AFaultIsDueAtItsPointAndItsTime) {
  FaultPlan plan;
  ASSERT_FALSE(plan.parse("after_produce:kill:3,in_revoke:stop").has_value());
  EXPECT_EQ(plan.due(FaultPoint::in_revoke), FaultPlan::Action::stop);
  EXPECT_EQ(plan.due(FaultPoint::after_commit), FaultPlan::Action::none);
  EXPECT_EQ(plan.due(FaultPoint::after_produce), FaultPlan::Action::none);
  plan.hit(FaultPoint::after_produce);
  plan.hit(FaultPoint::after_produce);
  EXPECT_EQ(plan.due(FaultPoint::after_produce), FaultPlan::Action::kill);
}

TEST(Fault, WhatCannotBeReadIsSaid) {
  for (const char* text : {"after_produce", "nowhere:kill", "after_begin:explode",
                           "after_begin:kill:0", "after_begin:kill:x", "after_begin:kill:1:2"}) {
    FaultPlan plan;
    const auto problem = plan.parse(text);
    ASSERT_TRUE(problem.has_value()) << text;
    EXPECT_NE(problem->find(text), std::string::npos) << *problem;
  }
}

TEST(Fault, TheProcessIsKilledAtThePoint) {
  FaultPlan plan;
  ASSERT_FALSE(plan.parse("after_commit:kill:2").has_value());
  plan.hit(FaultPoint::after_commit);
  EXPECT_EXIT(plan.hit(FaultPoint::after_commit), ::testing::KilledBySignal(9), "");
}

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Breaker, FewDeadLettersNeverTrip) {
  Breaker breaker;
  for (std::uint32_t i = 0; i + 1 < Breaker::kDeadMin; ++i) breaker.add(true, seconds{1});
  EXPECT_FALSE(breaker.tripped());
  breaker.add(true, seconds{1});
  EXPECT_TRUE(breaker.tripped());
}

TEST(Breaker, AFifthOfTheLastThousandTripsAndLessDoesNot) {
  Breaker breaker;
  // Slowly, so that the window of 60 s never holds enough of them.
  for (int i = 0; i < 3000; ++i) breaker.add(i % 6 == 0, seconds{i * 10});
  EXPECT_FALSE(breaker.tripped());
  for (int i = 0; i < 1000; ++i) breaker.add(i % 5 == 0, seconds{30'000 + i * 10});
  EXPECT_TRUE(breaker.tripped());
}

TEST(Breaker, AFifthOfTheLastMinuteTripsAfterAnyNumberOfGoodOnes) {
  Breaker breaker;
  for (int i = 0; i < 5000; ++i) breaker.add(false, seconds{1});
  for (int i = 0; i < 199; ++i) breaker.add(i % 4 == 0, seconds{100});
  EXPECT_TRUE(breaker.tripped()) << "50 of 199 in the last minute, 5 % of the last thousand";
  Breaker again;
  for (int i = 0; i < 5000; ++i) again.add(false, seconds{100});
  for (int i = 0; i < 199; ++i) again.add(i % 4 == 0, seconds{101});
  EXPECT_FALSE(again.tripped());
}

TEST(Breaker, OldSecondsAreForgotten) {
  Breaker breaker;
  for (int i = 0; i < 40; ++i) breaker.add(true, seconds{1});
  for (int i = 0; i < 2000; ++i) breaker.add(false, seconds{30});
  for (int i = 0; i < 40; ++i) breaker.add(true, seconds{90});
  EXPECT_FALSE(breaker.tripped()) << "40 in this minute, 40 in the last thousand";
}

}  // namespace
}  // namespace telex
