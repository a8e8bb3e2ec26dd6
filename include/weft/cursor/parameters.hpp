// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Binding the arguments of a call to the placeholders of a statement. Values are bound, never pasted. Whatever style
/// the text uses (`?`, `?2`, `:name`, `%s`, `%(name)s`), the connection sees plain `?` and one cell for each.
///
/// | argument                                   | binds                                              |
/// |--------------------------------------------|----------------------------------------------------|
/// | anything with a `cell_writer`              | one value                                          |
/// | a range of those, but for vector<float>    | a list, in `IN (?)` or `IN ?`                      |
/// | `arg("name", v)`                           | a named value                                      |
/// | a std::tuple, std::pair                    | its members in order                               |
/// | a described struct                         | its members, by name or in order                   |
/// | a plain aggregate                          | its members in order                               |
/// | a map, a dict                              | its items by name                                  |
///
/// Structs need `weft/core/describe.hpp`, which `weft/cursor.hpp` and `weft/format/records.hpp` include.

#include <weft/core/cell_writer.hpp>
#include <weft/core/error.hpp>
#include <weft/core/fixed_string.hpp>
#include <weft/core/reflection.hpp>
#include <weft/cursor/placeholders.hpp>

#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace weft::inline v0 {

/// SQL text and the place of the user's call, which errors report. Converts from anything that views as text.
struct sql_text {
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    sql_text(const T& sql, std::source_location caller = std::source_location::current()) : text(sql), where(caller) {}

    std::string_view text;
    std::source_location where;
};

/// A named argument; views `v`, so it belongs into the call itself.
template <class T>
struct named_argument {
    std::string_view name;
    const T& content;
};

/// Names an argument: `db.query<…>("… WHERE id = :id", weft::arg("id", 42))`.
template <class T>
named_argument<T> arg(std::string_view name, const T& v) {
    return {name, v};
}

namespace detail {

template <class T>
inline constexpr bool is_named_argument = false;
template <class T>
inline constexpr bool is_named_argument<named_argument<T>> = true;

template <class T>
concept tuple_like = !std::ranges::range<T> && requires { std::tuple_size<T>::value; };

template <class T>
concept map_like = std::ranges::input_range<const T> && requires(const std::ranges::range_value_t<const T>& item) {
    { item.first } -> std::convertible_to<std::string_view>;
    requires cell_writable<decltype(item.second)>;
};

/// dict and named_row, which live in a room above.
template <class T>
concept dynamic_row_like = requires(const T& row) {
    { row.names()[0] } -> std::convertible_to<std::string_view>;
    requires cell_writable<decltype(row.values()[0])>;
};

template <class T>
concept list_like = !cell_writable<T> && !map_like<T> && !dynamic_row_like<T> && std::ranges::input_range<const T> &&
                    cell_writable<std::ranges::range_value_t<const T>>;

template <class T>
inline constexpr bool elements_writable = false;
template <class... Ts>
inline constexpr bool elements_writable<std::tuple<Ts...>> = (cell_writable<Ts> && ...);
template <class A, class B>
inline constexpr bool elements_writable<std::pair<A, B>> = cell_writable<A> && cell_writable<B>;

template <class T, class Sequence>
inline constexpr bool members_writable = false;
template <class T, std::size_t... I>
inline constexpr bool members_writable<T, std::index_sequence<I...>> =
    (cell_writable<typename reflection<T>::template type<I>> && ...);

template <class T>
consteval bool record_writable() {
    if constexpr (requires { // in this order: not every type can be asked whether it has a reflection
                      requires !cell_writable<T> && !std::ranges::range<T> && !is_named_argument<T>;
                      requires reflection<T>::exists;
                  }) {
        return members_writable<T, std::make_index_sequence<reflection<T>::count()>>;
    } else {
        return false;
    }
}

} // namespace detail

/// A struct that can be bound member by member: described, or a plain aggregate. Needs `weft/core/describe.hpp`.
template <class T>
concept writable_record = detail::describe_header_included<T> && detail::record_writable<T>();

/// Anything that can be passed as an argument of a statement.
template <class T>
concept bindable = cell_writable<T> || detail::list_like<T> || detail::map_like<T> || detail::dynamic_row_like<T> ||
                   detail::elements_writable<T> || detail::is_named_argument<T> || writable_record<T>;

/// A range whose elements can each be the parameters of one execution.
template <class Rows>
concept parameter_range = std::ranges::input_range<const Rows> && bindable<std::ranges::range_value_t<const Rows>>;

namespace detail {

/// One argument: a value, or `count` cells of the list area from `first` on.
struct argument {
    std::string_view name;
    cell content;
    bool is_list = false;
    std::size_t first = 0;
    std::size_t count = 0;
};

/// The arguments of one call, taken apart into values. A template, as is what uses it, so that only programs with such
/// calls pay for it.
template <bindable... Args>
class argument_list {
public:
    explicit argument_list(const Args&... args) { (add(args), ...); }

    const std::vector<argument>& items() const noexcept { return items_; }
    std::span<const cell> list(const argument& a) const noexcept { return {lists_.data() + a.first, a.count}; }

private:
    template <class T>
    void add(const T& v, std::string_view name = {}) {
        if constexpr (is_named_argument<T>) {
            add(v.content, v.name);
        } else if constexpr (cell_writable<T>) {
            items_.push_back({name, to_cell(v, storage_)});
        } else if constexpr (list_like<T>) {
            const std::size_t first = lists_.size();
            for (const auto& element : v) lists_.push_back(to_cell(element, storage_));
            items_.push_back({name, {}, true, first, lists_.size() - first});
        } else if constexpr (map_like<T>) {
            for (const auto& item : v) add(item.second, item.first);
        } else if constexpr (dynamic_row_like<T>) {
            for (std::size_t i = 0; i < v.names().size(); ++i) add(v.values()[i], v.names()[i]);
        } else if constexpr (tuple_like<T>) {
            add_elements(v, std::make_index_sequence<std::tuple_size_v<T>>());
        } else {
            add_members(v, std::make_index_sequence<reflection<T>::count()>());
        }
    }

    template <class T, std::size_t... I>
    void add_elements([[maybe_unused]] const T& v, std::index_sequence<I...>) {
        (add(std::get<I>(v)), ...);
    }

    template <class T, std::size_t... I>
    void add_members(const T& v, std::index_sequence<I...>) {
        (add(reflection<T>::template get<I>(v), reflection<T>::template name<I>()), ...);
    }

    std::vector<argument> items_;
    std::vector<cell> lists_;
    cell_storage storage_;
};

/// Line and column (from 1) of an offset, as messages name places: `statement 1, line 2, column 7`.
inline std::string describe_place(std::string_view sql, const placeholder& p) {
    std::size_t line = 1;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < p.offset; ++i) {
        if (sql[i] == '\n') {
            ++line;
            begin = i + 1;
        }
    }
    return "statement " + std::to_string(p.statement + 1) + ", line " + std::to_string(line) + ", column " +
           std::to_string(p.offset - begin + 1);
}

enum class list_place : unsigned char { none, after_in, in_parentheses };

/// Whether a list may stand at `offset`: after `IN` or alone in its parentheses.
inline list_place list_place_at(std::string_view sql, std::size_t offset) {
    const auto skip_spaces = [&](std::size_t end) {
        while (end > 0 && (sql[end - 1] == ' ' || sql[end - 1] == '\n' || sql[end - 1] == '\t' || sql[end - 1] == '\r'))
            --end;
        return end;
    };
    std::size_t end = skip_spaces(offset);
    const bool parenthesis = end > 0 && sql[end - 1] == '(';
    if (parenthesis) end = skip_spaces(end - 1);
    const bool in = end >= 2 && (sql[end - 2] == 'I' || sql[end - 2] == 'i') &&
                    (sql[end - 1] == 'N' || sql[end - 1] == 'n') && (end == 2 || !is_name_part(sql[end - 3]));
    if (!in) return list_place::none;
    return parenthesis ? list_place::in_parentheses : list_place::after_in;
}

/// A statement ready for a connection: plain `?` placeholders and their values.
struct bound_statement {
    std::string text;
    std::vector<cell> cells;
};

/// Picks the argument of each placeholder of a text in turn.
class argument_picker {
public:
    argument_picker(std::string_view sql, const argument* arguments, std::size_t count) noexcept
        : sql_(sql), arguments_(arguments), count_(count) {}

    /// Index of the argument; throws programming_error when there is none.
    std::size_t pick(const placeholder& p) {
        switch (p.style) {
        case placeholder_style::named:
        case placeholder_style::format_named: return by_name(p);
        case placeholder_style::numbered: return by_position(p, p.number - 1);
        default: return by_position(p, next_++);
        }
    }

    /// Throws programming_error when positional arguments are left over.
    void finish() const {
        if (named_ || farthest_ == count_) return;
        throw programming_error("the statement takes " + count_of(farthest_) + ", " + count_of(count_) + " given");
    }

private:
    static std::string count_of(std::size_t n) { return std::to_string(n) + (n == 1 ? " parameter" : " parameters"); }

    std::size_t by_name(const placeholder& p) {
        if (farthest_ != 0) throw mixed(p);
        named_ = true;
        for (std::size_t i = 0; i < count_; ++i) {
            if (arguments_[i].name == p.name) return i;
        }
        throw programming_error(describe_place(sql_, p) + ": no argument named '" + std::string(p.name) + "'");
    }

    std::size_t by_position(const placeholder& p, std::size_t index) {
        if (named_) throw mixed(p);
        if (p.style == placeholder_style::numbered && p.number == 0) {
            throw programming_error(describe_place(sql_, p) + ": parameters are numbered from 1");
        }
        if (index >= count_) {
            throw programming_error(describe_place(sql_, p) + ": parameter " + std::to_string(index + 1) +
                                    " has no argument; " + count_of(count_) + " given");
        }
        if (farthest_ < index + 1) farthest_ = index + 1;
        return index;
    }

    programming_error mixed(const placeholder& p) const {
        return programming_error(describe_place(sql_, p) + ": the statement mixes named and positional parameters");
    }

    std::string_view sql_;
    const argument* arguments_;
    std::size_t count_;
    std::size_t next_ = 0;
    std::size_t farthest_ = 0;
    bool named_ = false;
};

/// Throws programming_error for the first placeholder, if any: a call without arguments.
inline void refuse_placeholders(std::string_view sql, const sql_dialect& dialect) {
    placeholder_scanner scanner(sql, dialect);
    argument_picker picker(sql, nullptr, 0);
    placeholder p{};
    while (scanner.next(p)) {
        if (p.style != placeholder_style::percent) picker.pick(p);
    }
}

/// True when the text uses `%s` or `%(name)s`, where `%%` stands for a percent sign.
inline bool uses_percent_style(std::string_view sql, const sql_dialect& dialect) {
    placeholder_scanner scanner(sql, dialect);
    placeholder p{};
    while (scanner.next(p)) {
        if (p.style == placeholder_style::format || p.style == placeholder_style::format_named) return true;
    }
    return false;
}

/// Writes `sql` with plain placeholders: `emit(p)` appends what stands in place of `p`.
template <class Emit>
std::string rewrite(std::string_view sql, const sql_dialect& dialect, Emit emit) {
    const bool percents = uses_percent_style(sql, dialect);
    placeholder_scanner scanner(sql, dialect);
    placeholder p{};
    std::string text;
    text.reserve(sql.size() + 16);
    std::size_t copied = 0;
    while (scanner.next(p)) {
        text.append(sql, copied, p.offset - copied);
        copied = p.offset + p.length;
        if (p.style == placeholder_style::percent) {
            text += percents ? "%" : "%%";
        } else {
            emit(text, p);
        }
    }
    return text.append(sql, copied);
}

/// Binds arguments of any kind to a text of any style.
template <class... Args>
bound_statement bind_arguments(std::string_view sql, const sql_dialect& dialect,
                               const argument_list<Args...>& arguments) {
    bound_statement bound;
    argument_picker picker(sql, arguments.items().data(), arguments.items().size());
    bound.text = rewrite(sql, dialect, [&](std::string& text, const placeholder& p) {
        const argument& a = arguments.items()[picker.pick(p)];
        if (!a.is_list) {
            text += '?';
            bound.cells.push_back(a.content);
            return;
        }
        const list_place place = list_place_at(sql, p.offset);
        if (place == list_place::none) {
            throw programming_error(describe_place(sql, p) + ": a range can only be bound after IN");
        }
        if (a.count == 0) throw programming_error(describe_place(sql, p) + ": the list for IN is empty");
        if (place == list_place::after_in) text += '(';
        for (std::size_t i = 0; i < a.count; ++i) text += i == 0 ? "?" : ", ?";
        if (place == list_place::after_in) text += ')';
        for (const cell& c : arguments.list(a)) bound.cells.push_back(c);
    });
    picker.finish();
    return bound;
}

/// Whether the placeholders of `Sql` fit the types of the arguments, as far as the types tell.
template <class... Args>
consteval bool arguments_fit(std::string_view sql, const sql_dialect& dialect) {
    const placeholder_summary summary = summarize_placeholders(sql, dialect);
    if constexpr (((cell_writable<Args> || list_like<Args>) && ...)) {
        return summary.named == 0 && summary.arguments == sizeof...(Args);
    } else {
        return true; // records, maps and named arguments are matched at run time, with names in the message
    }
}

/// The dialect of a connection type: where it is only known at run time the usual one, or the common part of all.
template <class Connection>
consteval sql_dialect static_dialect() {
    if constexpr (requires { Connection::usual_dialect; }) {
        return Connection::usual_dialect;
    } else if constexpr (std::is_member_object_pointer_v<decltype(&Connection::dialect)>) {
        return {};
    } else {
        return Connection::dialect;
    }
}

} // namespace detail

/// The number of placeholders of a compile-time statement equals the number of arguments.
template <fixed_string Sql, class Connection, class... Args>
concept placeholders_match_arguments = detail::arguments_fit<Args...>(Sql.view(), detail::static_dialect<Connection>());

} // namespace weft::inline v0
