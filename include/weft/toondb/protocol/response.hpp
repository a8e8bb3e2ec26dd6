// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The payloads of answers, both ways.

#include <weft/core/error.hpp>
#include <weft/embedded/kv_error.hpp>
#include <weft/toondb/protocol/request.hpp>

#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::toondb {

/// An entry of a scan.
struct key_value {
    std::string key;
    std::string value;

    bool operator==(const key_value&) const = default;
};

/// What a server counts.
struct server_stats {
    std::uint64_t connections_total = 0;
    std::uint64_t connections_active = 0;
    std::uint64_t requests_total = 0;
    std::uint64_t requests_success = 0;
    std::uint64_t requests_error = 0;
    std::uint64_t bytes_received = 0; ///< whole frames, headers included
    std::uint64_t bytes_sent = 0;
    std::uint64_t uptime_secs = 0;
    std::uint64_t memtable_size_bytes = 0; ///< memory of the page caches
    std::uint64_t wal_size_bytes = 0;      ///< size of the log file
    std::uint64_t active_transactions = 0; ///< of the connection that asks; of all in `ipc_server::stats()`
};

namespace protocol {

/// The answer to SCAN, entry by entry: u32 count, then each a u16 length, key, u32 length, value.
class scan_writer {
public:
    /// Appends a VALUE frame to `out`, which must outlive it.
    explicit scan_writer(std::string& out) : frame_(out, opcode::value), count_at_(out.size()) {
        put_integer(out, std::uint32_t{0});
    }
    /// \throws protocol_error when the answer gets too large, data_error for a key of more than 65535 bytes.
    void add(std::string_view key, std::string_view value) {
        std::string& out = frame_.payload();
        put_sized<std::uint16_t>(out, key, "a key in the result of a scan");
        if (frame_.size() + 4 + value.size() > max_payload)
            throw protocol_error(too_large_text(frame_.size() + 4 + value.size()));
        put_sized<std::uint32_t>(out, value, "a value");
        ++count_;
    }
    void finish() {
        for (std::size_t i = 0; i < 4; ++i) frame_.payload()[count_at_ + i] = static_cast<char>(count_ >> (8 * i));
        frame_.finish();
    }

private:
    frame_builder frame_;
    std::size_t count_at_;
    std::uint32_t count_ = 0;
};

/// The entries of a scan. Of a payload that is cut those that are whole.
inline std::vector<key_value> decode_scan(std::string_view payload) {
    std::vector<key_value> entries;
    payload_reader reader(payload);
    std::uint32_t count = 0;
    if (!reader.take(count)) return entries;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string_view key;
        std::string_view value;
        if (!reader.take_sized<std::uint16_t>(key) || !reader.take_sized<std::uint32_t>(value)) break;
        entries.push_back({std::string(key), std::string(value)});
    }
    return entries;
}

/// A transaction's number or the number of a commit. \throws protocol_error when it is cut.
inline std::uint64_t decode_txn_id(std::string_view payload) {
    std::uint64_t number = 0;
    if (!payload_reader(payload).take(number))
        throw protocol_error("TXN_ID has " + std::to_string(payload.size()) + " bytes, expected 8");
    return number;
}

/// The figures as a JSON object in one line, in the order of the struct.
inline std::string stats_json(const server_stats& s) {
    std::string out = "{";
    const auto member = [&](const char* name, std::uint64_t number) {
        if (out.size() > 1) out += ',';
        ((out += '"') += name) += "\":";
        out += std::to_string(number);
    };
    member("connections_total", s.connections_total);
    member("connections_active", s.connections_active);
    member("requests_total", s.requests_total);
    member("requests_success", s.requests_success);
    member("requests_error", s.requests_error);
    member("bytes_received", s.bytes_received);
    member("bytes_sent", s.bytes_sent);
    member("uptime_secs", s.uptime_secs);
    member("memtable_size_bytes", s.memtable_size_bytes);
    member("wal_size_bytes", s.wal_size_bytes);
    member("active_transactions", s.active_transactions);
    return out += '}';
}

namespace detail {

inline bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
inline std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

[[noreturn]] inline void bad_stats(std::string_view text, const std::string& why) {
    throw protocol_error("Failed to parse stats JSON: " + why + " in '" + std::string(text.substr(0, 100)) +
                         (text.size() > 100 ? "…'" : "'"));
}

inline std::int64_t stats_number(std::string_view whole, std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc() || end != digits.data() + digits.size())
        bad_stats(whole, "'" + std::string(digits) + "' is no integer");
    return number;
}

/// `{"name": 1, …}`, whose names have no escapes and no commas.
inline std::map<std::string, std::int64_t> json_stats(std::string_view text) {
    std::map<std::string, std::int64_t> stats;
    std::string_view rest = trimmed(text);
    if (rest.size() < 2 || rest.back() != '}') bad_stats(text, "no '}' at the end");
    rest = trimmed(rest.substr(1, rest.size() - 2));
    while (!rest.empty()) {
        const std::size_t close = rest.front() == '"' ? rest.find('"', 1) : std::string_view::npos;
        if (close == std::string_view::npos) bad_stats(text, "a member without a name");
        const std::string_view name = rest.substr(1, close - 1);
        rest = trimmed(rest.substr(close + 1));
        if (rest.empty() || rest.front() != ':') bad_stats(text, "no ':' behind '" + std::string(name) + "'");
        rest.remove_prefix(1);
        const std::size_t comma = rest.find(',');
        stats[std::string(name)] = stats_number(text, trimmed(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest = trimmed(rest.substr(comma + 1));
        if (rest.empty()) bad_stats(text, "a ',' at the end");
    }
    return stats;
}

} // namespace detail

/// The figures of a server by name: from a JSON object, or from the lines `name=number` that servers before 0.2.7 send.
/// \throws protocol_error for anything else.
inline std::map<std::string, std::int64_t> decode_stats(std::string_view text) {
    const std::string_view all = detail::trimmed(text);
    if (!all.empty() && all.front() == '{') return detail::json_stats(all);
    std::map<std::string, std::int64_t> stats;
    for (std::string_view rest = all; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = detail::trimmed(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) detail::bad_stats(text, "no object and no name=number");
        stats[std::string(detail::trimmed(line.substr(0, equals)))] =
            detail::stats_number(text, detail::trimmed(line.substr(equals + 1)));
    }
    if (stats.empty()) detail::bad_stats(text, "nothing");
    return stats;
}

/// Classes of a FAILURE beyond those of `errc`.
inline constexpr std::uint8_t transaction_failure = 64;
inline constexpr std::uint8_t conflict_failure = 65;

/// FAILURE: u8 class, u32 the engine's code, u8 length, SQLSTATE, the message.
inline void append_failure(std::string& out, const error& e) {
    auto kind = static_cast<std::uint8_t>(e.kind());
    if (dynamic_cast<const embedded::transaction_error*>(&e) != nullptr) kind = transaction_failure;
    if (dynamic_cast<const embedded::transaction_conflict*>(&e) != nullptr) kind = conflict_failure;
    const diagnostics& info = e.diagnostics();
    frame_builder frame(out, opcode::failure);
    put_integer(out, kind);
    put_integer(out, static_cast<std::uint32_t>(info.code));
    put_sized<std::uint8_t>(out, std::string_view(info.sqlstate).substr(0, 5), "an SQLSTATE");
    out += std::string_view(info.message).substr(0, max_payload / 2);
    frame.finish();
}

/// Throws what a FAILURE says, as the class it says.
[[noreturn]] inline void throw_failure(std::string_view payload) {
    payload_reader reader(payload);
    std::uint8_t kind = 0;
    std::uint32_t code = 0;
    std::string_view state;
    if (!reader.take(kind) || !reader.take(code) || !reader.take_sized<std::uint8_t>(state))
        throw protocol_error("FAILURE has " + std::to_string(payload.size()) + " bytes and is cut");
    diagnostics info;
    info.message = reader.rest();
    info.sqlstate = state;
    info.code = static_cast<int>(code);
    if (kind == conflict_failure) throw embedded::transaction_conflict(std::move(info), &embedded::kv_errors);
    if (kind == transaction_failure) throw embedded::transaction_error(std::move(info), &embedded::kv_errors);
    throw_error(static_cast<errc>(kind), std::move(info));
}

} // namespace protocol

} // namespace weft::inline v0::toondb
