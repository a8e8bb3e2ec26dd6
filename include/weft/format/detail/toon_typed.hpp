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
    /// The names as columns; the address tells the types apart.
    static const toon_header& header() {
        static const toon_header made = [] {
            toon_header out;
            (out.columns.push_back({toon_column::leaf, false, reflection<T>::template name<I>()}), ...);
            out.leaves = sizeof...(I);
            return out;
        }();
        return made;
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

/// Adds the cells and returns the number of the first.
template <class Cells>
std::size_t add_cells(toon_tree& tree, const Cells& cells) {
    const std::size_t first = tree.cells.size();
    tree.cells.append(cells.begin(), cells.size());
    return first;
}

/// A range: rows that share their names where the elements are structs of single values, else a list.
template <class T>
cell toon_list(toon_tree& tree, const T& v) {
    static_assert(toon_elements_stay<T>,
                  "a range that makes its elements as it goes cannot become TOON; copy it into a "
                  "container first");
    using element = toon_element<T>;
    const std::size_t first = tree.cells.size();
    if constexpr (is_toon_row<element>()) {
        const toon_header& header = toon_members_of<element>::header();
        for (const auto& e : v) {
            const auto row = toon_members_of<element>::cells(tree, e);
            tree.cells.append(row.data(), row.size());
        }
        return tree.shaped_table(first, (tree.cells.size() - first) / header.leaves, header, &header);
    } else if constexpr (cell_writable<element>) {
        for (auto&& e : v) tree.cells.push_back(to_cell<element>(e, tree.storage()));
        return tree.list(first, tree.cells.size() - first);
    } else {
        plain_array<cell> elements;
        for (const auto& e : v) elements.push_back(toon_cell(tree, e));
        return tree.list(add_cells(tree, elements), elements.size());
    }
}

template <class T>
cell toon_object(toon_tree& tree, const T& v) {
    if constexpr (toon_map<T>) {
        static_assert(std::is_lvalue_reference_v<toon_reference<T>>, "a range that makes its entries as it goes cannot "
                                                                     "become TOON; copy it into a container first");
        plain_array<cell> contents;
        plain_array<std::string_view> names;
        for (const auto& entry : v) {
            names.push_back(entry.first);
            contents.push_back(toon_cell(tree, entry.second));
        }
        const std::size_t first_name = tree.names.size();
        tree.names.append(names.begin(), names.size());
        return tree.object(add_cells(tree, contents), first_name, contents.size());
    } else {
        const auto members = toon_members_of<T>::cells(tree, v);
        const toon_header& header = toon_members_of<T>::header();
        return tree.shaped_object(add_cells(tree, members), header, &header);
    }
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
