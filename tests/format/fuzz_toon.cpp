// SPDX-License-Identifier: BSL-1.0
// Any text: what strict TOON accepts lenient TOON reads as the same value, the events tell the same as the value, and
// the value written again reads back and is written the same, with every delimiter and with folded keys.
#include <weft/core/json_text.hpp>
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_encode.hpp>
#include <weft/format/toon_reader.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Writes the events as JSON.
class json_of_events {
public:
    void begin_object() { open('{'); }
    void key(std::string_view name) {
        separate();
        weft::append_json_string(text, name);
        text += ':';
        first_ = true;
    }
    void end_object() { close('}'); }
    void begin_array(std::size_t) { open('['); }
    void end_array() { close(']'); }
    void value(const weft::cell& c) {
        separate();
        weft::append_json(text, c);
    }

    std::string text;

private:
    void separate() {
        if (!first_) text += ',';
        first_ = false;
    }
    void open(char c) {
        separate();
        text += c;
        first_ = true;
    }
    void close(char c) {
        text += c;
        first_ = false;
    }

    bool first_ = true;
};

void check_round_trip(const weft::value& v, const weft::toon_encode_options& write,
                      const weft::toon_decode_options& read) {
    const std::string text = weft::encode_toon(v, write);
    const weft::value again = weft::decode_toon(text, read);
    require(weft::encode_toon(again, write) == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto strict = weft::try_decode_toon(text);
    const auto lenient = weft::try_decode_toon(text, {.strict = false});
    (void)weft::try_decode_toon(text, {.indent_size = 1, .strict = false, .expand_paths = true});
    if (lenient.has_value()) (void)weft::try_encode_toon(*lenient);
    if (!strict.has_value()) return 0;

    require(lenient.has_value() && *lenient == *strict);
    json_of_events events;
    weft::read_toon(text, events);
    std::string json;
    weft::append_json(json, strict->view());
    require(json == events.text && weft::is_valid_json(json));

    for (const char delimiter : {',', '\t', '|'}) check_round_trip(*strict, {.delimiter = delimiter}, {});
    check_round_trip(*strict, {.indent_size = 1, .column_groups = false, .keyed_tables = false}, {.indent_size = 1});
    // Keys that have dots already would be taken for folded ones, so the value has to survive one expansion first.
    const auto expanded = weft::try_decode_toon(weft::encode_toon(*strict), {.expand_paths = true});
    if (expanded.has_value()) {
        const std::string folded = weft::encode_toon(*expanded, {.fold_keys = true});
        require(weft::try_decode_toon(folded).has_value());
    }
    return 0;
}
