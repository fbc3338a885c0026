// The main job in C++: log in, query status, set video, run a command, start one and follow it, reset, get device
// tokens. Prints one line of JSON per step.
//
//   main_job PHONE...                  credentials come from the environment (KOOPHONE_...)
//   main_job --read-only PHONE...      only the steps that change nothing

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <koophone.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

/// Phones that succeeded, phones asked.
using Count = std::pair<std::size_t, std::size_t>;

/// The program's exit status: 1 if a step failed on one of the phones.
int exit_code = 0;

/// Does a step and prints its result.
template <class Job>
void step(const char *name, Job job) {
    const auto start = std::chrono::steady_clock::now();
    const Count count = job();
    if (count.first < count.second) {
        exit_code = 1;
    }
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    std::printf("{\"step\": \"%s\", \"ok\": %zu, \"phones\": %zu, \"ms\": %.1f}\n", name, count.first, count.second,
        time.count());
    std::fflush(stdout);
}

/// Counts the results without an error.
template <class Results>
Count counted(const Results &results) {
    const auto well = [](const auto &result) { return result.ok(); };
    return {static_cast<std::size_t>(std::count_if(results.begin(), results.end(), well)), results.size()};
}

void draw(const koophone::Progress &progress) {
    std::cerr << '\r' << progress.succeeded() + progress.failed() << '/' << progress.total()
              << (progress.running() == 0 ? "\n" : "");
}

void change(const koophone::Client &client, const std::vector<std::string> &phones) {
    step("set video", [&] { return counted(client.set_video_settings(phones, koophone::VideoSettings())); });
    step("run command", [&] { return counted(client.run_command(phones, "getprop ro.product.model")); });
    step("start and wait", [&] { return counted(client.start_command(phones, "sleep 1").wait({}, draw)); });
    step("reset and wait", [&] { return counted(client.reset_instances(phones).wait({}, draw)); });
    step("device token", [&] {
        const auto has_token = [&](const std::string &phone) {
            return !client.get_device_token(phone).token().empty();
        };
        const auto count = std::count_if(phones.begin(), phones.end(), has_token);
        return Count(static_cast<std::size_t>(count), phones.size());
    });
}

} // namespace

int main(int argc, char **argv) {
    std::vector<std::string> phones(argv + 1, argv + argc);
    const bool read_only = !phones.empty() && phones[0] == "--read-only";
    phones.erase(phones.begin(), phones.begin() + read_only);
    try {
        const koophone::Client client;
        step("log in", [&] { return client.login(), Count(1, 1); });
        step("query status", [&] { return counted(client.query_status(phones)); });
        if (!read_only) {
            change(client, phones);
        }
    } catch (const koophone::Error &error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.kind());
    }
    return exit_code;
}
