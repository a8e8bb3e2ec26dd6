// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bulk import into a table of any connection: CSV, record batches, and readers of your own; JSON lines
/// have a header of their own, `weft/transfer/import_json_lines.hpp`, because they need simdjson.
///
///     weft::import_csv(db, "people", "people.csv", {.create_table = true});

#include <weft/columnar/record_batch.hpp>
#include <weft/cursor/cursor.hpp>
#include <weft/cursor/execute_many.hpp>
#include <weft/transfer/csv_reader.hpp>
#include <weft/transfer/detail/import_rows.hpp>
#include <weft/transfer/import_options.hpp>
#include <weft/transfer/record_reader.hpp>

#include <optional>

namespace weft::inline v0 {

/// Inserts the rows of a reader into `table` and returns their number. Where the connection has transactions all rows
/// are inserted in one (or in a savepoint when one is active), the creation of the table included where the engine can
/// undo it: after an error nothing has been imported. Servers of the MySQL family cannot: there the new table comes
/// first, commits a transaction that is active, and stays, empty, after an error. With `create_table` a value further
/// on that is not of the inferred type is a data_error; without it values are sent as they are and the engine converts
/// them. Unknown columns in the options are a programming_error.
template <connection Connection>
std::uint64_t import_rows(Connection& db, std::string_view table, record_reader& reader,
                          const import_options& options = {},
                          std::source_location caller = std::source_location::current()) {
    if (options.batch_rows == 0) throw programming_error("a batch has at least one row");
    detail::import_source source(reader, options);
    const std::string insert = source.insert_statement(table);
    const auto create = [&] {
        const std::string text = source.create_statement(table, db.dialect);
        detail::with_context(sql_text(text, caller), [&] { db.run(text, {}); });
    };
    const bool create_commits = detail::is_mysql_family(db.dialect);
    if (options.create_table && create_commits) create();
    detail::as_one_transaction(db, [&] {
        if (options.create_table && !create_commits) create();
        detail::with_context(sql_text(insert, caller), [&] { detail::run_rows(db, insert, source); });
    });
    return source.rows();
}

/// Inserts the records of CSV text into `table`; see import_rows and csv_reader.
template <connection Connection>
std::uint64_t import_csv(Connection& db, std::string_view table, byte_input source, const import_options& options = {},
                         const csv_options& style = {}, std::source_location caller = std::source_location::current()) {
    csv_reader reader(std::move(source), style);
    return import_rows(db, table, reader, options, caller);
}

/// Gives record batches one after the other: `std::optional<record_batch> f()`, nothing at the end.
template <class F>
concept batch_generator = requires(F& f) {
    { f() } -> std::convertible_to<std::optional<record_batch>>;
};

/// Rows of record batches that a generator gives. All must have the columns of the first; else reading throws
/// data_error.
template <batch_generator Generator>
class batch_reader final : public record_reader {
public:
    explicit batch_reader(Generator generator) : generator_(std::move(generator)), batch_(generator_()) {
        if (!batch_) return;
        layout_ = batch_->shared_layout();
        for (const field& f : *layout_) names_.push_back(f.name);
        row_.resize(names_.size());
    }

    const std::vector<std::string>& names() const noexcept override { return names_; }
    const schema* types() const noexcept override { return layout_.get(); }
    std::string place() const override { return std::string("row ") += std::to_string(rows_ == 0 ? 0 : rows_ - 1); }

    bool next(std::span<const cell>& row) override {
        while (batch_ && at_ == batch_->rows()) {
            batch_ = generator_();
            at_ = 0;
            if (batch_) check();
        }
        if (!batch_) return false;
        for (std::size_t c = 0; c < row_.size(); ++c) row_[c] = batch_->at(c, at_);
        row = row_;
        ++at_;
        ++rows_;
        return true;
    }

private:
    void check() const {
        bool same = batch_->columns() == names_.size();
        for (std::size_t c = 0; same && c < names_.size(); ++c) same = batch_->layout()[c].name == names_[c];
        if (!same) {
            throw data_error("a batch has the columns " + batch_->layout().names() + "; the first one has " +
                             layout_->names());
        }
    }

    Generator generator_;
    std::optional<record_batch> batch_;
    std::shared_ptr<const schema> layout_;
    std::vector<std::string> names_;
    std::vector<cell> row_;
    std::size_t at_ = 0;
    std::uint64_t rows_ = 0;
};

/// Inserts the rows of the batches that `generator` gives into `table`; see import_rows.
template <connection Connection, batch_generator Generator>
std::uint64_t import_batches(Connection& db, std::string_view table, Generator generator,
                             const import_options& options = {},
                             std::source_location caller = std::source_location::current()) {
    batch_reader<Generator> reader(std::move(generator));
    return import_rows(db, table, reader, options, caller);
}

/// The same for a range of batches.
template <connection Connection, class Batches>
    requires(!batch_generator<Batches> && std::same_as<std::ranges::range_value_t<const Batches>, record_batch>)
std::uint64_t import_batches(Connection& db, std::string_view table, const Batches& batches,
                             const import_options& options = {},
                             std::source_location caller = std::source_location::current()) {
    const auto generator = [at = std::ranges::begin(batches), end = std::ranges::end(batches)]() mutable {
        return at == end ? std::nullopt : std::optional<record_batch>(*at++);
    };
    return import_batches(db, table, generator, options, caller);
}

} // namespace weft::inline v0
