// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Tables in one line, `result[2]{name,price}:Laptop,999;Mouse,25`: the text that ToonDB gives for queries and calls
/// TOON. It has the idea of the header in common with the public notation of that name (`weft/format/toon_encode.hpp`)
/// and nothing else; neither reads the other.
///
/// Rows stand behind each other with `;` between them. NULL is `∅`, booleans are `T` and `F`, bytes `b64:` and base64,
/// lists `[a,b]`, objects `{k:v}`. A text is in quotes when it would read as something else without them, with `\"`,
/// `\\`, `\n` and `\r` for what cannot stand there.

#include <weft/core/result.hpp>
#include <weft/format/detail/cell_error.hpp>
#include <weft/format/detail/toon_table_reader.hpp>
#include <weft/format/detail/toon_table_text.hpp>
#include <weft/format/detail/toon_typed.hpp>
#include <weft/format/format.hpp>
#include <weft/format/row.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// What a one-line table holds.
struct toon_records {
    std::string table;               ///< the name before the bracket
    std::vector<std::string> fields; ///< the columns
    value records;                   ///< a list of structures, which share one memory
};

namespace detail {

/// The head of a one-line table: `name[count]{fields}:`.
inline void put_toon_table_head(toon_output& out, std::string_view table, std::size_t count,
                                const std::vector<std::string>& fields) {
    for (const char c : table) {
        if (!is_toon_table_name(c))
            throw programming_error("the name of a TOON table is made of letters, digits and '_', unlike " +
                                    in_quotes(table));
    }
    if (table.empty()) throw programming_error("a TOON table needs a name");
    out.put(table);
    out.put('[');
    out.put(std::to_string(count));
    out.put(std::string_view("]{"));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i != 0) out.put(',');
        put_toon_table_name(out, fields[i]);
    }
    out.put(std::string_view("}:"));
}

inline std::string write_toon_table(std::string_view table, const cell& records, std::vector<std::string> fields) {
    if (records.kind() != type_id::list)
        throw programming_error("the records of a TOON table are a list, not " + weft::describe(records));
    const std::size_t count = records.nested_count();
    if (fields.empty() && count != 0 && records.nested_element(0).kind() == type_id::structure) {
        const cell first = records.nested_element(0);
        for (std::size_t i = 0; i < first.nested_count(); ++i) fields.emplace_back(first.nested_name(i));
    }
    if (fields.empty() && count != 0) throw programming_error("the records of a TOON table have no fields");
    toon_output out;
    put_toon_table_head(out, table, count, fields);
    for (std::size_t r = 0; r < count; ++r) {
        const cell record = records.nested_element(r);
        if (record.kind() != type_id::structure)
            throw programming_error("record " + std::to_string(r) + " of a TOON table is no structure");
        if (r != 0) out.put(';');
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i != 0) out.put(',');
            std::size_t member = i < record.nested_count() && record.nested_name(i) == fields[i] ? i : 0;
            while (member < record.nested_count() && record.nested_name(member) != fields[i]) ++member;
            put_toon_table_cell(out, member == record.nested_count() ? cell() : record.nested_element(member));
        }
    }
    return out.take();
}

} // namespace detail

/// Records as a table in one line. `records` is a list of structures: a `value`, or a range of described structs
/// (include `weft/core/describe.hpp`) or of maps. Fields default to those of the first record; what a record lacks is
/// `∅`, and no records give `users[0]{}:`. Decimals read back as floats, dates and times as texts.
/// \throws programming_error for records that are none and a name that is no word, data_error for text that is not
/// valid UTF-8 and values of more than 64 levels.
template <class T>
    requires std::same_as<T, value> || detail::toon_range<T>
std::string to_toon(std::string_view table, const T& records, std::vector<std::string> fields = {}) {
    detail::toon_tree tree({});
    return detail::write_toon_table(table, detail::toon_cell(tree, records), std::move(fields));
}

/// Reads a table in one line and what is written in its place elsewhere: `[]` for nothing; blanks and line breaks after
/// the colon and between rows, instead of or behind the `;`; a `;` at the end; types in the header (`id:int`,
/// `name:text?`, `raw:bytes`), of which `text` and `string` keep numbers and words as texts and `bytes` and `binary`
/// also know `0x…`; `null`, `true`, `True`; lists and objects with `;` between their members; a header on every row.
/// Without quotes a text that reads as something else is that.
/// \throws data_error: `Invalid TOON format: …` when the text does not begin with a header, else naming the row and
/// what was expected.
inline toon_records from_toon(std::string_view text) {
    auto tree = std::make_shared<detail::toon_tree>(text);
    detail::toon_table_reader reader(*tree);
    reader.read();
    toon_records out;
    out.table = reader.table();
    for (const std::string_view field : reader.fields()) out.fields.emplace_back(field);
    const cell records = reader.records();
    out.records = value::sharing(records, std::move(tree));
    return out;
}

/// As from_toon(), with the error as a result.
inline result<toon_records> try_from_toon(std::string_view text) {
    return attempt([&] { return from_toon(text); });
}

/// The result of a query as a table in one line; an empty result is `[]`. The number of rows comes first, so a text is
/// ready when its last row is. A name that repeats becomes `table.column`, and where that repeats too `column_index`.
/// Reading throws data_error for text that is not valid UTF-8, naming column and row.
struct toon_table {
    using result_type = std::string;

    std::string_view name = "result"; ///< letters, digits and `_`

    class reader {
    public:
        reader(const schema& layout, const toon_table& style)
            : columns_(layout), names_(detail::unique_names(layout)), name_(style.name) {
            detail::toon_output head;
            detail::put_toon_table_head(head, name_, 0, names_); // refuses what cannot be a header
        }

        template <block B>
        void append(const B& b, row_range rows) {
            for (std::size_t r = 0; r < rows.count; ++r) {
                const std::size_t before = text_.size();
                if (count_ != 0) text_.put(';');
                for (std::size_t c = 0; c < columns_.size(); ++c) {
                    if (c != 0) text_.put(',');
                    try {
                        detail::put_toon_table_cell(text_, b.at(c, rows.first + r));
                    } catch (error& e) {
                        text_.cut(before);
                        detail::add_cell_place(e, columns_[c].name, rows.number + r);
                        throw;
                    }
                }
                ++count_;
            }
        }

        std::string finish() {
            if (count_ == 0) return "[]";
            detail::toon_output out;
            detail::put_toon_table_head(out, name_, std::exchange(count_, 0), names_);
            out.put(text_.view());
            text_.cut(0);
            return out.take();
        }

    private:
        schema columns_;
        std::vector<std::string> names_;
        std::string name_;
        detail::toon_output text_;
        std::size_t count_ = 0;
    };

    reader bind(const schema& layout) const { return {layout, *this}; }
};

} // namespace weft::inline v0
