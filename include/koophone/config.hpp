// Part of koophone.hpp: credentials, configuration, video settings.

#ifndef KOOPHONE_CONFIG_HPP
#define KOOPHONE_CONFIG_HPP

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results.hpp"

namespace koophone {

/// Who calls: `Credentials().set(KOOPHONE_CREDENTIAL_TOKEN, "...")`.
class Credentials {
public:
    Credentials() : credentials_(detail::make<koophone_credentials>(koophone_credentials_new)) {}
    explicit Credentials(koophone_credentials *credentials) noexcept : credentials_(credentials) {}

    /// The name and password of an IAM user and the name of its account.
    static Credentials password(const std::string &username, const std::string &password, const std::string &domain) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_USERNAME, username).set(KOOPHONE_CREDENTIAL_PASSWORD, password);
        credentials.set(KOOPHONE_CREDENTIAL_DOMAIN, domain);
        return credentials;
    }
    /// An access key and its secret.
    static Credentials access_key(const std::string &access_key, const std::string &secret_key) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_ACCESS_KEY, access_key).set(KOOPHONE_CREDENTIAL_SECRET_KEY, secret_key);
        return credentials;
    }
    /// A ready-made token.
    static Credentials token(const std::string &token) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_TOKEN, token);
        return credentials;
    }

    /// Sets one field (KOOPHONE_CREDENTIAL_...).
    Credentials &set(const std::string &field, const std::string &value) {
        detail::call([&](koophone_error **error) { return koophone_credentials_set(credentials_.get(), field.c_str(), value.c_str(), error); });
        return *this;
    }

    const koophone_credentials *c() const noexcept { return credentials_.get(); }

private:
    detail::Handle<koophone_credentials, koophone_credentials_free> credentials_;
};

/// How important a log record is.
enum class LogLevel {
    error = KOOPHONE_LOG_ERROR,
    warn = KOOPHONE_LOG_WARN,
    info = KOOPHONE_LOG_INFO,
    debug = KOOPHONE_LOG_DEBUG,
};

/// The configuration of a client.
class Config {
public:
    using Log = std::function<void(LogLevel, std::string_view)>;

    Config() : config_(detail::make<koophone_config>(koophone_config_new)) {}

    /// Sets one setting (KOOPHONE_SETTING_...) to a value as text.
    Config &set(const std::string &setting, const std::string &value) {
        detail::call([&](koophone_error **error) { return koophone_config_set(config_.get(), setting.c_str(), value.c_str(), error); });
        return *this;
    }
    /// Sets who calls; without it the provider chain looks.
    Config &credentials(const Credentials &credentials) {
        detail::call([&](koophone_error **error) { return koophone_config_set_credentials(config_.get(), credentials.c(), error); });
        return *this;
    }
    /// Takes nothing from the process's environment.
    Config &ignore_environment() {
        detail::call([&](koophone_error **error) { return koophone_config_ignore_environment(config_.get(), error); });
        return *this;
    }
    /// Has clients tell what they do, up to `level`. `log` is called from any thread and lives as long as anybody may call it; it
    /// must be quick and must not call the library. What it throws is dropped.
    Config &log(LogLevel level, Log log) {
        void *user_data = std::make_unique<Log>(std::move(log)).release();
        const auto number = static_cast<std::int32_t>(level);
        detail::call([&](koophone_error **error) { return koophone_config_set_log(config_.get(), number, tell, user_data, release, error); });
        return *this;
    }

    koophone_config *c() const noexcept { return config_.get(); }

private:
    static void tell(koophone_log_level level, const char *message, void *user_data) noexcept {
        try {
            (*static_cast<Log *>(user_data))(static_cast<LogLevel>(level), message);
        } catch (...) {
            // Nobody above could catch it.
        }
    }
    static void release(void *user_data) noexcept { delete static_cast<Log *>(user_data); }

    detail::Handle<koophone_config, koophone_config_free> config_;
};

/// Video settings: the rates of the documents' example, or read from JSON; change `begin()` to `end()` as you like.
class VideoSettings {
public:
    VideoSettings() { copy(detail::make<koophone_video_setting_list>(koophone_video_settings_default)); }

    /// From a list of {network, codec, p540, p720, p1080}, each of the last three {code_rate, fps}.
    static VideoSettings from_json(const std::string &json) {
        VideoSettings settings;
        settings.copy(detail::make<koophone_video_setting_list>(
            [&](koophone_video_setting_list **out, koophone_error **error) {
                return koophone_video_settings_from_json(json.c_str(), out, error);
            }));
        return settings;
    }

    /// One to six, each with another pair of network and codec.
    std::vector<koophone_video_setting> settings;

private:
    void copy(koophone_video_setting_list *list) {
        detail::Handle<koophone_video_setting_list, koophone_video_setting_list_free> owner(list);
        settings.assign(list->items, list->items + list->count);
    }
};

} // namespace koophone

#endif // KOOPHONE_CONFIG_HPP
