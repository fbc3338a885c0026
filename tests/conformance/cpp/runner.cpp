// The conformance runner of the C++ face: does what the judge's lines say (PROTOCOL.md).

#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model_json.hpp"

using koophone::json;
using koophone::json_list;

namespace {

struct Line {
    std::vector<std::string> words;
    std::vector<std::pair<std::string, std::string>> fields;

    explicit Line(const std::string &text) {
        std::istringstream parts(text);
        for (std::string part; std::getline(parts, part, '\t');) {
            const auto equals = part.find('=');
            if (equals == std::string::npos) {
                words.push_back(part);
            } else {
                fields.emplace_back(part.substr(0, equals), unescaped(part.substr(equals + 1)));
            }
        }
    }

    const std::string *find(const std::string &name) const {
        for (const auto &field : fields) {
            if (field.first == name) {
                return &field.second;
            }
        }
        return nullptr;
    }

    std::string get(const std::string &name) const {
        const std::string *value = find(name);
        return value == nullptr ? std::string() : *value;
    }

    std::vector<std::string> all(const std::string &name) const {
        std::vector<std::string> values;
        for (const auto &field : fields) {
            if (field.first == name) {
                values.push_back(field.second);
            }
        }
        return values;
    }

private:
    static std::string unescaped(const std::string &text) {
        std::string plain;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] != '\\' || at + 1 == text.size()) {
                plain += text[at];
                continue;
            }
            const char c = text[++at];
            plain += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
        }
        return plain;
    }
};

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
    /// The answer to a line.
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

    void make_call(std::ostream &out, const Line &line, const koophone::Options &options) {
        const std::string &operation = line.words.at(1);
        const std::vector<std::string> ids = line.all("instance_id");
        const std::string command = line.get("command");
        if (operation == "run_command") {
            write_results(out, line, client_->run_command(ids, command, options));
        } else if (operation == "start_command") {
            set_task(out, client_->start_command(ids, command, options));
        } else if (operation == "get_task") {
            write(out, "status", client_->get_task(line.get("task_id"), options));
        } else if (operation == "set_video_settings") {
            const auto video = koophone::VideoSettings::from_json(line.get("video_settings"));
            write_results(out, line, client_->set_video_settings(ids, video, options));
        } else if (operation == "query_status") {
            write_results(out, line, client_->query_status(ids, options));
        } else if (operation == "reset_instances") {
            set_task(out, client_->reset_instances(ids, options));
        } else if (operation == "get_device_token") {
            write(out, "authorization", client_->get_device_token(line.get("instance_id"), options));
        } else if (operation == "login") {
            write(out, "identity", client_->login(options));
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
