// SPDX-License-Identifier: BSL-1.0
#include <weft/core/vector_view.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using weft::parse_vector;
using weft::vector_view;

namespace {

template <class T>
std::vector<T> random_vector(std::mt19937_64& random, std::size_t size) {
    std::vector<weft::blob::value_type> bytes(size * sizeof(T));
    for (auto& b : bytes) b = static_cast<std::byte>(random() & 0xFF);
    return weft::vector_from_bytes<T>(bytes);
}

template <class T>
std::size_t position_of(std::string_view text) {
    try {
        parse_vector<T>(text);
    } catch (const weft::data_error& e) {
        const std::string message = e.what();
        return static_cast<std::size_t>(std::stoul(message.substr(message.rfind(' '))));
    }
    return std::string_view::npos;
}

} // namespace

TEMPLATE_TEST_CASE("vectors of any bit pattern survive text and bytes", "", float, double, std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t) {
    std::mt19937_64 random(18);
    int wrong = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
        const auto v = random_vector<TestType>(random, i % 40);
        const auto again = parse_vector<TestType>(weft::to_string(vector_view(v)));
        if (again.size() != v.size()) {
            ++wrong;
            continue;
        }
        for (std::size_t k = 0; k < v.size(); ++k)
            if (v[k] == v[k] ? again[k] != v[k] : again[k] == again[k]) ++wrong;
        // One byte in front makes the elements unaligned.
        weft::blob shifted(1);
        const auto bytes = vector_view(v).bytes();
        shifted.insert(shifted.end(), bytes.begin(), bytes.end());
        const auto copied = weft::vector_from_bytes<TestType>(weft::blob_view(shifted).subspan(1));
        if (!v.empty() && std::memcmp(copied.data(), v.data(), bytes.size()) != 0) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("vector_view is made from what holds elements") {
    const std::vector<float> v{1, 2, 3};
    const std::array<float, 2> a{4, 5};
    float raw[] = {6};
    const auto size = [](vector_view<float> view) { return view.size(); };
    CHECK(size(v) == 3);
    CHECK(size(a) == 2);
    CHECK(size(std::span<float>(raw)) == 1);
    CHECK(size(std::span<const float>(raw)) == 1);
    CHECK(size({}) == 0);
    const vector_view view(v);
    CHECK(view[1] == 2);
    CHECK(view.end() - view.begin() == 3);
    CHECK(view.bytes().size() == 12);
    CHECK(vector_view<float>().empty());
}

TEST_CASE("vector bytes are little-endian and whole elements") {
    CHECK(weft::vector_from_bytes<std::int32_t>(weft::as_blob("\x01\x02\x03\x04")) == std::vector{0x04030201});
    CHECK(weft::vector_from_bytes<float>(weft::as_blob(std::string_view("\0\0\x80\x3F", 4))) == std::vector{1.0F});
    CHECK(weft::vector_from_bytes<double>({}).empty());
    CHECK_THROWS_AS(weft::vector_from_bytes<float>(weft::as_blob("12345")), weft::data_error);
}

TEST_CASE("vector text") {
    CHECK(parse_vector<float>("[1, 2.5,-3]") == std::vector{1.0F, 2.5F, -3.0F});
    CHECK(parse_vector<float>(" [ 1e3 ,\t-2E-1\n] ") == std::vector{1000.0F, -0.2F});
    CHECK(parse_vector<std::int8_t>("[-128,127]") == std::vector<std::int8_t>{-128, 127});
    CHECK(parse_vector<double>("[]").empty());
    CHECK(parse_vector<double>(" [ ] ").empty());
    const std::vector<double> v{1, 2.5, -3, 0.1};
    CHECK(weft::to_string(vector_view(v)) == "[1,2.5,-3,0.1]");
    CHECK(weft::to_string(vector_view<float>()) == "[]");
}

TEST_CASE("elements too small become zero, elements too large are refused") {
    CHECK(parse_vector<float>("[1e-60,-1e-60]") == std::vector{0.0F, 0.0F});
    CHECK(std::signbit(parse_vector<float>("[-1e-60]")[0]));
    CHECK(parse_vector<double>("[0.0" + std::string(400, '0') + "1]") == std::vector{0.0});
    CHECK(parse_vector<double>("[1" + std::string(400, '0') + "e-400]") == std::vector{1.0});
    CHECK(parse_vector<double>("[1e-99999999999999999999]") == std::vector{0.0});
    CHECK(position_of<float>("[1,1e39]") == 3);
    CHECK(position_of<double>("[1" + std::string(400, '0') + "]") == 1);
    CHECK(position_of<double>("[1e99999999999999999999]") == 1);
    CHECK(position_of<std::int8_t>("[127,128]") == 5);
    CHECK(position_of<std::int64_t>("[9223372036854775808]") == 1);
}

TEST_CASE("malformed vector text is refused at its position") {
    CHECK(position_of<float>("") == 0);
    CHECK(position_of<float>("1,2") == 0);
    CHECK(position_of<float>("[") == 1);
    CHECK(position_of<float>("[1") == 2);
    CHECK(position_of<float>("[1,]") == 3);
    CHECK(position_of<float>("[,1]") == 1);
    CHECK(position_of<float>("[1 2]") == 3);
    CHECK(position_of<float>("[1]]") == 3);
    CHECK(position_of<float>("[1] x") == 4);
    CHECK(position_of<float>("[+1]") == 1);
    CHECK(position_of<float>("[--1]") == 1);
    CHECK(position_of<float>("[null]") == 1);
    CHECK(position_of<float>("[nan(1)]") == 1);
    CHECK(position_of<float>("[infinity]") == 1);
    CHECK(position_of<float>("[0x10]") == 2);
    CHECK(position_of<std::int32_t>("[1.5]") == 2);
    CHECK(position_of<std::int32_t>("[1e2]") == 2);
}
