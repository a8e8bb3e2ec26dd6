// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Members of user structs: by name through Boost.Describe, by position through Boost.PFR for plain aggregates.

#include <weft/core/reflection.hpp>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <boost/pfr/core.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft::inline v0 {

namespace detail {

template <class T>
using described_list = boost::describe::describe_members<std::remove_cv_t<T>,
                                                         boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
struct is_described : std::false_type {};
template <class T>
    requires(std::is_class_v<T> && requires { typename described_list<T>; })
struct is_described<T> : std::true_type {};

} // namespace detail

/// A struct whose members were named with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_CLASS; public ones count, inherited
/// ones too.
template <class T>
concept described = detail::is_described<std::remove_cv_t<T>>::value;

/// An aggregate without a description; its members have positions but no names.
template <class T>
concept plain_aggregate =
    std::is_class_v<std::remove_cv_t<T>> && std::is_aggregate_v<std::remove_cv_t<T>> && !described<T>;

/// A struct whose members weft can reach.
template <class T>
concept reflectable = described<T> || plain_aggregate<T>;

/// Number of members of `T`.
template <reflectable T>
consteval std::size_t member_count() {
    if constexpr (described<T>) {
        return boost::mp11::mp_size<detail::described_list<T>>::value;
    } else {
        return boost::pfr::tuple_size_v<T>;
    }
}

/// Name of member `Index`; empty for plain aggregates.
template <reflectable T, std::size_t Index>
consteval std::string_view member_name() {
    if constexpr (described<T>) {
        return boost::mp11::mp_at_c<detail::described_list<T>, Index>::name;
    } else {
        return {};
    }
}

/// Member `Index` of `object`.
template <std::size_t Index, class T>
    requires reflectable<std::remove_cv_t<T>>
constexpr auto& member(T& object) {
    if constexpr (described<T>) {
        return object.*boost::mp11::mp_at_c<detail::described_list<std::remove_cv_t<T>>, Index>::pointer;
    } else {
        return boost::pfr::get<Index>(object);
    }
}

/// Type of member `Index` of `T`.
template <class T, std::size_t Index>
using member_type = std::remove_cvref_t<decltype(member<Index>(std::declval<T&>()))>;

namespace detail {

template <class T>
struct reflection {
    static constexpr bool exists = false;
};

/// The members of a struct, for headers that do without this one until a struct is passed.
template <reflectable T>
struct reflection<T> {
    static constexpr bool exists = true;

    static consteval std::size_t count() { return member_count<T>(); }
    template <std::size_t Index>
    static consteval std::string_view name() {
        return member_name<T, Index>();
    }
    template <std::size_t Index>
    static constexpr const auto& get(const T& object) {
        return member<Index>(object);
    }
    template <std::size_t Index>
    using type = member_type<T, Index>;
};

} // namespace detail

} // namespace weft::inline v0
