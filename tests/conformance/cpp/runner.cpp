// The conformance runner of the C++ face: does what the judge's lines say (PROTOCOL.md).

#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "line.hpp"
#include "model_json.hpp"
#include "operations.hpp"

using koophone::json;
using koophone::json_list;

namespace {

/// Cancels a token after a time, from another thread.
class Canceller {
public:
    Canceller(const koophone::CancelToken &token, std::chrono::milliseconds after)
        : thread_([&token, after] {
              std::this_thread::sleep_for(after);
              token.cancel();
          }) {}
    Canceller(const Canceller &) = delete;
    Canceller &operator=(const Canceller &) = delete;
    ~Canceller() { thread_.join(); }

private:
    std::thread thread_;
};

class Runner {
public:
    /// The reply to a line.
    std::string obey(const Line &line) {
        std::ostringstream out;
        try {
            const std::string &word = line.words.at(0);
            if (word == "client") {
                make_client(line);
                out << "{\"ok\":true}";
            } else if (word == "emulator") {
                koophone::Emulator emulator(line.get("options"));
                out << "{\"endpoint\":";
                json(out, emulator.endpoint());
                out << '}';
            } else {
                with_options(line, [&](const koophone::Options &options) {
                    word == "call" ? make_call(out, line, options) : use_task(out, line, options);
                });
            }
        } catch (const koophone::Error &error) {
            out.str("");
            out << "{\"error\":";
            json(out, error);
            out << '}';
        }
        return out.str();
    }

private:
    template <class Use>
    static void with_options(const Line &line, Use use) {
        using std::chrono::milliseconds;
        koophone::Options options;
        const koophone::CancelToken token;
        std::unique_ptr<Canceller> canceller;
        if (const std::string *timeout = line.find("timeout_ms")) {
            options.timeout(milliseconds(std::stoll(*timeout)));
        }
        if (const std::string *after = line.find("cancel_after_ms")) {
            options.cancel(token);
            canceller = std::make_unique<Canceller>(token, milliseconds(std::stoll(*after)));
        }
        options.repeatable(line.find("repeatable") != nullptr);
        if (const std::string *traceparent = line.find("traceparent")) {
            options.traceparent(*traceparent);
        }
        use(options);
    }

    void make_client(const Line &line) {
        const std::string prefix = "credential.";
        koophone::Config config;
        koophone::Credentials credentials;
        bool any = false;
        client_.reset();
        config.ignore_environment();
        for (const auto &[name, value] : line.fields) {
            if (name.compare(0, prefix.size(), prefix) == 0) {
                credentials.set(name.substr(prefix.size()), value);
                any = true;
            } else {
                config.set(name, value);
            }
        }
        if (any) {
            config.credentials(credentials);
        }
        client_ = std::make_unique<koophone::Client>(config);
    }

    /// What becomes of the result of an operation, by its kind.
    struct Reply {
        Runner &runner;
        std::ostream &out;
        const Line &line;

        template <class Results>
        void results(const Results &results) {
            write_results(out, line, results);
        }
        void task(koophone::Task task) { runner.set_task(out, std::move(task)); }
        template <class Value>
        void value(const char *name, const Value &value) {
            write(out, name, value);
        }
        template <class Listing>
        void list(const char *name, Listing listing) {
            const char *mark = "";
            out << "{\"" << name << "\":[";
            for (const auto &item : listing) {
                out << mark;
                json(out, item);
                mark = ",";
            }
            out << "]}";
        }
        void done() { out << "{\"ok\":true}"; }
    };

    void make_call(std::ostream &out, const Line &line, const koophone::Options &options) {
        if (line.words.at(1) == "stats") {
            write(out, "stats", client_->stats());
            return;
        }
        Reply reply{*this, out, line};
        if (!call_operation(line, *client_, options, reply)) {
            write(out, "unknown", line.words.at(1));
        }
    }

    void use_task(std::ostream &out, const Line &line, const koophone::Options &options) {
        const std::string &verb = line.words.at(1);
        if (verb == "poll") {
            write(out, "status", task_->poll(options));
        } else if (verb == "wait") {
            std::ostringstream progress;
            const char *mark = "";
            const auto results = task_->wait(options, [&](const koophone::Progress &now) {
                progress << mark;
                json(progress, now);
                mark = ",";
            });
            if (line.find("raise_for_errors") != nullptr) {
                results.raise_for_errors();
            }
            out << "{\"results\":";
            json_list(out, results);
            out << ",\"progress\":[" << progress.str() << "]}";
        } else if (verb == "save") {
            write(out, "saved", task_->save());
        } else if (verb == "resume") {
            set_task(out, client_->resume_task(line.get("saved")));
        }
    }

    template <class Results>
    static void write_results(std::ostream &out, const Line &line, const Results &results) {
        if (line.find("raise_for_errors") != nullptr) {
            results.raise_for_errors();
        }
        out << "{\"results\":";
        json_list(out, results);
        out << '}';
    }

    template <class Value>
    static void write(std::ostream &out, const char *name, const Value &value) {
        out << "{\"" << name << "\":";
        json(out, value);
        out << '}';
    }

    void set_task(std::ostream &out, koophone::Task task) {
        task_ = std::make_unique<koophone::Task>(std::move(task));
        out << "{\"task\":{\"operation\":";
        json(out, task_->operation());
        out << ",\"task_ids\":";
        json(out, task_->task_ids());
        out << ",\"phones\":";
        json(out, task_->phones());
        out << "}}";
    }

    std::unique_ptr<koophone::Client> client_;
    std::unique_ptr<koophone::Task> task_;
};

} // namespace

int main() {
    Runner runner;
    for (std::string text; std::getline(std::cin, text);) {
        std::cout << runner.obey(Line(text)) << std::endl;
    }
    return 0;
}
