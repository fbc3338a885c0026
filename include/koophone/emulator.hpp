// Part of koophone.hpp: the local emulator.

#ifndef KOOPHONE_EMULATOR_HPP
#define KOOPHONE_EMULATOR_HPP

#include <chrono>
#include <string>
#include <string_view>

#include "config.hpp"

#if defined(KOOPHONE_EMULATOR)

namespace koophone {

/// A local KooPhone service with phones that keep state. Stops with its handle.
class Emulator {
public:
    /// Starts one; `options` is a JSON object such as {"phones": 8, "seed": 7}.
    explicit Emulator(const Text &options = "{}")
        : emulator_(detail::make<koophone_emulator>([&](koophone_emulator **out, koophone_error **error) {
              return koophone_emulator_start(options.c_str("options"), out, error);
          })) {}

    /// Its address.
    std::string_view endpoint() const noexcept {
        return detail::text(koophone_emulator_endpoint(emulator_.get()));
    }
    /// Ids of all phones, in a fixed order.
    Texts instance_ids() const noexcept {
        std::size_t count = 0;
        const char *const *first = koophone_emulator_instance_ids(emulator_.get(), &count);
        return {first, count};
    }
    /// The credentials to log in with.
    Credentials credentials() const {
        return Credentials(detail::make<koophone_credentials>([&](koophone_credentials **out, koophone_error **error) {
            return koophone_emulator_credentials(emulator_.get(), out, error);
        }));
    }
    /// A configuration for a client of this emulator.
    Config config() const {
        Config config;
        detail::call([&](koophone_error **error) {
            return koophone_emulator_configure(emulator_.get(), config.get(), error);
        });
        return config;
    }
    /// Adds faults at the end of the queue: a JSON list.
    void add_faults(const Text &faults) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_add_faults(emulator_.get(), faults.c_str("faults"), error);
        });
    }
    /// Empties the queue of faults.
    void clear_faults() const noexcept { koophone_emulator_clear_faults(emulator_.get()); }
    /// Adds rules, which take precedence over the built-in shell: a JSON list.
    void add_rules(const Text &rules) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_add_rules(emulator_.get(), rules.c_str("rules"), error);
        });
    }
    /// Removes all rules.
    void clear_rules() const noexcept { koophone_emulator_clear_rules(emulator_.get()); }
    /// The complete state of a phone, as a JSON object.
    std::string phone(const Text &instance_id) const {
        return text([&](koophone_string **out, koophone_error **error) {
            return koophone_emulator_phone(emulator_.get(), instance_id.c_str("instance_id"), out, error);
        });
    }
    /// What the phones really did, as a JSON list.
    std::string journal() const { return journal(nullptr); }
    /// What one phone really did, as a JSON list.
    std::string journal_of(const Text &instance_id) const { return journal(instance_id.c_str("instance_id")); }
    /// Every request that arrived, as a JSON list.
    std::string requests() const {
        return text([&](koophone_string **out, koophone_error **error) {
            return koophone_emulator_requests(emulator_.get(), out, error);
        });
    }
    /// Empties the journal and the list of requests.
    void clear_journal() const noexcept { koophone_emulator_clear_journal(emulator_.get()); }
    /// Opens a stream of a phone, as a viewer would.
    void start_stream(const Text &instance_id) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_start_stream(emulator_.get(), instance_id.c_str("instance_id"), error);
        });
    }
    /// Freezes or unfreezes a phone.
    void set_frozen(const Text &instance_id, bool frozen) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_set_frozen(emulator_.get(), instance_id.c_str("instance_id"), frozen, error);
        });
    }
    /// Sets the number of free machines for phones that are restored from storage.
    void set_free_machines(std::size_t count) const noexcept {
        koophone_emulator_set_free_machines(emulator_.get(), count);
    }
    /// Pays an order, which creates its phones.
    void pay_order(const Text &order_id) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_pay_order(emulator_.get(), order_id.c_str("order_id"), error);
        });
    }
    /// Sets the state number of a phone; 1 puts it into storage.
    void set_phone_state(const Text &instance_id, std::int64_t state) const {
        detail::call([&](koophone_error **error) {
            return koophone_emulator_set_phone_state(emulator_.get(), instance_id.c_str("instance_id"), state, error);
        });
    }
    /// Moves the emulator's clock forward.
    void advance(std::chrono::milliseconds duration) const noexcept {
        koophone_emulator_advance(emulator_.get(), static_cast<std::uint64_t>(duration.count()));
    }
    /// Expires every token.
    void expire_tokens() const noexcept { koophone_emulator_expire_tokens(emulator_.get()); }
    /// Stops serving.
    void stop() const noexcept { koophone_emulator_stop(emulator_.get()); }

    const koophone_emulator *get() const noexcept { return emulator_.get(); }

private:
    std::string journal(const char *instance_id) const {
        return text([&](koophone_string **out, koophone_error **error) {
            return koophone_emulator_journal(emulator_.get(), instance_id, out, error);
        });
    }

    template <class Function>
    static std::string text(Function function) {
        detail::Handle<koophone_string, koophone_string_free> owner(detail::make<koophone_string>(function));
        return std::string(owner->data, owner->length);
    }

    detail::Handle<koophone_emulator, koophone_emulator_free> emulator_;
};

} // namespace koophone

#endif // KOOPHONE_EMULATOR

#endif // KOOPHONE_EMULATOR_HPP
