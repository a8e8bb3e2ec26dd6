// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The outcome of a statement text on an embedded database: its statements in turn, rows one live row at a time.

#include <weft/cursor/connection.hpp>
#include <weft/embedded/detail/bind.hpp>
#include <weft/embedded/detail/connection_state.hpp>
#include <weft/embedded/detail/kept_cell.hpp>
#include <weft/embedded/row_view.hpp>

#include <utility>

namespace weft::inline v0::embedded {

class sql_result {
public:
    using block_type = row_view;

    sql_result(shared<detail::connection_state> connection, std::string_view sql, std::span<const cell> cells)
        : connection_(std::move(connection)) {
        std::string_view rest = sql;
        if (!start(rest, cells)) layout_ = shared<const schema>::make(); // nothing but spaces and comments
        keep_rest(rest, cells);
    }
    sql_result(sql_result&&) noexcept = default;
    sql_result& operator=(sql_result&&) noexcept = default;
    ~sql_result() { release(); }

    const shared<const schema>& layout() const noexcept { return layout_; }

    const row_view* next_row() {
        if (state_ == state::at_row) [[likely]]
            step();
        if (state_ == state::done) [[unlikely]]
            return nullptr;
        state_ = state::at_row;
        row_.number = number_++;
        return &row_;
    }

    bool next_set() {
        while (state_ == state::before_row || state_ == state::at_row) step();
        release();
        const std::string text = std::exchange(rest_, {});
        const std::vector<detail::kept_cell> values = std::exchange(later_cells_, {});
        std::vector<cell> cells(values.size());
        for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = values[i].view();
        std::string_view rest = text;
        std::span<const cell> left(cells.data(), cells.size());
        if (!start(rest, left)) return false;
        keep_rest(rest, left);
        return true;
    }

    /// Whether statements of the text have yet to run.
    bool has_more() const noexcept { return !rest_.empty(); }

    /// Rows changed by the current statement, −1 for one that returns rows and changes none.
    std::int64_t affected_rows() const noexcept { return affected_; }
    std::int64_t last_insert_id() const noexcept { return last_insert_id_; }
    std::vector<warning> warnings() const { return {}; }

private:
    enum class state : unsigned char { before_row, at_row, done };

    /// Starts the first statement of `rest` with the first of `cells` and takes both off; false when there is none.
    bool start(std::string_view& rest, std::span<const cell>& cells) {
        do {
            if (rest.empty()) return finish_text(cells);
            statement_ = connection_->prepare(rest, rest);
        } while (!statement_);
        ++statements_;
        layout_ = statement_->layout();
        number_ = 0;
        bind(cells);
        run();
        return true;
    }

    static bool finish_text(std::span<const cell> cells) {
        if (!cells.empty()) {
            throw programming_error("the statements take fewer parameters than given: " + std::to_string(cells.size()) +
                                    " left over");
        }
        return false;
    }

    void bind(std::span<const cell>& cells) {
        const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_->handle()));
        if (wanted > cells.size()) {
            throw programming_error("statement " + std::to_string(statements_) + " takes " + std::to_string(wanted) +
                                    " parameters, " + std::to_string(cells.size()) + " left: " + statement_->text());
        }
        // Statements without rows are over before the caller's values go away.
        detail::binder binder(connection_->handle(), statement_->handle(),
                              layout_->empty() ? detail::lifetime::whole_execution : detail::lifetime::this_call);
        for (std::size_t i = 0; i < wanted; ++i) binder.bind(static_cast<int>(i), cells[i]);
        cells = cells.subspan(wanted);
    }

    void run() {
        sqlite3* db = connection_->handle();
        const auto before = sqlite3_total_changes64(db);
        step();
        if (state_ == state::at_row) state_ = state::before_row;
        layout_ = statement_->layout(); // the first step prepares anew when tables have changed since
        row_ = row_view(statement_->handle(), layout_, statement_->declared());
        const bool reads_only = sqlite3_stmt_readonly(statement_->handle()) != 0;
        affected_ = reads_only ? (layout_->empty() ? 0 : -1)
                               : (sqlite3_total_changes64(db) == before ? 0 : sqlite3_changes64(db));
        last_insert_id_ = reads_only ? 0 : sqlite3_last_insert_rowid(db);
        if (layout_->empty()) connection_->recycle(std::move(statement_));
    }

    void step() {
        sqlite3* db = connection_->handle();
        switch (const int code = sqlite3_step(statement_->handle())) {
        case SQLITE_ROW: state_ = state::at_row; break;
        case SQLITE_DONE: state_ = state::done; break;
        default: state_ = state::done; throw_sqlite(db, code, {});
        }
    }

    /// Statements that follow run later: their text and values are copied.
    void keep_rest(std::string_view rest, std::span<const cell> cells) {
        const std::size_t begin = rest.find_first_not_of(" \t\r\n;");
        if (begin == std::string_view::npos) {
            finish_text(cells);
            return;
        }
        rest_ = rest.substr(begin);
        for (const cell& c : cells) later_cells_.emplace_back(c);
    }

    void release() noexcept {
        if (statement_) connection_->recycle(std::move(statement_));
        statement_ = nullptr;
        state_ = state::done;
    }

    shared<detail::connection_state> connection_;
    shared<detail::statement> statement_;
    shared<const schema> layout_;
    row_view row_;
    std::string rest_;
    std::vector<detail::kept_cell> later_cells_;
    state state_ = state::done;
    std::size_t statements_ = 0;
    std::uint64_t number_ = 0;
    std::int64_t affected_ = 0;
    std::int64_t last_insert_id_ = 0;
};

} // namespace weft::inline v0::embedded
