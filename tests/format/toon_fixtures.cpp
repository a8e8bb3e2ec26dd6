// SPDX-License-Identifier: BSL-1.0
// Runs fixtures of the public TOON specification: every JSON file below toon_fixtures/encode and toon_fixtures/decode,
// and below the directory that WEFT_TOON_FIXTURES names, such as tests/fixtures of a copy of the specification. A file
// is an object with `version`, `category` (encode or decode), `description` and `tests`; a test has `name`, `input`,
// `expected` and may have `shouldError`, `options`, `minSpecVersion`, `specSection` and `note`.
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_encode.hpp>

#include "json_value.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using weft::value;

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The member, or NULL when there is none.
value get(const value& object, std::string_view name) {
    return object.contains(name) ? object[name] : value();
}

std::string text_of(const value& object, std::string_view name) {
    const value v = get(object, name);
    return v.is_null() ? std::string() : v.as<std::string>();
}

/// Earlier versions call it `indent`.
std::size_t indent_of(const value& options) {
    for (const char* const name : {"indentSize", "indent"}) {
        if (options.contains(name)) return options[name].as<std::size_t>();
    }
    return 2;
}

weft::toon_decode_options decode_options(const value& options) {
    weft::toon_decode_options out;
    out.indent_size = indent_of(options);
    if (options.contains("strict")) out.strict = options["strict"].as<bool>();
    out.expand_paths = text_of(options, "expandPaths") == "safe";
    return out;
}

weft::toon_encode_options encode_options(const value& options, std::string_view version) {
    weft::toon_encode_options out;
    out.indent_size = indent_of(options);
    if (options.contains("delimiter")) out.delimiter = text_of(options, "delimiter").front();
    out.fold_keys = text_of(options, "keyFolding") == "safe";
    if (options.contains("flattenDepth")) out.flatten_depth = options["flattenDepth"].as<std::size_t>();
    out.column_groups = out.keyed_tables =
        !(version.starts_with("1.") || version.starts_with("2.") || version.starts_with("3."));
    return out;
}

/// What came out, or why nothing did; empty when it is as expected.
std::string run_encode(const value& test, std::string_view version) {
    const std::string expected = text_of(test, "expected");
    const auto written = weft::try_encode_toon(test["input"], encode_options(get(test, "options"), version));
    const bool should_fail = test.contains("shouldError") && test["shouldError"].as<bool>();
    if (!written) return should_fail ? "" : written.error().what();
    if (should_fail) return "no error, but\n" + *written;
    return *written == expected ? "" : "\n" + *written + "\ninstead of\n" + expected;
}

std::string run_decode(const value& test) {
    const auto read = weft::try_decode_toon(test["input"].view().text(), decode_options(get(test, "options")));
    const bool should_fail = test.contains("shouldError") && test["shouldError"].as<bool>();
    if (!read) return should_fail ? "" : read.error().what();
    if (should_fail) return "no error, but " + read.value().to_string();
    return same_json(read.value().view(), test["expected"].view())
               ? ""
               : read.value().to_string() + " instead of " + test["expected"].to_string();
}

/// Runs all files below the directory and returns how many tests there were. Of foreign fixtures those about lenient
/// reading may describe what a reader is free to refuse: they are only mentioned.
std::size_t run_all(const std::filesystem::path& directory, bool foreign) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() != ".json") continue;
        const value file = read_json_value(read_file(entry.path()));
        const std::string category = text_of(file, "category");
        if (category != "encode" && category != "decode") continue; // the schema
        const std::string version = text_of(file, "version");
        const value tests = file["tests"];
        for (std::size_t i = 0; i < tests.size(); ++i) {
            const value test = tests[i];
            const std::string outcome = category == "encode" ? run_encode(test, version) : run_decode(test);
            ++count;
            if (outcome.empty()) continue;
            const value options = get(test, "options");
            const bool lenient = options.contains("strict") && !options["strict"].as<bool>();
            const std::string message =
                category + "/" + entry.path().filename().string() + ", " + text_of(test, "name") + ": " + outcome;
            if (foreign && lenient)
                WARN(message);
            else
                FAIL_CHECK(message);
        }
    }
    return count;
}

} // namespace

TEST_CASE("TOON fixtures") {
    const auto directory = std::filesystem::path(__FILE__).parent_path() / "toon_fixtures";
    CHECK(run_all(directory, false) >= 300);
    if (const char* const others = std::getenv("WEFT_TOON_FIXTURES")) {
        const std::size_t count = run_all(others, true);
        INFO("tests below " << others);
        CHECK(count > 0);
    }
}

TEST_CASE("what a TOON fixture decodes to becomes TOON that decodes to the same") {
    const auto directory = std::filesystem::path(__FILE__).parent_path() / "toon_fixtures";
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() != ".json") continue;
        const value file = read_json_value(read_file(entry.path()));
        const value tests = file["tests"];
        const bool encode = text_of(file, "category") == "encode";
        for (std::size_t i = 0; i < tests.size(); ++i) {
            const value json = tests[i][encode ? "input" : "expected"];
            for (const char delimiter : {',', '\t', '|'}) {
                const std::string text = weft::encode_toon(json, {.indent_size = 3, .delimiter = delimiter});
                if (!same_json(weft::decode_toon(text, {.indent_size = 3}).view(), json.view())) FAIL_CHECK(text);
                ++count;
            }
        }
    }
    CHECK(count > 900);
}
