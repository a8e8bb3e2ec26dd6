// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The part of session<Stream> that reads what the server answers before rows, and gives it files.

#include <weft/mysql/session.hpp>

namespace weft::inline v0::mysql {

/// Reads the head of an answer: what comes before rows. `memory` is what is known of the statement's columns. Most
/// heads come in one piece and need no coroutine.
template <net::byte_stream Stream>
net::task<> session<Stream>::read_head(row_encoding encoding, detail::remembered_layout* memory) {
    encoding_ = encoding;
    memory_ = memory != nullptr ? memory : &layouts_;
    clear_set();
    phase_ = phase::idle; // should this fail
    head_ = head_part::answer;
    server_error_ = false;
    std::size_t missing = 0;
    try {
        missing = advance_head();
        if constexpr (Stream::is_blocking) {
            for (; missing != 0; missing = advance_head()) net::run_now(channel_.fill(missing));
        }
    } catch (...) {
        if (!server_error_) close();
        throw;
    }
    if (head_ == head_part::complete) return net::task<>::ended();
    return finish_head(missing);
}

template <net::byte_stream Stream>
net::task<> session<Stream>::finish_head(std::size_t missing) {
    try {
        while (head_ != head_part::complete) {
            if (head_ == head_part::infile) {
                head_ = head_part::answer;
                co_await answer_infile(std::move(infile_name_));
            } else {
                co_await channel_.fill(missing);
            }
            missing = advance_head();
        }
    } catch (...) {
        if (!server_error_) close();
        throw;
    }
}

/// Takes the messages of the head that are there. Returns how many bytes the next one lacks; 0: the head is complete,
/// or the server waits for a file.
template <net::byte_stream Stream>
std::size_t session<Stream>::advance_head() {
    do {
        const protocol::assembled_packet packet = channel_.take();
        if (!packet) return packet.missing;
        if (head_ == head_part::answer) {
            take_answer(packet.payload);
        } else {
            throw_if_server_error(packet.payload);
            if (head_ == head_part::definitions)
                take_definition(packet.payload);
            else
                open_rows(protocol::decode_end(packet.payload, capabilities_).status);
        }
    } while (head_ != head_part::complete && head_ != head_part::infile);
    return 0;
}

template <net::byte_stream Stream>
void session<Stream>::take_answer(blob_view payload) {
    switch (protocol::classify_response(payload, capabilities_)) {
    case protocol::response_kind::progress: return; // the answer is yet to come
    case protocol::response_kind::error: throw_if_server_error(payload); return;
    case protocol::response_kind::ok:
    case protocol::response_kind::eof:
        end_set(decode_success(payload));
        head_ = head_part::complete;
        return;
    case protocol::response_kind::local_infile:
        infile_name_ = protocol::decode_local_infile(payload);
        head_ = head_part::infile;
        return;
    case protocol::response_kind::result_set: break;
    }
    const protocol::column_count count = protocol::decode_column_count(payload, capabilities_);
    if (!count.metadata_follows) protocol::throw_malformed_packet("column definitions: the server left them out");
    definitions_.begin(count.columns, encoding_, *memory_);
    head_ = head_part::definitions;
}

template <net::byte_stream Stream>
void session<Stream>::take_definition(blob_view payload) {
    definitions_.take(payload, capabilities_);
    if (!definitions_.is_complete()) return;
    if ((capabilities_ & protocol::capability::deprecate_eof) == 0)
        head_ = head_part::end_of_definitions;
    else
        open_rows(0);
}

/// The rows come next.
template <net::byte_stream Stream>
void session<Stream>::open_rows(std::uint16_t status) {
    layout_ = definitions_.finish(options_.dates);
    summary_.affected_rows = 0;
    executing_cursor_ = (status & protocol::status::cursor_exists) != 0;
    fetching_ = !executing_cursor_;
    phase_ = phase::rows;
    head_ = head_part::complete;
}

/// The EOF after definitions, from servers that send one. Returns its status.
template <net::byte_stream Stream>
net::task<std::uint16_t> session<Stream>::read_end_of_definitions() {
    if ((capabilities_ & protocol::capability::deprecate_eof) != 0) co_return 0;
    const blob_view payload = co_await channel_.receive();
    throw_if_server_error(payload);
    co_return protocol::decode_end(payload, capabilities_).status;
}

template <net::byte_stream Stream>
protocol::ok_message session<Stream>::decode_success(blob_view payload) const {
    return payload[0] == std::byte{0} ? protocol::decode_ok(payload, capabilities_)
                                      : protocol::decode_end(payload, capabilities_);
}

/// Takes what the server says at the end of a set.
template <net::byte_stream Stream>
void session<Stream>::end_set(const protocol::ok_message& end) {
    take_ok(end);
    phase_ = (end.status & protocol::status::more_results) != 0 ? phase::between_sets : phase::idle;
}

template <net::byte_stream Stream>
void session<Stream>::take_ok(const protocol::ok_message& ok) {
    summary_.affected_rows = ok.affected_rows;
    summary_.insert_id = ok.insert_id;
    summary_.warnings = ok.warnings;
    summary_.info = ok.info;
    status_ = ok.status;
    if (ok.session_state.empty()) return;
    protocol::for_each_session_change(ok.session_state, [this](const protocol::session_change& change) {
        if (change.kind == protocol::session_change_kind::schema) database_ = change.value;
        if (change.kind != protocol::session_change_kind::system_variable) return;
        if (change.name == "character_set_client") charset_ = change.value;
        if (change.name == "sql_mode") ansi_quotes_ = protocol::has_ansi_quotes(change.value);
    });
}

/// Sends the data the server asks for, or nothing; the connection goes on either way.
template <net::byte_stream Stream>
net::task<> session<Stream>::answer_infile(std::string name) {
    constexpr std::size_t piece = std::size_t{1} << 16;
    std::exception_ptr failed;
    infile_source* source = infile_;
    std::unique_ptr<infile_source> file;
    try {
        if (source == nullptr) {
            file = detail::open_infile(options_.local_infile ? options_.infile_directory : std::string(), name);
            source = file.get();
        }
    } catch (...) {
        failed = std::current_exception();
    }
    blob data(piece);
    while (!failed) {
        std::size_t size = 0;
        try {
            size = source->read(data);
        } catch (...) {
            failed = std::current_exception();
        }
        if (failed || size == 0) break;
        channel_.begin_reply().bytes({data.data(), size});
        channel_.end_message();
        co_await channel_.flush();
    }
    channel_.begin_reply();
    channel_.end_message(); // the empty message that ends the data
    co_await channel_.flush();
    if (!failed) co_return;
    const blob_view payload = co_await channel_.receive();
    server_error_ = true;
    if (payload.empty() || payload[0] != std::byte{0xFF}) end_set(decode_success(payload));
    std::rethrow_exception(failed);
}

} // namespace weft::inline v0::mysql
