// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell_writer.hpp>
#include <weft/core/reflection.hpp>
#include <weft/format/detail/toon_tree.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::detail {

template <class T>
concept toon_range = requires(const T& v) {
    { std::begin(v) != std::end(v) } -> std::convertible_to<bool>;
    *std::begin(v);
};

template <toon_range T>
using toon_reference = decltype(*std::begin(std::declval<const T&>()));

template <toon_range T>
using toon_element = std::remove_cvref_t<toon_reference<T>>;

/// Elements that are still there when the next one is asked for, or whose cell does not view them.
template <class T>
inline constexpr bool toon_elements_stay =
    std::is_lvalue_reference_v<toon_reference<T>> || std::is_arithmetic_v<toon_element<T>> ||
    std::is_enum_v<toon_element<T>> || std::same_as<toon_element<T>, std::string_view>;

/// Ranges of pairs whose first member is a text: std::map<std::string, T> and its like.
template <class T>
concept toon_map = toon_range<T> && requires(const toon_element<T>& entry) {
    { entry.first } -> std::convertible_to<std::string_view>;
    entry.second;
};

/// Described structs.
template <class T>
concept toon_struct =
    std::is_class_v<T> && !toon_range<T> && !is_optional<T> && describe_header_included<T> && reflection<T>::exists;

template <class T>
cell toon_cell(toon_tree& tree, const T& v);

template <class T, class Sequence>
struct toon_members;

/// The members of a described struct.
template <class T, std::size_t... I>
struct toon_members<T, std::index_sequence<I...>> {
    static_assert(sizeof...(I) == 0 || !reflection<T>::template name<0>().empty(),
                  "a struct that becomes TOON must be described with BOOST_DESCRIBE_STRUCT: its members need names");

    static constexpr bool all_single = (cell_writable<typename reflection<T>::template type<I>> && ...);

    static std::array<cell, sizeof...(I)> cells(toon_tree& tree, const T& v) {
        return {toon_cell(tree, reflection<T>::template get<I>(v))...};
    }
    static void add_names(std::vector<std::string_view>& names) {
        (names.push_back(reflection<T>::template name<I>()), ...);
    }
    static toon_header header() {
        toon_header out;
        (out.columns.push_back({toon_column::leaf, false, reflection<T>::template name<I>()}), ...);
        out.leaves = sizeof...(I);
        return out;
    }
};

template <class T>
using toon_members_of = toon_members<T, std::make_index_sequence<reflection<T>::count()>>;

template <class T>
constexpr bool is_toon_row() {
    if constexpr (!cell_writable<T> && toon_struct<T>)
        return toon_members_of<T>::all_single && reflection<T>::count() != 0;
    else
        return false;
}

/// A range: rows that share their names where the elements are structs of single values, else a list.
template <class T>
cell toon_list(toon_tree& tree, const T& v) {
    static_assert(toon_elements_stay<T>,
                  "a range that makes its elements as it goes cannot become TOON; copy it into a "
                  "container first");
    using element = toon_element<T>;
    std::size_t count = 0;
    if constexpr (is_toon_row<element>()) {
        const std::size_t first = tree.cells.size();
        for (const auto& e : v) {
            const auto row = toon_members_of<element>::cells(tree, e);
            tree.cells.insert(tree.cells.end(), row.begin(), row.end());
            ++count;
        }
        return tree.table(first, count, toon_members_of<element>::header());
    } else {
        std::vector<cell> elements;
        for (auto&& e : v) elements.push_back(toon_cell<element>(tree, e));
        const std::size_t first = tree.cells.size();
        tree.cells.insert(tree.cells.end(), elements.begin(), elements.end());
        return tree.list(first, elements.size());
    }
}

template <class T>
cell toon_object(toon_tree& tree, const T& v) {
    std::vector<cell> contents;
    std::vector<std::string_view> names;
    if constexpr (toon_map<T>) {
        static_assert(std::is_lvalue_reference_v<toon_reference<T>>, "a range that makes its entries as it goes cannot "
                                                                     "become TOON; copy it into a container first");
        for (const auto& entry : v) {
            names.push_back(entry.first);
            contents.push_back(toon_cell(tree, entry.second));
        }
    } else {
        const auto members = toon_members_of<T>::cells(tree, v);
        contents.assign(members.begin(), members.end());
        toon_members_of<T>::add_names(names);
    }
    const std::size_t first = tree.cells.size();
    const std::size_t first_name = tree.names.size();
    tree.cells.insert(tree.cells.end(), contents.begin(), contents.end());
    tree.names.insert(tree.names.end(), names.begin(), names.end());
    return tree.object(first, first_name, contents.size());
}

/// A view of the value as a cell, with what that needs in the tree.
template <class T>
cell toon_cell(toon_tree& tree, const T& v) {
    if constexpr (cell_writable<T>) {
        return to_cell(v, tree.storage());
    } else if constexpr (is_optional<T>) {
        return v ? toon_cell(tree, *v) : cell();
    } else if constexpr (toon_map<T> || toon_struct<T>) {
        return toon_object(tree, v);
    } else {
        static_assert(toon_range<T>, "a member that cannot become TOON: it is no single value, no described struct (or "
                                     "weft/core/describe.hpp is missing), no range and no map");
        return toon_list(tree, v);
    }
}

} // namespace weft::inline v0::detail
