// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Settings of a key-value database: a struct, and the same as names and values for what comes from a file or a
/// command line.

#include <weft/core/error.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

/// When committed data is forced to the disk.
enum class sync_mode : std::uint8_t {
    off,    ///< never: what was committed survives the end of the process, not of the machine
    normal, ///< at checkpoints: a power failure may lose the last transactions, never a part of one
    full,   ///< at every commit: what was committed survives a power failure
};

/// What the store should be good at. A B-tree keeps every scan in order and needs no choice: all policies behave alike.
enum class index_policy : std::uint8_t { write_optimized, balanced, scan_optimized, append_only };

/// The value of one named setting.
class config_value {
public:
    template <std::same_as<bool> B>
    constexpr config_value(B on) noexcept : kind_(kind::boolean), number_(on ? 1 : 0) {}
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    constexpr config_value(I number) noexcept
        : kind_(kind::number), negative_(number < 0), number_(static_cast<std::uint64_t>(number)) {}
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    constexpr config_value(const T& text) noexcept : text_(text) {}

    /// The setting as a switch: a bool, or the texts `true`, `false`, `on`, `off`, `1`, `0`.
    bool as_bool(std::string_view key) const {
        if (kind_ == kind::boolean) return number_ != 0;
        const std::string text = lower();
        if (text == "true" || text == "on" || text == "1") return true;
        if (text == "false" || text == "off" || text == "0") return false;
        refuse(key, "true or false");
    }
    /// The setting as a number of bytes or milliseconds.
    std::uint64_t as_number(std::string_view key, std::uint64_t least, std::uint64_t most) const {
        std::uint64_t value = 0;
        bool good = kind_ == kind::number && !negative_;
        if (good) value = number_;
        if (kind_ == kind::text && !text_.empty() && text_.size() < 19) {
            good = true;
            for (const char c : text_) {
                good = good && c >= '0' && c <= '9';
                value = value * 10 + static_cast<std::uint64_t>(c - '0');
            }
        }
        if (!good || value < least || value > most)
            refuse(key, "a number from " + std::to_string(least) + " to " + std::to_string(most));
        return value;
    }
    /// The setting as text in lower case; numbers and switches as they are written.
    std::string lower() const {
        if (kind_ == kind::boolean) return number_ != 0 ? "true" : "false";
        if (kind_ == kind::number)
            return negative_ ? std::to_string(static_cast<std::int64_t>(number_)) : std::to_string(number_);
        std::string text(text_);
        for (char& c : text) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return text;
    }
    [[noreturn]] void refuse(std::string_view key, const std::string& wanted) const {
        throw interface_error("configuration: " + std::string(key) + " is '" +
                              (kind_ == kind::text ? std::string(text_) : lower()) + "', expected " + wanted);
    }

private:
    enum class kind : std::uint8_t { boolean, number, text };
    kind kind_ = kind::text;
    bool negative_ = false;
    std::uint64_t number_ = 0;
    std::string_view text_;
};

/// One named setting: `{"sync_mode", "full"}`.
struct config_entry {
    std::string_view key;
    config_value value;
};

/// Settings of a key-value database, named as ToonDB names them.
struct kv_config {
    bool create_if_missing = true; ///< false: the file must exist
    bool wal_enabled = true;       ///< false: no log; a crash loses or damages data, and readers and the writer wait
                                   ///< for each other
    embedded::sync_mode sync_mode = embedded::sync_mode::normal;
    std::uint64_t memtable_size_bytes = 67'108'864; ///< budget of the page cache, and of the log between checkpoints
    bool group_commit = true;                       ///< commits of several threads share a sync (`sync_mode::full`)
    embedded::index_policy index_policy = embedded::index_policy::balanced;
    bool read_only = false;               ///< the file must exist and is not changed
    std::uint32_t busy_timeout_ms = 5000; ///< how long a writer waits for another thread's or process's, milliseconds

    /// The settings as names and values. \throws interface_error naming a key that does not exist or a value that it
    /// cannot have.
    static kv_config from(std::span<const config_entry> entries) {
        kv_config config;
        for (const config_entry& entry : entries) config.set(entry.key, entry.value);
        return config;
    }
    static kv_config from(std::initializer_list<config_entry> entries) {
        return from(std::span<const config_entry>(entries.begin(), entries.size()));
    }

    /// Sets one setting by name, as from() does.
    void set(std::string_view key, const config_value& value) {
        if (key == "create_if_missing") {
            create_if_missing = value.as_bool(key);
        } else if (key == "wal_enabled") {
            wal_enabled = value.as_bool(key);
        } else if (key == "sync_mode") {
            sync_mode = sync_mode_of(key, value);
        } else if (key == "memtable_size_bytes") {
            memtable_size_bytes = value.as_number(key, least_memory, most_memory);
        } else if (key == "group_commit") {
            group_commit = value.as_bool(key);
        } else if (key == "index_policy") {
            index_policy = policy_of(key, value);
        } else if (key == "read_only") {
            read_only = value.as_bool(key);
        } else if (key == "busy_timeout_ms") {
            busy_timeout_ms = static_cast<std::uint32_t>(value.as_number(key, 0, INT32_MAX));
        } else {
            throw interface_error("configuration: no setting is named '" + std::string(key) +
                                  "'; there are create_if_missing, wal_enabled, sync_mode, memtable_size_bytes, "
                                  "group_commit, index_policy, read_only, busy_timeout_ms");
        }
    }

    static constexpr std::uint64_t least_memory = std::uint64_t{64} * 1024;
    static constexpr std::uint64_t most_memory = std::uint64_t{1} << 40;

private:
    static embedded::sync_mode sync_mode_of(std::string_view key, const config_value& value) {
        const std::string text = value.lower();
        if (text == "full" || text == "2") return embedded::sync_mode::full;
        if (text == "normal" || text == "1") return embedded::sync_mode::normal;
        if (text == "off" || text == "0") return embedded::sync_mode::off;
        value.refuse(key, "'full', 'normal' or 'off'");
    }
    static embedded::index_policy policy_of(std::string_view key, const config_value& value) {
        const std::string text = value.lower();
        if (text == "balanced") return embedded::index_policy::balanced;
        if (text == "write_optimized") return embedded::index_policy::write_optimized;
        if (text == "scan_optimized") return embedded::index_policy::scan_optimized;
        if (text == "append_only") return embedded::index_policy::append_only;
        value.refuse(key, "'balanced', 'write_optimized', 'scan_optimized' or 'append_only'");
    }
};

} // namespace weft::inline v0::embedded
