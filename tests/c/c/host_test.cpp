// The library changes nothing of the program that loads it, and the log contains no secret.

#include <dirent.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "support.h"

extern char **environ;

namespace {

int threads() {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    while (const dirent *entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char **variable = environ; *variable != nullptr; variable++) {
        all.emplace_back(*variable);
    }
    return all;
}

// Every signal that can be handled: which function, flags and mask.
std::vector<std::string> handlers() {
    std::vector<std::string> all;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action = {};
        if (sigaction(number, nullptr, &action) == 0) {
            all.emplace_back(reinterpret_cast<const char *>(&action.sa_handler), sizeof action.sa_handler);
            all.back() += std::to_string(action.sa_flags);
        }
    }
    return all;
}

// A fresh child checks it, because other tests have started threads in this process.
TEST(Host, NothingIsChanged) {
    const pid_t child = fork();
    if (child == 0) {
        begin_child();
        const auto variables = environment();
        const auto signals = handlers();
        const std::string locale = setlocale(LC_ALL, nullptr);
        const int before = threads();
        char folder[4096];
        char *where = getcwd(folder, sizeof folder);
        {
            koophone_config *config = nullptr;
            koophone_client *client = nullptr;
            koophone_queue *queue = nullptr;
            koophone_config_new(&config, nullptr);
            koophone_config_ignore_environment(config, nullptr);
            koophone_client_new(config, &client, nullptr);
            koophone_queue_new(&queue, nullptr);
            koophone_client_free(client);
            koophone_queue_free(queue);
            koophone_config_free(config);
        }
        if (threads() != before) {
            _exit(1);
        }
        Service service;
        service.run("true");
        const OwnCall call = service.begin("true");
        koophone_call_wait(call.get(), UINT64_MAX);
        char now[4096];
        const bool same = variables == environment() && signals == handlers() && locale == setlocale(LC_ALL, nullptr) &&
                          std::strcmp(where, getcwd(now, sizeof now)) == 0;
        _exit(same ? 0 : 2);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

struct Log {
    std::mutex mutex;
    std::string text;
    int records = 0;
    int released = 0;
};

void keep(koophone_log_level level, const char *message, void *user_data) {
    auto *log = static_cast<Log *>(user_data);
    const std::lock_guard<std::mutex> lock(log->mutex);
    log->text += std::to_string(level) + " " + message + "\n";
    log->records++;
}

void release(void *user_data) { static_cast<Log *>(user_data)->released++; }

TEST(Host, TheLogSaysWhatIsDoneAndNoSecret) {
    Log log;
    {
        Service service(R"({"password": "S3CRET-PASSWORD"})");
        OK(koophone_config_set_log(service.config, KOOPHONE_LOG_DEBUG, keep, &log, release, &error));
        koophone_client_free(service.client);
        OK(koophone_client_new(service.config, &service.client, &error));
        service.faults(R"([{"operation": "query_status", "times": 1, "action": "throttle"}])");
        service.run("echo S3CRET-COMMAND");
        const OwnCall call = service.begin("true");
        koophone_call_wait(call.get(), UINT64_MAX);
        koophone_instance_status_list *statuses = nullptr;
        OK(koophone_client_query_status(service.client, service.ids, 1, nullptr, &statuses, &error));
        koophone_instance_status_list_free(statuses);
        koophone_device_authorization *authorization = nullptr;
        OK(koophone_client_get_device_token(service.client, service.ids[0], nullptr, &authorization, &error));
        EXPECT_EQ(log.text.find(authorization->token), std::string::npos);
        koophone_device_authorization_free(authorization);
        EXPECT_EQ(log.released, 0);
    }
    EXPECT_GT(log.records, 0);
    EXPECT_EQ(log.text.find("S3CRET"), std::string::npos) << log.text;
    EXPECT_EQ(log.released, 1);
}

TEST(Host, ALevelOmitsLessImportantRecords) {
    Log log;
    Service service;
    OK(koophone_config_set_log(service.config, KOOPHONE_LOG_ERROR, keep, &log, nullptr, &error));
    koophone_client_free(service.client);
    OK(koophone_client_new(service.config, &service.client, &error));
    service.run("true");
    EXPECT_EQ(log.records, 0) << log.text;
}

TEST(Host, TheVersionsAgree) {
    EXPECT_STREQ(koophone_version(), KOOPHONE_VERSION);
    const std::string parts =
        std::to_string(KOOPHONE_VERSION_MAJOR) + "." + std::to_string(KOOPHONE_VERSION_MINOR) + "." +
                              std::to_string(KOOPHONE_VERSION_PATCH);
    EXPECT_EQ(parts, KOOPHONE_VERSION);
}

} // namespace
