// SPDX-License-Identifier: BSL-1.0
#include <weft/core/fixed_string.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <type_traits>

using weft::fixed_string;

namespace {

template <fixed_string Name>
struct column {
    static constexpr std::string_view name = Name.view();
};

} // namespace

static_assert(column<"id">::name == "id");
static_assert(std::is_same_v<column<"id">, column<"id">>);
static_assert(!std::is_same_v<column<"id">, column<"ie">>);
static_assert(!std::is_same_v<column<"a">, column<"a\0">>);
static_assert(fixed_string("").empty() && fixed_string("abc").size() == 3);
static_assert(fixed_string("abc") == fixed_string("abc") && fixed_string("abc") != fixed_string("ab"));
static_assert(fixed_string("ab") < fixed_string("abc"));
static_assert(std::is_same_v<column<fixed_string("a.") + fixed_string("b")>, column<"a.b">>);

TEST_CASE("a fixed string keeps every character of its literal") {
    CHECK(column<"weft">::name == "weft");
    CHECK(column<"a\0b">::name == std::string_view("a\0b", 3));
    CHECK(std::string(fixed_string("tail").c_str()) == "tail");
    CHECK(column<"">::name.empty());
}
