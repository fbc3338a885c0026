// A device token that is cached and renewed: how often it is requested, by whom, and what happens after a failure.

#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace {

// The phones' device tokens are valid for a day of the emulator's own clock.
const char *const LIFE_GIVEN = R"({"phones": 1, "quirks": ["expired_time_present"]})";

OwnDeviceToken token_of(const Service &service, const char *instance_id) {
    koophone_device_token *token = nullptr;
    OK(koophone_client_device_token(service.client, instance_id, &token, &error));
    return OwnDeviceToken(token);
}

std::string get(const OwnDeviceToken &token) {
    koophone_device_authorization *authorization = nullptr;
    OK(koophone_device_token_get(token.get(), nullptr, &authorization, &error));
    const std::string text = authorization == nullptr ? "" : authorization->token;
    koophone_device_authorization_free(authorization);
    return text;
}

std::size_t asked(const Service &service) {
    koophone_string *json = nullptr;
    OK(koophone_emulator_requests(service.emulator, &json, &error));
    const std::string_view text(json->data, json->length);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\"get_device_token\"", at)) != text.npos; at++) {
        count++;
    }
    koophone_string_free(json);
    return count;
}

TEST(DeviceToken, IsCachedWhileItIsValid) {
    const Service service(LIFE_GIVEN);
    const OwnDeviceToken token = token_of(service, service.ids[0]);
    EXPECT_EQ(asked(service), 0u) << "making it sends nothing";
    const std::string first = get(token);
    EXPECT_FALSE(first.empty());
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; thread++) {
        threads.emplace_back([&] { EXPECT_EQ(get(token), first); });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    EXPECT_EQ(asked(service), 1u);
}

TEST(DeviceToken, WithoutALifetimeEveryCallSendsARequest) {
    const Service service(R"({"phones": 1})");
    const OwnDeviceToken token = token_of(service, service.ids[0]);
    EXPECT_NE(get(token), get(token));
    EXPECT_EQ(asked(service), 2u);
}

TEST(DeviceToken, IsTheResultOfAStartedCall) {
    const Service service(LIFE_GIVEN);
    const OwnDeviceToken token = token_of(service, service.ids[0]);
    koophone_call *call = nullptr;
    OK(koophone_device_token_begin_get(token.get(), nullptr, &call, &error));
    const OwnCall owner(call);
    ASSERT_TRUE(koophone_call_wait(call, UINT64_MAX));
    koophone_device_authorization *authorization = nullptr;
    OK(koophone_call_take_device_authorization(call, &authorization, &error));
    ASSERT_NE(authorization, nullptr);
    EXPECT_EQ(get(token), authorization->token);
    koophone_device_authorization_free(authorization);
}

TEST(DeviceToken, OutlivesItsClientAndAFailure) {
    Service service(LIFE_GIVEN);
    const OwnDeviceToken token = token_of(service, service.ids[0]);
    service.faults(R"([{"operation": "get_device_token", "times": 1, "action": "no_permission"}])");
    koophone_client_free(service.client);
    service.client = nullptr;
    koophone_device_authorization *authorization = nullptr;
    REFUSED(KOOPHONE_PERMISSION_DENIED, nullptr,
            koophone_device_token_get(token.get(), nullptr, &authorization, &error));
    EXPECT_EQ(authorization, nullptr);
    EXPECT_FALSE(get(token).empty()) << "a failure is not kept";
}

TEST(DeviceToken, AWrongPhoneIsRefusedBeforeAnythingIsSent) {
    const Service service;
    const OwnDeviceToken token = token_of(service, "a b");
    koophone_device_authorization *authorization = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "instance_id",
            koophone_device_token_get(token.get(), nullptr, &authorization, &error));
    EXPECT_EQ(asked(service), 0u);
}

} // namespace
