// A GoogleTest harness: each test leases a phone, tests a game on it, and returns the phone.
//
//   smoke_test --gtest_output=xml:report.xml       writes JUnit XML for CI
//
// The phones are those of a local emulator. For real ones, make the Client from the environment (`koophone::Client
// client;`) and give the pool their ids.

#include <gtest/gtest.h>

#include <condition_variable>
#include <koophone.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

/// Phones that are not leased at the moment.
class Pool {
public:
    explicit Pool(std::vector<std::string> ids) : free_(std::move(ids)) {}

    /// A phone for as long as the lease lives; waits for one.
    class Lease {
    public:
        explicit Lease(Pool &pool) : pool_(pool) {
            std::unique_lock<std::mutex> lock(pool_.mutex_);
            pool_.returned_.wait(lock, [&] { return !pool_.free_.empty(); });
            id_ = pool_.free_.back();
            pool_.free_.pop_back();
        }
        Lease(const Lease &) = delete;
        Lease &operator=(const Lease &) = delete;
        ~Lease() {
            const std::lock_guard<std::mutex> lock(pool_.mutex_);
            pool_.free_.push_back(id_);
            pool_.returned_.notify_one();
        }
        const std::string &id() const { return id_; }

    private:
        Pool &pool_;
        std::string id_;
    };

private:
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::string> free_;
};

/// The service under test, shared by all tests.
struct Farm {
    // An emulated phone already has the file; a real one needs the game copied to it first.
    koophone::Emulator emulator{R"({"phones": 4, "seed": 7, "files": {"/sdcard/com.example.game.apk": "PK"}})"};
    koophone::Client client{emulator.config()};
    Pool pool{{emulator.instance_ids().begin(), emulator.instance_ids().end()}};

    static Farm &get() {
        static Farm farm;
        return farm;
    }
};

class Smoke : public testing::TestWithParam<int> {
protected:
    Farm &farm = Farm::get();
    Pool::Lease lease{farm.pool};
    koophone::Phone phone = farm.client.phone(lease.id());
};

TEST_P(Smoke, PhoneRuns) {
    const auto statuses = farm.client.query_status(lease.id()).raise_for_errors();
    EXPECT_EQ(statuses[0].state(), koophone::InstanceState::running);
    EXPECT_NE(phone.getprop("ro.build.version.release"), "");
}

TEST_P(Smoke, GameInstallsAndStarts) {
    RecordProperty("phone", lease.id());
    phone.install_remote("/sdcard/com.example.game.apk");
    phone.app_start("com.example.game");
    EXPECT_EQ(phone.app_current().package(), "com.example.game");
    phone.app_stop("com.example.game");
    EXPECT_TRUE(phone.pidof("com.example.game").empty());
}

TEST_P(Smoke, TouchesOfALeaseReachItsPhoneOnly) {
    const int x = 100 + GetParam();
    phone.click(x, 640);
    const std::string tap = "input tap " + std::to_string(x) + " 640", everywhere = farm.emulator.journal();
    EXPECT_NE(farm.emulator.journal_of(lease.id()).find(tap), std::string::npos);
    EXPECT_EQ(everywhere.find(tap), everywhere.rfind(tap));
}

INSTANTIATE_TEST_SUITE_P(EachPhone, Smoke, testing::Range(0, 4));

} // namespace

int main(int argc, char **argv) {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
