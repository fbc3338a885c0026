// Lists: one item after the other, what is on the pages, and what happens after a failure.

#include <string>
#include <vector>

#include "support.h"

namespace {

using OwnListing = Own<koophone_instance_listing, koophone_instance_listing_free>;

OwnListing list(const Service &service, std::int64_t page_size, const koophone_call_options *options = nullptr) {
    const koophone_instance_filter filter = {};
    koophone_instance_listing *listing = nullptr;
    OK(koophone_client_list_instances(service.client, &filter, page_size, options, &listing, &error));
    return OwnListing(listing);
}

// The ids until the end or the failure, whose kind is returned.
koophone_kind rest(koophone_instance_listing *listing, std::vector<std::string> &ids) {
    const koophone_instance *phone = nullptr;
    koophone_kind status;
    while ((status = koophone_instance_listing_next(listing, &phone, nullptr)) == KOOPHONE_OK && phone != nullptr) {
        ids.emplace_back(phone->instance_id, phone->instance_id_length);
    }
    EXPECT_EQ(phone, nullptr);
    return status;
}

TEST(Listing, ReturnsEachPhoneOnceAndThenNothing) {
    const Service service(R"({"phones": 5})");
    const OwnListing listing = list(service, 2);
    std::vector<std::string> ids;
    EXPECT_EQ(rest(listing.get(), ids), KOOPHONE_OK);
    EXPECT_EQ(ids, std::vector<std::string>(service.ids, service.ids + service.count));
    EXPECT_EQ(koophone_instance_listing_page_no(listing.get()), 4);
    EXPECT_EQ(rest(listing.get(), ids), KOOPHONE_OK);
    EXPECT_EQ(ids.size(), 5u);
    EXPECT_EQ(koophone_instance_listing_page_no(nullptr), 0);
}

TEST(Listing, AfterAFailureTheSamePageIsReadAgain) {
    Service service(R"({"phones": 5})");
    const OwnListing listing = list(service, 2);
    service.faults(
        R"([{"operation": "list_instances", "after": 1, "action": "error_code", "code": "KOOPHONE.API.1012"}])");
    std::vector<std::string> ids;
    EXPECT_EQ(rest(listing.get(), ids), KOOPHONE_REJECTED);
    EXPECT_EQ(ids.size(), 2u);
    EXPECT_EQ(koophone_instance_listing_page_no(listing.get()), 2);
    EXPECT_EQ(rest(listing.get(), ids), KOOPHONE_OK);
    EXPECT_EQ(ids, std::vector<std::string>(service.ids, service.ids + service.count));
}

TEST(Listing, AnItemIsValidUntilTheNextStep) {
    const Service service(R"({"phones": 3})");
    const OwnListing listing = list(service, 2);
    const koophone_instance *phone = nullptr;
    for (std::size_t at = 0; at < 3; at++) {
        OK(koophone_instance_listing_next(listing.get(), &phone, &error));
        ASSERT_NE(phone, nullptr);
        EXPECT_STREQ(phone->instance_id, service.ids[at]);
        EXPECT_EQ(std::string(phone->name), "phone-0000" + std::to_string(at + 1));
    }
}

TEST(Listing, AcceptsTheOptionsOfABlockingCall) {
    Service service;
    koophone_cancel_token *token = nullptr;
    OK(koophone_cancel_token_new(&token, &error));
    koophone_call_options options = {};
    options.timeout_ms = 50;
    options.cancel = token;
    const OwnListing listing = list(service, 0, &options);
    service.faults(R"([{"operation": "list_instances", "times": 0, "action": "no_response"}])");
    const koophone_instance *phone = nullptr;
    REFUSED(KOOPHONE_TIMEOUT, nullptr, koophone_instance_listing_next(listing.get(), &phone, &error));
    koophone_cancel_token_cancel(token);
    REFUSED(KOOPHONE_CANCELLED, nullptr, koophone_instance_listing_next(listing.get(), &phone, &error));
    koophone_cancel_token_free(token);

    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    const OwnQueue owner(queue);
    options = {};
    options.queue = queue;
    const koophone_instance_filter filter = {};
    koophone_instance_listing *refused = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "queue",
            koophone_client_list_instances(service.client, &filter, 0, &options, &refused, &error));
    EXPECT_EQ(refused, nullptr);
}

TEST(Listing, ItsRequestsBelongToTheTraceOfTheOptions) {
    const Service service;
    koophone_call_options options = {};
    options.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const OwnListing listing = list(service, 2, &options);
    const koophone_instance *phone = nullptr;
    OK(koophone_instance_listing_next(listing.get(), &phone, &error));
    koophone_string *requests = nullptr;
    OK(koophone_emulator_requests(service.emulator, &requests, &error));
    EXPECT_NE(std::string(requests->data).find(options.traceparent), std::string::npos) << requests->data;
    koophone_string_free(requests);
}

TEST(Listing, WrongPagesAndNullPointersAreRefused) {
    const Service service;
    const OwnListing listing = list(service, 201);
    const koophone_instance *phone = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "page_size", koophone_instance_listing_next(listing.get(), &phone, &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "instance", koophone_instance_listing_next(listing.get(), nullptr, &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "listing", koophone_instance_listing_next(nullptr, &phone, &error));
}

} // namespace
