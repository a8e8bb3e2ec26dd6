// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The outcome of a statement on a blocking connection: its sets in turn, rows block by block.

#include <weft/cursor/connection.hpp>
#include <weft/mysql/session.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weft::inline v0::mysql {

/// Reads from the connection until the next statement begins; then what it has not read is lost to it, and reading on
/// is a programming_error.
template <net::blocking_byte_stream Stream, class Arch = simd::arch::dispatched>
class basic_result {
public:
    using block_type = basic_row_block<Arch>;

    /// The sets of the statement that `on` has just executed.
    explicit basic_result(std::shared_ptr<session<Stream>> on)
        : session_(std::move(on)), statement_(session_->statement_number()) {}

    std::shared_ptr<const schema> layout() const {
        const auto& columns = checked().layout();
        return {columns, &columns->columns};
    }
    bool read(row_block& into, std::size_t rows) { return net::run_now(checked().read_rows(into, rows)); }
    bool next_set() { return is_current() && net::run_now(session_->next_set()); }

    /// Rows changed by the current statement; −1 while it returns rows.
    std::int64_t affected_rows() const {
        if (!is_current() || !session_->layout()->columns.empty()) return -1;
        return static_cast<std::int64_t>(session_->summary().affected_rows);
    }
    std::int64_t last_insert_id() const {
        return is_current() ? static_cast<std::int64_t>(session_->summary().insert_id) : 0;
    }
    /// Asks the server for its remarks about the statement when it has any and nothing is left to read.
    std::vector<warning> warnings() const {
        if (!is_current() || session_->is_busy() || session_->summary().warnings == 0) return {};
        return net::run_now(session_->warnings());
    }
    /// Number of remarks about the current statement; known once its rows are read.
    std::uint16_t warning_count() const { return is_current() ? session_->summary().warnings : std::uint16_t{0}; }
    /// What the server says about a statement without rows, such as `Rows matched: 1  Changed: 1  Warnings: 0`.
    std::string info() const { return is_current() ? session_->summary().info : std::string(); }

private:
    bool is_current() const noexcept { return session_ && statement_ == session_->statement_number(); }

    session<Stream>& checked() const {
        if (!is_current()) throw programming_error("the connection has executed another statement since this result");
        return *session_;
    }

    std::shared_ptr<session<Stream>> session_;
    std::uint64_t statement_;
};

} // namespace weft::inline v0::mysql
