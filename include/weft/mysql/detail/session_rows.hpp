// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The part of session<Stream> that reads rows.

#include <weft/mysql/session.hpp>

namespace weft::inline v0::mysql {

namespace detail {

inline void append_warnings(const row_block& rows, std::vector<warning>& all) {
    const auto unexpected = [] {
        protocol::throw_malformed_packet("answer to SHOW WARNINGS: expected level, code and message");
    };
    if (rows.layout().size() != 3) unexpected();
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        const cell level = rows.at(0, r);
        const cell code = rows.at(1, r);
        const cell message = rows.at(2, r);
        if (level.kind() != type_id::text || !is_integer(code.kind()) || message.kind() != type_id::text) unexpected();
        all.push_back({std::string(level.text()), static_cast<int>(code.int64()), std::string(message.text())});
    }
}

} // namespace detail

template <net::byte_stream Stream>
net::task<bool> session<Stream>::read_rows(row_block& into, std::size_t count) {
    into.clear();
    places_.clear();
    if (phase_ != phase::rows) return net::task<bool>::ended(false);
    server_error_ = false;
    bool complete = false;
    try {
        complete = fetching_ && scan(count) == 0; // most sets are small, and there already
        complete = complete && (fetching_ || !places_.empty() || phase_ != phase::rows);
    } catch (...) {
        if (!server_error_) close();
        throw;
    }
    if (!complete) return gather_rows(&into, count);
    return net::task<bool>::ended(take_rows(into));
}

template <net::byte_stream Stream>
net::task<bool> session<Stream>::gather_rows(row_block* into, std::size_t count) {
    try {
        co_await gather(count);
    } catch (...) {
        if (!server_error_) close();
        throw;
    }
    co_return take_rows(*into);
}

/// Hands over the rows that were found.
template <net::byte_stream Stream>
bool session<Stream>::take_rows(row_block& into) {
    channel_.received().consume(std::exchange(scanned_, 0)); // the bytes stay where they are until more is received
    if (places_.empty()) return false;
    const std::uint64_t first_row = std::exchange(row_number_, row_number_ + places_.size());
    into.assign(layout_, encoding_, channel_.received().share(), places_, first_row);
    return true;
}

/// Finds up to `count` rows in what is received, receiving more while there is room behind it.
template <net::byte_stream Stream>
net::task<> session<Stream>::gather(std::size_t count) {
    for (;;) {
        if (!fetching_) co_await send_fetch(count);
        const std::size_t missing = scan(count);
        const bool portion_was_empty = places_.empty() && !fetching_ && phase_ == phase::rows;
        if (missing == 0 && !portion_was_empty) co_return;
        if (missing == 0) continue;
        if (!places_.empty() && !channel_.received().has_room(missing)) co_return;
        co_await channel_.fill(missing);
    }
}

/// Notes the rows that are whole. Returns how many bytes the next one lacks, 0 when there are `count` or the set
/// has ended.
template <net::byte_stream Stream>
std::size_t session<Stream>::scan(std::size_t count) {
    detail::receive_buffer& buffer = channel_.received();
    for (;;) {
        const std::span<std::byte> unread = scan_plain_rows(count);
        if (places_.size() == count) return 0;
        const protocol::assembled_packet packet = channel_.assembler().next(unread);
        if (!packet) return packet.missing;
        const std::byte first = packet.payload.empty() ? std::byte{0} : packet.payload[0];
        if (first >= std::byte{0xFE}) [[unlikely]] {
            if (protocol::is_error(packet.payload)) {
                buffer.consume(std::exchange(scanned_, 0) + packet.consumed); // with the rows nobody will see
                places_.clear();
                throw_if_server_error(packet.payload);
            }
            if (protocol::is_end_of_rows(packet.payload, capabilities_)) {
                scanned_ += packet.consumed;
                end_rows(protocol::decode_end(packet.payload, capabilities_));
                return 0;
            }
        }
        const auto offset =
            static_cast<std::size_t>(packet.payload.data() - detail::receive_buffer::data(buffer.share()));
        places_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(packet.payload.size())});
        scanned_ += packet.consumed;
    }
}

/// Notes rows as long as they are whole and cannot be anything but rows. Returns the unread bytes that follow.
template <net::byte_stream Stream>
std::span<std::byte> session<Stream>::scan_plain_rows(std::size_t count) {
    detail::receive_buffer& buffer = channel_.received();
    const std::span<std::byte> unread = buffer.unread().subspan(scanned_);
    if (unread.empty() || places_.size() >= count) return unread;
    const std::byte* const base = detail::receive_buffer::data(buffer.share());
    std::size_t left = count - places_.size();
    const std::size_t taken = channel_.assembler().take_while(unread, [&](blob_view row) {
        if (left == 0 || row.empty() || row[0] >= std::byte{0xFE}) return false;
        --left;
        places_.push_back({static_cast<std::uint32_t>(row.data() - base), static_cast<std::uint32_t>(row.size())});
        return true;
    });
    scanned_ += taken;
    return unread.subspan(taken);
}

template <net::byte_stream Stream>
void session<Stream>::end_rows(const protocol::ok_message& end) {
    // a server that sends no end of definitions tells only here that there is a cursor
    if (encoding_ == row_encoding::binary && (end.status & protocol::status::cursor_exists) != 0)
        executing_cursor_ = true;
    const bool more_to_fetch = executing_cursor_ && (end.status & protocol::status::last_row_sent) == 0;
    if (more_to_fetch) {
        fetching_ = false;
        status_ = end.status;
        return;
    }
    end_set(end);
}

/// Asks for the next rows of a cursor on the server.
template <net::byte_stream Stream>
net::task<> session<Stream>::send_fetch(std::size_t count) {
    const std::size_t rows = count < options_.server_cursor ? count : options_.server_cursor;
    protocol::encode_stmt_fetch(executing_, static_cast<std::uint32_t>(rows), channel_.begin_command());
    channel_.end_message();
    co_await channel_.flush();
    fetching_ = true;
}

template <net::byte_stream Stream>
net::task<> session<Stream>::skip_rows() {
    while (phase_ == phase::rows) {
        places_.clear();
        if (fetching_) {
            co_await closing_on_error(gather(4096));
        } else {
            co_await closing_on_error(close_cursor());
        }
        channel_.received().consume(std::exchange(scanned_, 0));
    }
}

/// Gives up the rows of a cursor that were not fetched.
template <net::byte_stream Stream>
net::task<> session<Stream>::close_cursor() {
    protocol::encode_stmt_reset(executing_, channel_.begin_command());
    channel_.end_message();
    co_await channel_.flush();
    const blob_view payload = co_await channel_.receive();
    throw_if_server_error(payload);
    scanned_ = 0;
    end_set(protocol::decode_ok(payload, capabilities_));
}

template <net::byte_stream Stream>
net::task<std::vector<warning>> session<Stream>::warnings() {
    const set_summary summary = summary_;
    const std::uint64_t number = statement_number_;
    std::vector<warning> all;
    co_await query("SHOW WARNINGS");
    row_block rows;
    for (;;) {
        const bool found = co_await read_rows(rows, 1024);
        if (!found) break;
        detail::append_warnings(rows, all);
    }
    clear_set();
    summary_ = summary;
    statement_number_ = number;
    co_return all;
}

} // namespace weft::inline v0::mysql
