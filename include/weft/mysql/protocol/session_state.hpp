// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Session state tracking: what an OK message says has changed in the session, for clients with `session_track`.

#include <weft/mysql/protocol/wire.hpp>

#include <cstdint>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// What of the session changed.
enum class session_change_kind : std::uint8_t {
    system_variable = 0,             ///< `name` and `value`
    schema = 1,                      ///< `value` is the new default database
    state_changed = 2,               ///< `value` is `1` when something worth migrating changed
    gtids = 3,                       ///< `value` is a set of transaction ids
    transaction_characteristics = 4, ///< `value` is SQL that starts such a transaction again
    transaction_state = 5,           ///< `value` is eight letters, `T_______` within an explicit transaction
};

/// One change. Views into the message.
struct session_change {
    session_change_kind kind{};
    std::string_view name{}; ///< of system variables
    std::string_view value{};

    friend bool operator==(const session_change&, const session_change&) = default;
};

/// Calls `f(session_change)` for every change in the session state of an OK message. Kinds unknown here are passed
/// over by their length. \throws operational_error 2027.
template <class F>
void for_each_session_change(blob_view state, F&& f) {
    wire_reader in(state, "session state");
    while (!in.at_end()) {
        const std::uint8_t kind = in.u8("kind");
        wire_reader entry(in.lenenc_bytes("entry"), "session state entry");
        if (kind > static_cast<std::uint8_t>(session_change_kind::transaction_state)) continue;
        session_change change{static_cast<session_change_kind>(kind), {}, {}};
        if (change.kind == session_change_kind::gtids) entry.u8("encoding");
        do { // MariaDB puts several variables into one entry
            if (change.kind == session_change_kind::system_variable) change.name = entry.lenenc_text("name");
            change.value = entry.lenenc_text("value");
            f(change);
        } while (change.kind == session_change_kind::system_variable && !entry.at_end());
    }
}

/// Appends one change to the session state of an OK message.
inline void append_session_change(const session_change& change, wire_writer out) {
    blob entry;
    wire_writer inner(entry);
    if (change.kind == session_change_kind::gtids) inner.u8(0);
    if (change.kind == session_change_kind::system_variable) inner.lenenc_text(change.name);
    inner.lenenc_text(change.value);
    out.u8(static_cast<std::uint8_t>(change.kind));
    out.lenenc_bytes(entry);
}

} // namespace weft::inline v0::mysql::protocol
