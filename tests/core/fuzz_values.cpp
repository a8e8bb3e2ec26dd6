// SPDX-License-Identifier: BSL-1.0
// Any text: what reads as a date, time, datetime, decimal or vector writes a text that reads as the same value, and the
// throwing and the non-throwing readers agree.
#include <weft/core/datetime.hpp>
#include <weft/core/decimal.hpp>
#include <weft/core/vector_view.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

template <class T>
void check(std::string_view text) {
    const auto value = T::try_parse(text);
    try {
        const T parsed = T::parse(text);
        require(value.has_value() && parsed == *value);
    } catch (const weft::data_error&) {
        require(!value.has_value());
    }
    if (!value) return;
    char buffer[T::max_chars + 1];
    buffer[T::max_chars] = '\x7F';
    const char* const end = value->write(buffer);
    require(end <= buffer + T::max_chars && buffer[T::max_chars] == '\x7F');
    const std::string_view written(buffer, static_cast<std::size_t>(end - buffer));
    require(written == value->to_string());
    const auto again = T::try_parse(written);
    require(again && *again == *value && again->to_string() == written);
}

void check_decimal(std::string_view text) {
    const auto value = weft::decimal::try_parse(text);
    if (!value) return;
    std::byte bytes[32];
    value->to_unscaled(bytes);
    const auto again = weft::decimal::from_unscaled(bytes, value->scale());
    require(again == *value && again.to_string() == value->to_string());
    require((*value - *value).is_zero());
    require(value->rounded(0) == value->rounded(0).rescaled(0));
    const double real = value->to_double();
    require((real < 0) == value->is_negative());
}

template <class T>
void check_vector(std::string_view text) {
    try {
        const auto value = weft::parse_vector<T>(text);
        const auto again = weft::parse_vector<T>(weft::to_string(weft::vector_view(value)));
        require(value.size() == again.size());
        for (std::size_t i = 0; i < value.size(); ++i)
            require(value[i] == again[i] || (value[i] != value[i] && again[i] != again[i]));
    } catch (const weft::data_error&) {}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check<weft::date>(text);
    check<weft::time>(text);
    check<weft::datetime>(text);
    check<weft::decimal>(text);
    check_decimal(text);
    check_vector<float>(text);
    check_vector<double>(text);
    check_vector<std::int8_t>(text);
    check_vector<std::int64_t>(text);
    return 0;
}
