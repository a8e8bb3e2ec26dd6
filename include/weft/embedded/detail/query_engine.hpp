// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/schema.hpp>
#include <weft/core/json_members.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/core/utf8.hpp>
#include <weft/core/value.hpp>
#include <weft/embedded/kv_scan.hpp>
#include <weft/embedded/kv_store.hpp>
#include <weft/format/format.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// How a condition compares. `like` knows `%` (any text) and `_` (one character) and takes ASCII letters of either case
/// for the same, as SQL here does.
enum class op : unsigned char { eq, ne, lt, le, gt, ge, like, not_like };

/// Direction of a sort.
enum class sort_order : unsigned char { asc, desc };

namespace detail {

struct condition {
    enum class test : unsigned char { compare, in, null, not_null };
    std::string member;
    test what;
    op how;
    std::vector<value> operands;
};

struct sort_key {
    std::string member;
    sort_order direction;
};

struct query_plan {
    std::vector<std::string> columns; // empty: all
    std::string key_column;
    std::vector<condition> conditions;
    std::vector<sort_key> sort_keys;
    std::uint64_t limit = 0;
    std::uint64_t offset = 0;
};

/// Calls `take(name, json)` for each column of an entry; the name with its quotes, the value as JSON text. A value that
/// is no JSON object is given as `take("\"value\"", {})`.
template <class Take>
void for_each_member(std::string_view bytes, Take take) {
    if (!bytes.empty() && is_valid_json(bytes)) {
        json_members members(bytes);
        if (members.is_object()) {
            while (members.next()) take(members.name(), members.value());
            return;
        }
    }
    take(std::string_view("\"value\""), std::string_view());
}

/// A value that is no JSON object.
inline cell plain_cell(std::string_view bytes) {
    return is_valid_utf8(bytes) ? cell::of_text(bytes) : cell::of_blob(as_blob(bytes));
}

/// A column of an entry; NULL when it has none of that name. Of members that repeat the last one counts.
inline cell member_cell(std::string_view bytes, std::string_view member, std::string& storage) {
    std::string_view found;
    bool there = false;
    for_each_member(bytes, [&](std::string_view name, std::string_view json) {
        if (!is_json_string(name, member)) return;
        there = true;
        found = json;
    });
    if (!there) return {};
    return found.data() == nullptr ? plain_cell(bytes) : json_cell(found, storage);
}

/// What sorts before what when the kinds differ.
inline int kind_rank(const cell& c) noexcept {
    switch (c.kind()) {
    case type_id::boolean: return 0;
    case type_id::int64:
    case type_id::uint64:
    case type_id::float64:
    case type_id::decimal: return 1;
    case type_id::text:
    case type_id::date:
    case type_id::time:
    case type_id::datetime: return 2;
    case type_id::json: return 3;
    case type_id::null: return 5;
    default: return 4;
    }
}

inline double as_double(const cell& c) {
    switch (c.kind()) {
    case type_id::int64: return static_cast<double>(c.int64());
    case type_id::uint64: return static_cast<double>(c.uint64());
    case type_id::decimal: {
        std::string text;
        append_text(text, c);
        double d = 0;
        std::from_chars(text.data(), text.data() + text.size(), d);
        return d;
    }
    default: return c.float64();
    }
}

/// −1, 0 or 1 for cells of the same rank.
inline int compare_cells(const cell& a, const cell& b) {
    const auto three = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (kind_rank(a)) {
    case 0: return three(a.int64(), b.int64());
    case 1:
        if (a.kind() == type_id::int64 && b.kind() == type_id::int64) return three(a.int64(), b.int64());
        if (a.kind() == type_id::uint64 && b.kind() == type_id::uint64) return three(a.uint64(), b.uint64());
        return three(as_double(a), as_double(b));
    case 5: return 0;
    default: break;
    }
    std::string x;
    std::string y;
    if (a.kind() == type_id::text && b.kind() == type_id::text) return three(a.text(), b.text());
    append_text(x, a);
    append_text(y, b);
    return three(x, y);
}

/// The pattern without `%` at its beginning matches from there; backtracks to the last `%` only.
inline bool is_like(std::string_view text, std::string_view pattern) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const auto after = [&](std::size_t i) { // behind the character at i
        ++i;
        while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
        return i;
    };
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == '_') {
            t = after(t);
            ++p;
        } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
            ++t;
            ++p;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            resume = after(resume);
            t = resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%') ++p;
    return p == pattern.size();
}

inline bool meets(const cell& c, op how, const cell& operand) {
    if (c.is_null() || operand.is_null()) return false;
    if (how == op::like || how == op::not_like) {
        if (c.kind() != type_id::text || operand.kind() != type_id::text) return false;
        return is_like(c.text(), operand.text()) == (how == op::like);
    }
    if (kind_rank(c) != kind_rank(operand)) return how == op::ne;
    const int order = compare_cells(c, operand);
    switch (how) {
    case op::eq: return order == 0;
    case op::ne: return order != 0;
    case op::lt: return order < 0;
    case op::le: return order <= 0;
    case op::gt: return order > 0;
    default: return order >= 0;
    }
}

inline bool meets(std::string_view bytes, const condition& wanted) {
    std::string storage;
    const cell c = member_cell(bytes, wanted.member, storage);
    switch (wanted.what) {
    case condition::test::null: return c.is_null();
    case condition::test::not_null: return !c.is_null();
    default: break;
    }
    for (const value& operand : wanted.operands) {
        if (meets(c, wanted.how, operand.view())) return true;
    }
    return false;
}

inline void sort_rows(const query_plan& plan, std::vector<kv_pair>& rows) {
    struct keyed {
        std::vector<value> keys;
        std::size_t number;
    };
    std::vector<keyed> order_of;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        keyed k{{}, i};
        for (const sort_key& key : plan.sort_keys) {
            std::string storage;
            k.keys.emplace_back(member_cell(rows[i].value, key.member, storage));
        }
        order_of.push_back(std::move(k));
    }
    std::sort(order_of.begin(), order_of.end(), [&](const keyed& a, const keyed& b) {
        for (std::size_t i = 0; i < plan.sort_keys.size(); ++i) {
            const cell& x = a.keys[i].view();
            const cell& y = b.keys[i].view();
            const int ranks = kind_rank(x) - kind_rank(y);
            const int sign = ranks != 0 ? ranks : compare_cells(x, y);
            if (sign != 0) return (sign < 0) == (plan.sort_keys[i].direction == sort_order::asc);
        }
        return a.number < b.number;
    });
    std::vector<kv_pair> sorted;
    sorted.reserve(rows.size());
    for (const keyed& k : order_of) sorted.push_back(std::move(rows[k.number]));
    rows = std::move(sorted);
}

/// The entries that the plan asks for, in its order.
inline std::vector<kv_pair> select_rows(const query_plan& plan, kv_scan& scan) {
    std::vector<kv_pair> rows;
    const bool sorted = !plan.sort_keys.empty();
    std::uint64_t skip = sorted ? 0 : plan.offset;
    while (const kv_entry* entry = scan.next()) {
        bool wanted = true;
        for (const condition& c : plan.conditions) wanted = wanted && meets(entry->value, c);
        if (!wanted) continue;
        if (skip != 0) {
            --skip;
            continue;
        }
        rows.push_back({std::string(entry->key), std::string(entry->value)});
        if (!sorted && plan.limit != 0 && rows.size() == plan.limit) break;
    }
    if (!sorted) return rows;
    sort_rows(plan, rows);
    const auto all = static_cast<std::uint64_t>(rows.size());
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(plan.offset < all ? plan.offset : all));
    if (plan.limit != 0 && rows.size() > plan.limit) rows.resize(plan.limit);
    return rows;
}

/// One row as a block.
class query_row {
public:
    static constexpr bool has_one_row = true;

    explicit query_row(const schema& layout) : layout_(&layout), cells_(layout.size()), texts_(layout.size()) {}

    std::size_t rows() const noexcept { return 1; }
    const schema& layout() const noexcept { return *layout_; }
    cell at(std::size_t column, std::size_t) const noexcept { return cells_[column]; }

    void read(const kv_pair& row, bool with_key) {
        for (cell& c : cells_) c = cell();
        if (with_key) cells_[0] = plain_cell(row.key);
        const std::size_t first = with_key ? 1 : 0;
        for_each_member(row.value, [&](std::string_view name, std::string_view json) {
            for (std::size_t i = first; i < cells_.size(); ++i) {
                if (is_json_string(name, (*layout_)[i].name))
                    cells_[i] = json.data() == nullptr ? plain_cell(row.value) : json_cell(json, texts_[i]);
            }
        });
    }

private:
    const schema* layout_;
    std::vector<cell> cells_;
    std::vector<std::string> texts_;
};

/// The columns of the rows: those selected, or all in the order of their first appearance.
inline schema columns_of(const query_plan& plan, const std::vector<kv_pair>& rows) {
    std::vector<std::string> names = plan.columns;
    if (names.empty()) {
        for (const kv_pair& row : rows) {
            for_each_member(row.value, [&](std::string_view name, std::string_view) {
                for (const std::string& known : names) {
                    if (is_json_string(name, known)) return;
                }
                append_unquoted_json(names.emplace_back(), name);
            });
        }
    }
    std::vector<field> fields;
    if (!plan.key_column.empty()) fields.push_back({.name = plan.key_column});
    for (std::string& name : names) fields.push_back({.name = std::move(name)});
    return schema(std::move(fields));
}

template <result_format Format>
typename Format::result_type project(const query_plan& plan, const std::vector<kv_pair>& rows, const Format& format) {
    const schema layout = columns_of(plan, rows);
    query_row block(layout);
    auto reader = format.bind(layout);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        block.read(rows[i], !plan.key_column.empty());
        reader.append(block, row_range{0, 1, i});
    }
    return reader.finish();
}

} // namespace detail

} // namespace weft::inline v0::embedded
