// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `weft::fixed_string`: a string literal as a template argument.

#include <compare>
#include <cstddef>
#include <string_view>

namespace weft::inline v0 {

/// The `N` characters of a string literal, without its terminator, as a structural type: `template <fixed_string Name>`
/// takes `"id"`. Two of equal text are the same template argument.
template <std::size_t N>
struct fixed_string {
    char text[N + 1]{}; ///< the characters and a terminating NUL

    constexpr fixed_string() noexcept = default;

    /// From a literal, implicitly, so that it can be written in a template argument list.
    constexpr fixed_string(const char (&literal)[N + 1]) noexcept {
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
    }

    /// The characters; valid for the whole program when the string is a template argument.
    constexpr std::string_view view() const noexcept { return {text, N}; }
    constexpr operator std::string_view() const noexcept { return view(); }

    /// The characters with a terminating NUL.
    constexpr const char* c_str() const noexcept { return text; }
    static constexpr std::size_t size() noexcept { return N; }
    static constexpr bool empty() noexcept { return N == 0; }

    template <std::size_t M>
    friend constexpr bool operator==(const fixed_string& a, const fixed_string<M>& b) noexcept {
        return a.view() == b.view();
    }

    template <std::size_t M>
    friend constexpr auto operator<=>(const fixed_string& a, const fixed_string<M>& b) noexcept {
        return a.view() <=> b.view();
    }
};

template <std::size_t N>
fixed_string(const char (&)[N]) -> fixed_string<N - 1>;

/// The two texts one after the other.
template <std::size_t N, std::size_t M>
constexpr fixed_string<N + M> operator+(const fixed_string<N>& a, const fixed_string<M>& b) noexcept {
    fixed_string<N + M> out;
    for (std::size_t i = 0; i < N; ++i) out.text[i] = a.text[i];
    for (std::size_t i = 0; i < M; ++i) out.text[N + i] = b.text[i];
    return out;
}

} // namespace weft::inline v0
