// SPDX-License-Identifier: BSL-1.0
//
// Claim: text cells become typed columns in a nanosecond or a few per cell, several times faster than with the
// functions of the standard library one cell at a time. Peer and weft read the same cells of the same buffer into the
// same dense array; what is compared besides time is the sum of the results.
//
// And the default kernels beside those on xsimd (weft/simd/xsimd.hpp), which are compiled for this machine here.

#include "measure.hpp"
#include "peers/xsimd_parse.hpp"

#include <weft/simd.hpp>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace simd = weft::simd;

namespace {

constexpr std::size_t rows = 16384; // cells and values fit into the second-level cache
constexpr std::size_t repeats = 4;  // few, so that a round fits between two interruptions
constexpr int rounds = 101;

struct column {
    std::string bytes = std::string(simd::slack, ' ');
    std::vector<simd::text_cell> cells;

    void add(const std::string& text) {
        cells.push_back({static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(text.size())});
        bytes += text;
        bytes += '\0'; // where a protocol has the length of the next cell; strtoll needs an end
    }
    void finish() { bytes.append(simd::slack, ' '); }
};

template <class Make>
column make_column(const Make& make) {
    column c;
    for (std::size_t i = 0; i < rows; ++i) c.add(make());
    c.finish();
    return c;
}

template <class T>
struct values {
    std::vector<T> data = std::vector<T>(rows);
    std::byte* bytes() { return reinterpret_cast<std::byte*>(data.data()); }
};

// `peer(first, last)` reads one cell; `kernel(base, cells, count, out, stride)` the column.
template <class T, class Peer, class Kernel>
void compare(const char* name, const column& c, const Peer& peer, const Kernel& kernel) {
    values<T> theirs;
    values<T> ours;
    const char* const base = c.bytes.data();
    measure::versus(
        name, rows * repeats,
        [&] {
            for (std::size_t r = 0; r < repeats; ++r)
                for (std::size_t i = 0; i < rows; ++i) {
                    const char* first = base + c.cells[i].offset;
                    theirs.data[i] = peer(first, first + c.cells[i].size);
                }
            return rows * repeats;
        },
        [&] {
            std::size_t parsed = 0;
            for (std::size_t r = 0; r < repeats; ++r)
                parsed += kernel(base, c.cells.data(), rows, ours.bytes(), sizeof(T));
            return parsed;
        },
        rounds);
    if (std::memcmp(theirs.data.data(), ours.data.data(), rows * sizeof(T)) != 0) {
        std::fprintf(stderr, "%s: the values differ\n", name);
        std::exit(1);
    }
}

template <class T>
T with_from_chars(const char* first, const char* last) {
    T value{};
    std::from_chars(first, last, value);
    return value;
}

std::int32_t plain_date(const char* first, const char* last) {
    std::int32_t days = 0;
    simd::scalar::read_date(first, static_cast<std::size_t>(last - first), days);
    return days;
}

std::int64_t plain_datetime(const char* first, const char* last) {
    std::int64_t micros = 0;
    simd::scalar::read_datetime(first, static_cast<std::size_t>(last - first), micros);
    return micros;
}

std::int64_t plain_time(const char* first, const char* last) {
    std::int64_t micros = 0;
    simd::scalar::read_time(first, static_cast<std::size_t>(last - first), micros);
    return micros;
}

std::int64_t plain_decimal(const char* first, const char* last) {
    std::int64_t value = 0;
    simd::scalar::read_decimal(first, static_cast<std::size_t>(last - first), 2, value);
    return value;
}

std::mt19937_64 source(42);

template <class... Args>
std::string print(const char* format, Args... args) {
    char text[64];
    std::snprintf(text, sizeof text, format, args...);
    return text;
}

unsigned below(unsigned limit) {
    return static_cast<unsigned>(source() % limit);
}

std::string a_date() {
    return print("%04u-%02u-%02u", 1970 + below(80), 1 + below(12), 1 + below(28));
}
std::string a_time() {
    return print("%02u:%02u:%02u", below(24), below(60), below(60));
}

template <class T, class Arch = simd::arch::dispatched>
std::size_t integers(const char* base, const simd::text_cell* cells, std::size_t n, std::byte* out,
                     std::size_t stride) {
    return simd::parse_integers<T, Arch>(base, cells, n, out, stride);
}

void compare_integers() {
    const auto strtoll_ = [](const char* p, const char*) {
        return static_cast<std::int64_t>(std::strtoll(p, nullptr, 10));
    };
    const column tiny = make_column([] { return std::to_string(below(1000)); });
    const column small = make_column([] { return std::to_string(static_cast<int>(below(20000000)) - 10000000); });
    const column medium = make_column([] { return std::to_string(source() % 1000000000000); });
    const column large = make_column([] { return std::to_string(source() % 9000000000000000000); });
    compare<std::int64_t>("int64_3_digits_strtoll", tiny, strtoll_, integers<std::int64_t>);
    compare<std::int64_t>("int64_7_digits_strtoll", small, strtoll_, integers<std::int64_t>);
    compare<std::int32_t>("int32_7_digits_from_chars", small, with_from_chars<std::int32_t>, integers<std::int32_t>);
    compare<std::int64_t>("int64_12_digits_from_chars", medium, with_from_chars<std::int64_t>, integers<std::int64_t>);
    compare<std::int64_t>("int64_19_digits_from_chars", large, with_from_chars<std::int64_t>, integers<std::int64_t>);
    compare<std::int64_t>("int64_7_digits_portable", small, with_from_chars<std::int64_t>,
                          integers<std::int64_t, simd::arch::portable>);
    if (simd::is_available<simd::arch::avx2>())
        compare<std::int64_t>("int64_7_digits_avx2", small, with_from_chars<std::int64_t>,
                              integers<std::int64_t, simd::arch::avx2>);
}

void compare_floats() {
    const auto strtod_ = [](const char* p, const char*) { return std::strtod(p, nullptr); };
    const auto kernel = [](auto... arguments) { return simd::parse_floats<double>(arguments...); };
    const column usual = make_column([] { return print("%.15g", static_cast<double>(below(1000000000)) / 7919.0); });
    const column precise = make_column([] { return print("%.17g", static_cast<double>(below(1000000000)) / 7919.0); });
    const column prices = make_column([] { return print("%u.%02u", below(10000), below(100)); });
    compare<double>("double_15_digits_strtod", usual, strtod_, kernel);
    compare<double>("double_15_digits_from_chars", usual, with_from_chars<double>, kernel);
    compare<double>("double_17_digits_from_chars", precise, with_from_chars<double>, kernel);
    compare<double>("double_prices_from_chars", prices, with_from_chars<double>, kernel);
    compare<std::int64_t>(
        "decimal_prices", prices, plain_decimal,
        [](const char* base, const simd::text_cell* cells, std::size_t n, std::byte* out, std::size_t stride) {
            return simd::parse_decimals<std::int64_t>(base, cells, n, 2, out, stride);
        });
}

void compare_dates() {
    const column dates = make_column(a_date);
    const column seconds = make_column([] { return a_date() + ' ' + a_time(); });
    const column micros = make_column([] { return a_date() + ' ' + a_time() + print(".%06u", below(1000000)); });
    const column times = make_column(a_time);
    compare<std::int32_t>("dates", dates, plain_date, simd::parse_dates<>);
    compare<std::int32_t>("dates_portable", dates, plain_date, simd::parse_dates<simd::arch::portable>);
    compare<std::int64_t>("datetimes", seconds, plain_datetime, simd::parse_datetimes<>);
    compare<std::int64_t>("datetimes_6_digits", micros, plain_datetime, simd::parse_datetimes<>);
    compare<std::int64_t>("times", times, plain_time, simd::parse_times<>);
}

#ifdef WEFT_PEER_XSIMD
// Two kernels that read whole columns.
template <class T, class Peer, class Kernel>
void compare_kernels(const char* name, const column& c, const Peer& peer, const Kernel& kernel) {
    values<T> theirs;
    values<T> ours;
    const auto run = [&c](const auto& parse, values<T>& out) {
        std::size_t parsed = 0;
        for (std::size_t r = 0; r < repeats; ++r)
            parsed += parse(c.bytes.data(), c.cells.data(), rows, out.bytes(), sizeof(T));
        return parsed;
    };
    measure::versus(name, rows * repeats, [&] { return run(peer, theirs); }, [&] { return run(kernel, ours); }, rounds);
    if (std::memcmp(theirs.data.data(), ours.data.data(), rows * sizeof(T)) != 0) {
        std::fprintf(stderr, "%s: the values differ\n", name);
        std::exit(1);
    }
}

void compare_with_xsimd() {
    std::printf("on xsimd: %s\n", on_xsimd::name());
    const column small = make_column([] { return std::to_string(static_cast<int>(below(20000000)) - 10000000); });
    const column medium = make_column([] { return std::to_string(source() % 1000000000000); });
    const column prices = make_column([] { return print("%u.%02u", below(10000), below(100)); });
    const column dates = make_column(a_date);
    const column seconds = make_column([] { return a_date() + ' ' + a_time(); });
    const column micros = make_column([] { return a_date() + ' ' + a_time() + print(".%06u", below(1000000)); });
    compare_kernels<std::int64_t>("xsimd_int64_7_digits", small, on_xsimd::integers, integers<std::int64_t>);
    compare_kernels<std::int64_t>("xsimd_int64_12_digits", medium, on_xsimd::integers, integers<std::int64_t>);
    compare_kernels<std::int64_t>(
        "xsimd_decimal_prices", prices, on_xsimd::prices,
        [](const char* base, const simd::text_cell* cells, std::size_t n, std::byte* out, std::size_t stride) {
            return simd::parse_decimals<std::int64_t>(base, cells, n, 2, out, stride);
        });
    compare_kernels<std::int32_t>("xsimd_dates", dates, on_xsimd::dates, simd::parse_dates<>);
    compare_kernels<std::int64_t>("xsimd_datetimes", seconds, on_xsimd::datetimes, simd::parse_datetimes<>);
    compare_kernels<std::int64_t>("xsimd_datetimes_6_digits", micros, on_xsimd::datetimes, simd::parse_datetimes<>);
}
#endif

template <class Peer>
void compare_utf8(const char* name, const column& c, std::size_t items, const Peer& peer) {
    const auto run = [&](auto validate) {
        return [&c, items, validate] {
            std::size_t good = 0;
            for (std::size_t r = 0; r < repeats; ++r) {
                // The compiler must not see that nothing has changed since the last time.
                const simd::text_cell* volatile cells = c.cells.data();
                good += validate(c.bytes.data(), cells, c.cells.size());
            }
            return good == c.cells.size() * repeats ? items * repeats : 0;
        };
    };
    measure::versus(name, items * repeats, run(peer), run(simd::validate_utf8<>), rounds);
}

} // namespace

int main() {
    compare_integers();
    compare_floats();
    compare_dates();
    const column ascii = make_column([] { return std::string(20, static_cast<char>('a' + below(26))); });
    const column accents = make_column([] { return "caf\xC3\xA9 cr\xC3\xA8me " + std::string(below(8), 'a'); });
    column text;
    text.add(std::string(1 << 18, 'a'));
    text.finish();
    const auto& plain = simd::validate_utf8<simd::arch::scalar>;
    compare_utf8("utf8_ascii_20_bytes", ascii, rows, plain);
    compare_utf8("utf8_accents_16_bytes", accents, rows, plain);
    compare_utf8("utf8_ascii_long_per_kilobyte", text, 1 << 8, plain); // an item is 1024 bytes: 100 ns are 10 GB/s
#ifdef WEFT_PEER_XSIMD
    compare_with_xsimd();
    const std::string sentence = "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E caf\xC3\xA9 " + std::string(80, 'a');
    const column foreign = make_column([&] { return sentence; });
    compare_utf8("xsimd_utf8_ascii_20_bytes", ascii, rows, on_xsimd::utf8);
    compare_utf8("xsimd_utf8_accents_16_bytes", accents, rows, on_xsimd::utf8);
    compare_utf8("xsimd_utf8_mixed_96_bytes", foreign, rows, on_xsimd::utf8);
    compare_utf8("xsimd_utf8_ascii_long_per_kilobyte", text, 1 << 8, on_xsimd::utf8);
#endif
}
