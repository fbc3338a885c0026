// A GoogleTest harness: each test leases a phone, tries a game on it, and gives it back.
//
//   smoke_test --gtest_output=xml:report.xml       writes JUnit XML for CI
//
// The phones are those of a local emulator. For real ones, make the Client from the environment (`koophone::Client
// client;`) and give the pool their ids.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <koophone.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// Phones that nobody uses at the moment.
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
    koophone::Emulator emulator{R"({"phones": 4, "seed": 7})"};
    koophone::Client client{emulator.config()};
    Pool pool{{emulator.instance_ids().begin(), emulator.instance_ids().end()}};

    static Farm &get() {
        static Farm farm;
        return farm;
    }

private:
    Farm() {
        // An emulated phone has no such package; real ones get it beforehand.
        emulator.add_rules(R"([{"command": "pm install -r /sdcard/Download/game.apk", "stdout": "Success"}])");
    }
};

class Smoke : public testing::TestWithParam<int> {
protected:
    Farm &farm = Farm::get();
    Pool::Lease phone{farm.pool};

    /// What a command prints on the leased phone.
    std::string run(const std::string &command) {
        const auto results = farm.client.run_command(phone.id(), command).raise_for_errors();
        return std::string(results[0].output());
    }
};

TEST_P(Smoke, PhoneRuns) {
    const auto statuses = farm.client.query_status(phone.id()).raise_for_errors();
    EXPECT_EQ(statuses[0].state(), koophone::InstanceState::running);
}

TEST_P(Smoke, GameInstallsAndStarts) {
    const auto task =
        farm.client.start_command(phone.id(), "pm install -r /sdcard/Download/game.apk");
    const auto results = task.wait(koophone::Options().timeout(30s)).raise_for_errors();
    ASSERT_EQ(results.size(), 1u);
    RecordProperty("phone", phone.id());
    RecordProperty("output", std::string(results[0].output()));
    EXPECT_EQ(results[0].instance_id().value_or(""), phone.id());
    EXPECT_NE(run("getprop ro.build.version.release"), "");
}

TEST_P(Smoke, CommandsOfALeaseReachItsPhoneOnly) {
    const std::string mark = "echo mark-" + std::to_string(GetParam());
    EXPECT_EQ(run(mark).find("mark-"), 0u);
    EXPECT_NE(farm.emulator.journal_of(phone.id()).find(mark), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(EachPhone, Smoke, testing::Range(0, 4));

} // namespace

int main(int argc, char **argv) {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
