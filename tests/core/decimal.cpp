// SPDX-License-Identifier: BSL-1.0
#include <weft/core/decimal.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using weft::decimal;

static_assert(std::is_trivially_copyable_v<decimal>);
static_assert(decimal::parse("1.50") == decimal::parse("1.5"));
static_assert(decimal::parse("1.50").scale() == 2);

namespace {

__extension__ typedef __int128 int128;

constexpr int128 pow10(int n) {
    int128 p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

// unscaled · 10^-scale, written by plain string handling.
std::string reference(int128 unscaled, int scale) {
    const bool negative = unscaled < 0;
    std::string digits;
    for (int128 rest = negative ? -unscaled : unscaled; rest != 0; rest /= 10)
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    while (static_cast<int>(digits.size()) <= scale) digits.insert(digits.begin(), '0');
    if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
    return (negative ? "-" : "") + digits;
}

struct sample {
    int128 unscaled;
    int scale;
    decimal value() const { return decimal::parse(reference(unscaled, scale)); }
};

// Magnitudes of every bit length up to `bits`, all scales up to `scales`.
class samples {
public:
    explicit samples(unsigned seed) : random_(seed) {}
    sample next(int bits, int scales) {
        const int width = static_cast<int>(random_() % static_cast<unsigned>(bits)) + 1;
        int128 v = (static_cast<int128>(random_() >> 1) << 64) | static_cast<int128>(random_());
        v >>= 127 - width;
        if (random_() % 2 == 0) v = -v;
        return {v, static_cast<int>(random_() % static_cast<unsigned>(scales + 1))};
    }

private:
    std::mt19937_64 random_;
};

} // namespace

TEST_CASE("decimals print and read like plain string handling says") {
    samples s(3);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const sample x = s.next(126, 38);
        const std::string text = reference(x.unscaled, x.scale);
        const decimal value = decimal::parse(text);
        if (value.to_string() != text || value.scale() != x.scale || value.is_negative() != (x.unscaled < 0)) ++wrong;
        std::string magnitude = reference(x.unscaled < 0 ? -x.unscaled : x.unscaled, 0);
        if (value.precision() != static_cast<int>(magnitude.size())) ++wrong;
        // The same number in exponent notation with another split of the digits.
        const std::string other = (x.unscaled < 0 ? "-" : "+") + magnitude + "e-" + std::to_string(x.scale);
        const auto again = decimal::try_parse(other);
        if (again != value || again->scale() != x.scale) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("decimal arithmetic and comparison agree with 128-bit integers") {
    samples s(4);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const sample a = s.next(60, 9);
        const sample b = s.next(60, 9);
        const int scale = std::max(a.scale, b.scale);
        const int128 left = a.unscaled * pow10(scale - a.scale);
        const int128 right = b.unscaled * pow10(scale - b.scale);
        const decimal x = a.value();
        const decimal y = b.value();
        if ((x + y).to_string() != reference(left + right, scale)) ++wrong;
        if ((x - y).to_string() != reference(left - right, scale)) ++wrong;
        if ((x * y).to_string() != reference(a.unscaled * b.unscaled, a.scale + b.scale)) ++wrong;
        if ((-x).to_string() != reference(-a.unscaled, a.scale)) ++wrong;
        if ((x < y) != (left < right) || (x == y) != (left == right) || (x > y) != (left > right)) ++wrong;
        if (x.rescaled(scale).to_string() != reference(left, scale)) ++wrong;
        if (x != x.rescaled(scale)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("decimal rounding agrees with 128-bit integers, halves away from zero") {
    samples s(5);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const sample x = s.next(120, 30);
        const int to = i % 31;
        const std::string rounded = x.value().rounded(to).to_string();
        if (to >= x.scale) {
            if (x.unscaled < pow10(8) && x.unscaled > -pow10(8) &&
                rounded != reference(x.unscaled * pow10(to - x.scale), to))
                ++wrong;
            continue;
        }
        const int128 divisor = pow10(x.scale - to);
        const int128 magnitude = x.unscaled < 0 ? -x.unscaled : x.unscaled;
        int128 q = magnitude / divisor;
        if (magnitude % divisor >= divisor / 2) ++q;
        if (rounded != reference(x.unscaled < 0 ? -q : q, to)) ++wrong;
        const bool exact = magnitude % divisor == 0;
        bool threw = false;
        try {
            if (x.value().rescaled(to) != x.value()) ++wrong;
        } catch (const weft::data_error&) {
            threw = true;
        }
        if (threw == exact) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(decimal::parse("2.5").rounded(0).to_string() == "3");
    CHECK(decimal::parse("-2.5").rounded(0).to_string() == "-3");
    CHECK(decimal::parse("2.4999999999999999999999999").rounded(0).to_string() == "2");
    CHECK(decimal::parse("-0.4").rounded(0).to_string() == "0");
    CHECK(decimal::parse("9.99").rounded(1).to_string() == "10.0");
    CHECK(decimal::parse("1").rounded(3).to_string() == "1.000");
}

TEST_CASE("decimals of the full 65 digits") {
    const std::string nines(65, '9');
    const decimal most = decimal::parse(nines);
    CHECK(most.to_string() == nines);
    CHECK(most.precision() == 65);
    CHECK((-most).to_string() == "-" + nines);
    CHECK(decimal::parse("0." + nines).to_string() == "0." + nines);
    CHECK(decimal::parse("-0." + nines).to_string().size() == decimal::max_chars);
    CHECK(decimal::parse("0." + std::string(64, '0') + "1").to_string() == "0." + std::string(64, '0') + "1");
    CHECK(decimal::parse(std::string(200, '0') + nines) == most);
    CHECK((most + -most).to_string() == "0");
    CHECK((most - decimal::parse("1")).to_string() == std::string(64, '9') + "8");
    CHECK_THROWS_AS(most + decimal::parse("1"), weft::data_error);
    CHECK_THROWS_AS(-most - decimal::parse("1"), weft::data_error);
    CHECK_THROWS_AS(most * decimal::parse("2"), weft::data_error);
    CHECK_THROWS_AS(most + decimal::parse("0.5"), weft::data_error);
    CHECK_THROWS_AS(most.rescaled(1), weft::data_error);
    CHECK_THROWS_AS(most.rounded(1), weft::data_error);
    CHECK_THROWS_AS(decimal::parse("1").rescaled(-1), weft::data_error);
    CHECK_THROWS_AS(decimal::parse("0").rounded(66), weft::data_error);
    CHECK(most > decimal::parse("1E+64"));
    CHECK(decimal::parse("1E-65") > decimal{});
    CHECK(decimal::parse("1E-65") < most);
    // The digits beyond the 65th are zeros, so that the exact results fit after all.
    CHECK((decimal::parse("1E+60") + decimal::parse("0.5000000")).to_string() == "1" + std::string(60, '0') + ".5000");
    CHECK((decimal::parse("2.0E-40") * decimal::parse("5E-20")).to_string() == "0." + std::string(58, '0') + "100");
    CHECK(decimal::parse("2E-40") * decimal::parse("5E-26") == decimal::parse("1E-65"));
    CHECK_THROWS_AS(decimal::parse("3E-40") * decimal::parse("5E-26"), weft::data_error);
}

TEST_CASE("products of random wide decimals agree with schoolbook multiplication of digits") {
    std::mt19937_64 random(6);
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::size_t n = 1 + random() % 40;
        const std::size_t m = 1 + random() % 25;
        std::string a(n, '0'), b(m, '0');
        for (auto& c : a) c = static_cast<char>('0' + random() % 10);
        for (auto& c : b) c = static_cast<char>('0' + random() % 10);
        std::vector<int> sum(n + m, 0);
        for (std::size_t x = n; x-- > 0;)
            for (std::size_t y = m; y-- > 0;) {
                const int t = sum[x + y + 1] + (a[x] - '0') * (b[y] - '0');
                sum[x + y + 1] = t % 10;
                sum[x + y] += t / 10;
            }
        std::string expected;
        for (int d : sum)
            if (d != 0 || !expected.empty()) expected += static_cast<char>('0' + d);
        if (expected.empty()) expected = "0";
        if ((decimal::parse(a) * decimal::parse(b)).to_string() != expected) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("decimals are read in every accepted form") {
    const auto text = [](std::string_view t) { return decimal::parse(t).to_string(); };
    CHECK(text("1.50") == "1.50");
    CHECK(text("1E+5") == "100000");
    CHECK(text("1e5") == "100000");
    CHECK(text("-.5") == "-0.5");
    CHECK(text("1.") == "1");
    CHECK(text("+7") == "7");
    CHECK(text("-0.00") == "0.00");
    CHECK_FALSE(decimal::parse("-0.00").is_negative());
    CHECK(text("0E+999999999999999999999999") == "0");
    CHECK(text("25e-3") == "0.025");
    CHECK(text("1.5e1") == "15");
    CHECK(text("1.25e1") == "12.5");
    CHECK(text("00012.30") == "12.30");
    CHECK(text("1E+64") == "1" + std::string(64, '0'));
}

TEST_CASE("malformed decimals are refused") {
    for (std::string_view t : {"",
                               "-",
                               "+",
                               ".",
                               "-.",
                               "e5",
                               ".e5",
                               "1e",
                               "1e+",
                               "1e-",
                               "1e5.",
                               "1..2",
                               "1.2.3",
                               "--1",
                               "+-1",
                               " 1",
                               "1 ",
                               "1,5",
                               "0x10",
                               "nan",
                               "inf",
                               "1_000",
                               "1e5e5",
                               "1E+65",
                               "1E-66",
                               "0E-66",
                               "10E+64",
                               "1e99999999999999999999",
                               "1e-99999999999999999999",
                               "1/",
                               "1:"}) {
        INFO(t);
        CHECK_FALSE(decimal::try_parse(t));
        CHECK_THROWS_AS(decimal::parse(t), weft::data_error);
    }
    CHECK_FALSE(decimal::try_parse(std::string(66, '1')));
    CHECK_FALSE(decimal::try_parse("1" + std::string(65, '0')));
    CHECK_FALSE(decimal::try_parse("0." + std::string(66, '0')));
    CHECK_FALSE(decimal::try_parse(std::string(40, '1') + "." + std::string(26, '1')));
    CHECK(decimal::try_parse(std::string(40, '1') + "." + std::string(25, '1')));
}

TEST_CASE("decimals convert from and to integers") {
    constexpr auto low = std::numeric_limits<std::int64_t>::min();
    constexpr auto high = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t v : {low, low + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, high - 1, high}) {
        CHECK(decimal::from_int64(v).to_string() == std::to_string(v));
        CHECK(decimal::from_int64(v).to_int64() == v);
    }
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    CHECK(decimal::from_uint64(all).to_string() == std::to_string(all));
    CHECK_THROWS_AS(decimal::from_uint64(all).to_int64(), weft::data_error);
    CHECK_THROWS_AS(decimal::parse("9223372036854775808").to_int64(), weft::data_error);
    CHECK_THROWS_AS(decimal::parse("-9223372036854775809").to_int64(), weft::data_error);
    CHECK_THROWS_AS(decimal::parse("1.5").to_int64(), weft::data_error);
    CHECK(decimal::parse("-9223372036854775808.000").to_int64() == low);
    CHECK(decimal::parse("15.000").to_int64() == 15);
}

TEST_CASE("decimals convert from and to doubles") {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<int> power(-48, 48);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double v = (static_cast<double>(random() >> 11) - std::ldexp(1.0, 52)) * std::pow(10.0, power(random));
        if (decimal::from_double(v).to_double() != v) ++wrong;
        const double cents = static_cast<double>(random() % 100'000'000) / 100;
        if (decimal::from_double(cents).to_double() != cents || decimal::from_double(cents).scale() > 2) ++wrong;
    }
    CHECK(wrong == 0);
    samples s(8);
    for (int i = 0; i < 100'000; ++i) {
        const sample x = s.next(120, 38);
        if (x.value().to_double() != std::stod(reference(x.unscaled, x.scale))) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(decimal::from_double(0.1).to_string() == "0.1");
    CHECK(decimal::from_double(-0.0).to_string() == "0");
    CHECK(decimal::from_double(1e22).to_string() == "10000000000000000000000");
    CHECK_THROWS_AS(decimal::from_double(std::nan("")), weft::data_error);
    CHECK_THROWS_AS(decimal::from_double(std::numeric_limits<double>::infinity()), weft::data_error);
    CHECK_THROWS_AS(decimal::from_double(1e300), weft::data_error);
    CHECK_THROWS_AS(decimal::from_double(1e-300), weft::data_error);
}

TEST_CASE("unscaled bytes are two's complement, little end first") {
    samples s(9);
    int wrong = 0;
    for (int i = 0; i < 50'000; ++i) {
        const sample x = s.next(127, 38);
        std::array<std::byte, 16> bytes;
        for (std::size_t b = 0; b < 16; ++b)
            bytes[b] = static_cast<std::byte>(static_cast<unsigned char>(x.unscaled >> (8 * b)));
        const decimal value = decimal::from_unscaled(bytes, x.scale);
        if (value.to_string() != reference(x.unscaled, x.scale)) ++wrong;
        std::array<std::byte, 16> narrow;
        value.to_unscaled(narrow);
        if (narrow != bytes) ++wrong;
        std::array<std::byte, 32> wide;
        value.to_unscaled(wide);
        if (!std::equal(bytes.begin(), bytes.end(), wide.begin())) ++wrong;
        const auto filler = x.unscaled < 0 ? std::byte{0xFF} : std::byte{0};
        if (std::count(wide.begin() + 16, wide.end(), filler) != 16) ++wrong;
        if (decimal::from_unscaled(wide, x.scale) != value) ++wrong;
    }
    CHECK(wrong == 0);

    std::array<std::byte, 16> narrow{};
    std::array<std::byte, 32> wide{};
    const auto parse = [](std::string_view t) { return decimal::parse(t); };
    CHECK_NOTHROW(parse("170141183460469231731687303715884105727").to_unscaled(narrow));
    CHECK_THROWS_AS(parse("170141183460469231731687303715884105728").to_unscaled(narrow), weft::data_error);
    parse("-170141183460469231731687303715884105728").to_unscaled(narrow);
    CHECK(decimal::from_unscaled(narrow, 0).to_string() == "-170141183460469231731687303715884105728");
    CHECK_THROWS_AS(parse("-170141183460469231731687303715884105729").to_unscaled(narrow), weft::data_error);
    parse("-" + std::string(65, '9')).to_unscaled(wide);
    CHECK(decimal::from_unscaled(wide, 0).to_string() == "-" + std::string(65, '9'));
    wide.fill(std::byte{0x7F});
    CHECK_THROWS_AS(decimal::from_unscaled(wide, 0), weft::data_error);
    wide.fill(std::byte{0});
    wide[31] = std::byte{0x80};
    CHECK_THROWS_AS(decimal::from_unscaled(wide, 0), weft::data_error);
    CHECK_THROWS_AS(decimal::from_unscaled(narrow, -1), weft::data_error);
    CHECK_THROWS_AS(decimal::from_unscaled(narrow, 66), weft::data_error);
    CHECK_THROWS_AS(decimal::from_unscaled(std::span(wide).first(8), 0), weft::interface_error);
    CHECK_THROWS_AS(decimal{}.to_unscaled(std::span(wide).first(17)), weft::interface_error);
}
