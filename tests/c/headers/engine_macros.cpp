// Compiled and never run: koophone.hpp after the macros of engines. The standard library must be included first.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine_macros.h"

#include <koophone.hpp>

// Every template is used: macros act where it is written, errors appear where it is instantiated.
std::size_t uses(const koophone::Emulator &emulator) {
    const koophone::Client client(emulator.config().set_concurrency(2));
    const koophone::Queue queue;
    koophone::VideoSettings video;
    auto call = client.begin_query_status({"one", "two"}, koophone::Options().queue(queue, nullptr));
    const auto task = client.start_command(emulator.instance_ids(), "true");
    const auto results = task.wait({}, [](const koophone::Progress &) {});
    return client.run_command("one", "true").raise_for_errors().size() + call.get().size() + results.size() +
           client.set_video_settings(std::string("one"), video).size() + task.poll().jobs().size() +
           client.login().method().size() + emulator.journal().size();
}
