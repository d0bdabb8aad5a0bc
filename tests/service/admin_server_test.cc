#include <atomic>

#include <gtest/gtest.h>
#include <httplib.h>

#include "service/admin/server.h"

namespace telex {
namespace {

class AdminServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(server_.start("127.0.0.1:0"), "");
    client_ = std::make_unique<httplib::Client>("http://" + server_.address());
  }
  std::atomic<bool> ready_{false};
  AdminServer server_{{[] { return std::string("telex_x 1\n"); },
                       [] {
                         return HealthAnswer{true, R"({"live":true})"};
                       },
                       [this] {
                         return HealthAnswer{ready_, R"({"ready":"?"})"};
                       },
                       [] { return std::string(R"({"state":"running"})"); }}};
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(AdminServerTest, ServesMetricsAsText) {
  const auto answer = client_->Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "telex_x 1\n");
}

TEST_F(AdminServerTest, ReadinessIsTheStatusCode) {
  EXPECT_EQ(client_->Get("/readyz")->status, 503);
  ready_ = true;
  EXPECT_EQ(client_->Get("/readyz")->status, 200);
  EXPECT_EQ(client_->Get("/livez")->status, 200);
}

TEST_F(AdminServerTest, RefusesForeignHostNames) {
  const auto answer = client_->Get("/metrics", {{"Host", "evil.example:80"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 421);
  EXPECT_EQ(answer->body.find("telex_x"), std::string::npos);
}

TEST_F(AdminServerTest, UnknownPathsAreNotFound) { EXPECT_EQ(client_->Get("/etc")->status, 404); }

TEST(AdminServerStart, RefusesAddressesThatAreNotLoopback) {
  AdminServer server({});
  EXPECT_NE(server.start("0.0.0.0:0").find("not a loopback"), std::string::npos);
  EXPECT_NE(server.start("nonsense").find("not host:port"), std::string::npos);
}

TEST(AdminServerStart, SaysThatAPortIsTaken) {
  AdminServer first({});
  ASSERT_EQ(first.start("127.0.0.1:0"), "");
  AdminServer second({});
  EXPECT_NE(second.start(first.address()).find("cannot listen"), std::string::npos);
}

}  // namespace
}  // namespace telex
