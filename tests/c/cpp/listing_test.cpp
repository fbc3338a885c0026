// Lists in C++: single-pass ranges.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <koophone.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace koophone;

namespace {

static_assert(std::is_move_constructible_v<InstanceListing> && !std::is_copy_constructible_v<InstanceListing>);
using Traits = std::iterator_traits<InstanceListing::iterator>;
static_assert(std::is_same_v<Traits::iterator_category, std::input_iterator_tag>);

struct Listings : testing::Test {
    Emulator emulator{R"({"phones": 5})"};
    Client client{emulator.config()};

    std::vector<std::string> phones() const {
        std::vector<std::string> ids;
        for (const auto id : emulator.instance_ids()) {
            ids.emplace_back(id);
        }
        return ids;
    }
};

TEST_F(Listings, ARangeHasEachPhoneOnce) {
    std::vector<std::string> ids;
    for (const Instance &phone : client.list_instances({}, 2)) {
        ids.emplace_back(phone.instance_id());
    }
    EXPECT_EQ(ids, phones());
    auto listing = client.list_instances();
    EXPECT_EQ(std::distance(listing.begin(), listing.end()), 5);
    EXPECT_EQ(listing.begin(), listing.end()) << "it was gone through";
    auto searched = client.list_instances({}, 2);
    const auto found = std::find_if(searched.begin(), searched.end(), [](const Instance &phone) {
        return phone.name() == "phone-00003";
    });
    ASSERT_NE(found, searched.end());
    EXPECT_EQ(found->instance_id(), phones()[2]);
    EXPECT_EQ(searched.page_no(), 3) << "no page was read without need";
}

TEST_F(Listings, AnExceptionEndsNothing) {
    emulator.add_faults(
        R"([{"operation": "list_instances", "after": 1, "action": "error_code", "code": "KOOPHONE.API.1012"}])");
    auto listing = client.list_instances({}, 2);
    std::vector<std::string> ids;
    const auto read = [&] {
        for (const Instance &phone : listing) {
            ids.emplace_back(phone.instance_id());
        }
    };
    try {
        read();
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::rejected);
        EXPECT_EQ(listing.page_no(), 2);
    }
    read();
    EXPECT_EQ(ids, phones());
}

TEST_F(Listings, AZeroIsNotTheDefault) {
    const auto expect_refused = [](const char *argument, auto function) {
        try {
            static_cast<void>(function());
            FAIL() << "nothing was thrown";
        } catch (const Error &error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
            EXPECT_EQ(error.argument(), argument);
            EXPECT_NE(error.message().find("it must be at least 1"), std::string_view::npos) << error.message();
        }
    };
    expect_refused("page_size", [&] { return client.list_instances({}, 0); });
    expect_refused("page_no", [&] { return client.list_instances_page({}, 0); });
    expect_refused("page_size", [&] { return client.list_apps(phones()[0], 2, 0); });
    EXPECT_NO_THROW(static_cast<void>(client.list_apps_page(phones()[0], 0)));
}

TEST_F(Listings, OneAtATime) {
    auto listing = client.list_instances({}, 2);
    auto moved = std::move(listing);
    std::size_t count = 0;
    while (const auto phone = moved.next()) {
        EXPECT_EQ(phone->instance_id(), phones()[count++]);
    }
    EXPECT_EQ(count, 5u);
    EXPECT_THROW(listing.next(), Error) << "it was moved from"; // NOLINT
    EXPECT_EQ(listing.page_no(), 0);
}

} // namespace
