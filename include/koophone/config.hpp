// Part of koophone.hpp: credentials and configuration.

#ifndef KOOPHONE_CONFIG_HPP
#define KOOPHONE_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "argument_types.hpp"
#include "settings.hpp"

namespace koophone {

/// Credentials: `Credentials().set(KOOPHONE_CREDENTIAL_TOKEN, "...")`.
class Credentials {
public:
    Credentials() : credentials_(detail::make<koophone_credentials>(koophone_credentials_new)) {}
    explicit Credentials(koophone_credentials *credentials) noexcept : credentials_(credentials) {}

    /// The name and password of an IAM user and the name of its account.
    static Credentials password(const Text &username, const Text &password, const Text &domain) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_USERNAME, username).set(KOOPHONE_CREDENTIAL_PASSWORD, password);
        credentials.set(KOOPHONE_CREDENTIAL_DOMAIN, domain);
        return credentials;
    }
    /// An access key and its secret.
    static Credentials access_key(const Text &access_key, const Text &secret_key) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_ACCESS_KEY, access_key).set(KOOPHONE_CREDENTIAL_SECRET_KEY, secret_key);
        return credentials;
    }
    /// A ready-made token.
    static Credentials token(const Text &token) {
        Credentials credentials;
        credentials.set(KOOPHONE_CREDENTIAL_TOKEN, token);
        return credentials;
    }

    /// Sets one field (KOOPHONE_CREDENTIAL_...).
    Credentials &set(const Text &field, const Text &value) {
        detail::call([&](koophone_error **error) {
            return koophone_credentials_set(credentials_.get(), field.c_str("field"), value.c_str("value"), error);
        });
        return *this;
    }

    const koophone_credentials *get() const noexcept { return credentials_.get(); }

private:
    detail::Handle<koophone_credentials, koophone_credentials_free> credentials_;
};

/// The configuration of a client. Each setting has a typed function, such as `set_concurrency(8)` and
/// `set_timeout(30s)`.
class Config : public Settings<Config> {
public:
    using Log = std::function<void(LogLevel, std::string_view)>;

    Config() : config_(detail::make<koophone_config>(koophone_config_new)) {}

    /// Sets one setting (KOOPHONE_SETTING_...) to a value as text.
    Config &set(const Text &setting, const Text &value) {
        detail::call([&](koophone_error **error) {
            return koophone_config_set(config_.get(), setting.c_str("setting"), value.c_str("value"), error);
        });
        return *this;
    }
    /// Sets one setting to a number, or to true or false.
    template <class Number, std::enable_if_t<std::is_integral_v<Number>, int> = 0>
    Config &set(const Text &setting, Number value) {
        if constexpr (std::is_same_v<Number, bool>) {
            return set(setting, Text(value ? "true" : "false"));
        } else {
            return set(setting, Text(std::to_string(value)));
        }
    }
    /// Sets one setting to a time.
    Config &set(const Text &setting, std::chrono::milliseconds value) {
        return set(setting, Text(std::to_string(value.count()) + "ms"));
    }
    /// Sets the credentials; without them the provider chain is searched.
    Config &credentials(const Credentials &credentials) {
        detail::call([&](koophone_error **error) {
            return koophone_config_set_credentials(config_.get(), credentials.get(), error);
        });
        return *this;
    }
    /// Ignores the process's environment.
    Config &ignore_environment() {
        detail::call([&](koophone_error **error) { return koophone_config_ignore_environment(config_.get(), error); });
        return *this;
    }
    /// Makes clients log what they do, up to `level`. `log` is called from any thread and lives as long as it may be
    /// called; it must be quick and must not call the library. What it throws is dropped.
    Config &log(LogLevel level, Log log) {
        void *user_data = std::make_unique<Log>(std::move(log)).release();
        const auto number = static_cast<std::int32_t>(level);
        detail::call([&](koophone_error **error) {
            return koophone_config_set_log(config_.get(), number, receive, user_data, release, error);
        });
        return *this;
    }

    koophone_config *get() const noexcept { return config_.get(); }

private:
    static void receive(koophone_log_level level, const char *message, void *user_data) noexcept {
        try {
            (*static_cast<Log *>(user_data))(static_cast<LogLevel>(level), message);
        } catch (...) {
            // Nothing above could catch it.
        }
    }
    static void release(void *user_data) noexcept { delete static_cast<Log *>(user_data); }

    detail::Handle<koophone_config, koophone_config_free> config_;
};

} // namespace koophone

#endif // KOOPHONE_CONFIG_HPP
