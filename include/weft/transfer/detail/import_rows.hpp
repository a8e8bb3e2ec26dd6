// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/cell_block.hpp>
#include <weft/cursor/placeholders.hpp>
#include <weft/transfer/detail/infer_type.hpp>
#include <weft/transfer/identifier.hpp>
#include <weft/transfer/import_options.hpp>
#include <weft/transfer/record_reader.hpp>

namespace weft::inline v0::detail {

/// Whether an engine is of the MySQL family: only those know comments that begin with `#`. (Whether a backslash escapes
/// is a setting of the session there.) Their CREATE TABLE commits.
constexpr bool is_mysql_family(const sql_dialect& dialect) noexcept {
    return dialect.hash_comments;
}

/// The type in a CREATE TABLE statement, of the MySQL family's or SQLite's.
inline std::string sql_type(const data_type& type, const sql_dialect& dialect) {
    const bool mysql = is_mysql_family(dialect);
    switch (type.id) {
    case type_id::boolean: return "BOOLEAN";
    case type_id::int8:
    case type_id::int16:
    case type_id::int32:
    case type_id::int64: return "BIGINT";
    case type_id::uint8:
    case type_id::uint16:
    case type_id::uint32:
    case type_id::uint64: return "BIGINT UNSIGNED";
    case type_id::float32:
    case type_id::float64: return "DOUBLE";
    case type_id::decimal: {
        const int precision = type.precision == 0 ? 65 : type.precision;
        const int scale = type.precision == 0 ? 30 : type.scale;
        std::string text = mysql ? "DECIMAL(" : "DECIMAL_TEXT("; // SQLite would round a DECIMAL to a double
        text += std::to_string(precision);
        text += ',';
        text += std::to_string(scale);
        text += ')';
        return !mysql && type.precision == 0 ? "DECIMAL_TEXT" : text;
    }
    case type_id::date: return "DATE";
    case type_id::time: return mysql ? "TIME(6)" : "TIME";
    case type_id::datetime: return mysql ? "DATETIME(6)" : "DATETIME";
    case type_id::blob: return mysql ? "LONGBLOB" : "BLOB";
    case type_id::json:
    case type_id::list:
    case type_id::structure: return "JSON";
    case type_id::vector: {
        std::string text = "VECTOR(";
        text += std::to_string(type.dimension);
        text += ')';
        return text;
    }
    default: return mysql ? "LONGTEXT" : "TEXT";
    }
}

/// A row of cells as a block.
struct single_row {
    const schema& names;
    std::span<const cell> cells;

    std::size_t rows() const noexcept { return 1; }
    const schema& layout() const noexcept { return names; }
    cell at(std::size_t column, std::size_t) const noexcept { return cells[column]; }
};

/// Rows on their way from a reader to a table: columns picked, texts turned into the table's types, progress reported.
class import_source final : public parameter_rows {
public:
    import_source(record_reader& reader, const import_options& options) : reader_(&reader), options_(&options) {
        const std::vector<std::string>& names = reader.names();
        if (names.empty()) throw data_error("there are no columns to import; the input is empty");
        if (options.columns.empty()) {
            for (std::size_t c = 0; c < names.size(); ++c) add_column(c, names[c]);
        }
        for (const column_mapping& mapping : options.columns) {
            std::size_t c = 0;
            while (c < names.size() && names[c] != mapping.from) ++c;
            if (c == names.size()) throw programming_error("the input has no column '" + mapping.from + "'");
            add_column(c, mapping.to.empty() ? mapping.from : mapping.to);
        }
        row_.resize(columns_.size());
    }

    /// The statement that creates the table; reads the first rows to see what types their values have.
    std::string create_statement(std::string_view table, const sql_dialect& dialect) {
        infer_types();
        std::string sql = "CREATE TABLE ";
        sql += quote_identifier(table);
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            // SQLite's integers end where those of int64 do.
            if (columns_[i].type.id == type_id::uint64 && !is_mysql_family(dialect))
                columns_[i].type = type_id::decimal;
            sql += i == 0 ? " (" : ", ";
            sql += quote_identifier(columns_[i].name);
            sql += ' ';
            sql += sql_type(columns_[i].type, dialect);
        }
        sql += ')';
        return sql;
    }

    std::string insert_statement(std::string_view table) const {
        std::string sql = "INSERT INTO ";
        sql += quote_identifier(table);
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            sql += i == 0 ? " (" : ", ";
            sql += quote_identifier(columns_[i].name);
        }
        sql += ") VALUES ";
        for (std::size_t i = 0; i < columns_.size(); ++i) sql += i == 0 ? "(?" : ", ?";
        sql += ')';
        return sql;
    }

    bool next(std::span<const cell>& row) override {
        std::span<const cell> cells;
        if (!next_cells(cells)) {
            report();
            return false;
        }
        for (std::size_t i = 0; i < columns_.size(); ++i) row_[i] = converted(cells[columns_[i].index], columns_[i]);
        row = row_;
        ++rows_;
        if (rows_ % options_->batch_rows == 0) report();
        return true;
    }

    /// Rows handed out.
    std::uint64_t rows() const noexcept { return rows_; }

private:
    struct column {
        std::size_t index; // in the reader's rows
        std::string name;
        data_type type = type_id::any;
        std::string digits = {}; // of an integer that goes into a decimal column
    };

    void add_column(std::size_t index, std::string name) { columns_.push_back({index, std::move(name)}); }

    bool next_cells(std::span<const cell>& cells) {
        if (replayed_ == sample_.rows()) return reader_->next(cells);
        sample_row_.clear();
        for (std::size_t c = 0; c < sample_.layout().size(); ++c) sample_row_.push_back(sample_.at(c, replayed_));
        cells = sample_row_;
        if (++replayed_ == sample_.rows()) { // the cells of this row are used until the next call
            last_sample_ = std::move(sample_);
            sample_ = cell_block();
            replayed_ = 0;
        }
        return true;
    }

    void infer_types() {
        if (const schema* types = reader_->types()) {
            for (column& c : columns_) c.type = (*types)[c.index].type;
            return;
        }
        std::vector<field> fields;
        for (const std::string& name : reader_->names()) fields.push_back({name, type_id::any, true, {}, {}});
        const auto layout = std::make_shared<const schema>(std::move(fields));
        sample_.reset(layout);
        std::vector<type_inference> inferred(columns_.size());
        std::span<const cell> cells;
        while (sample_.rows() < options_->sample_rows && reader_->next(cells)) {
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                inferred[i].add(cells[columns_[i].index], reader_->is_untyped());
            }
            sample_.append(single_row{*layout, cells}, {0, 1, sample_.rows()});
        }
        for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].type = inferred[i].type();
    }

    cell converted(const cell& c, column& target) const {
        if (c.kind() == type_id::uint64 && target.type.id == type_id::decimal) {
            target.digits.clear();
            append_text(target.digits, c);
            return cell::of_decimal_text(target.digits);
        }
        if (c.kind() != type_id::text || !reader_->is_untyped() || target.type.id == type_id::any) return c;
        const cell typed = typed_cell(c.text(), target.type.id);
        if (typed.is_null()) refuse(c, target);
        return typed;
    }

    [[noreturn]] void refuse(const cell& c, const column& target) const {
        std::string text = reader_->place();
        text += ", column '";
        text += reader_->names()[target.index];
        text += "': ";
        text += describe(c);
        text += " is no ";
        text += to_string(target.type);
        text += ", which the first ";
        text += std::to_string(options_->sample_rows);
        text += " rows have there";
        throw data_error(std::move(text));
    }

    void report() const {
        if (!options_->progress) return;
        if (!options_->progress({rows_, reader_->bytes_done(), reader_->bytes_total()})) {
            throw operational_error("the import was ended by its progress callback after " + std::to_string(rows_) +
                                    " rows");
        }
    }

    record_reader* reader_;
    const import_options* options_;
    std::vector<column> columns_;
    std::vector<cell> row_;
    cell_block sample_; // the rows read to infer the types
    cell_block last_sample_;
    std::vector<cell> sample_row_;
    std::size_t replayed_ = 0;
    std::uint64_t rows_ = 0;
};

/// Calls `f` so that all of it happens or nothing, where the connection has transactions.
template <class Connection, class F>
void as_one_transaction(Connection& db, F f) {
    if constexpr (requires {
                      db.has_transaction();
                      db.begin_savepoint().release();
                      db.in_transaction(f);
                  }) {
        if (!db.has_transaction()) {
            db.in_transaction(f);
            return;
        }
        auto scope = db.begin_savepoint();
        f();
        scope.release();
    } else if constexpr (requires { db.in_transaction(f); }) {
        db.in_transaction(f);
    } else {
        f();
    }
}

} // namespace weft::inline v0::detail
