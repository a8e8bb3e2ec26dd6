// SPDX-License-Identifier: BSL-1.0
#include "foreign.hpp"
#include "samples.hpp"

#include <weft/columnar/arrow_stream.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cerrno>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::cell;
using weft::data_type;
using weft::type_id;

namespace {

weft::record_batch one_column(const data_type& type, const std::vector<weft::value>& values) {
    const weft::array a = samples::column(type, values);
    return {
        std::make_shared<const weft::schema>(std::vector<weft::field>{{"c", a.type(), true, {}, {}}}), {a}, a.size()};
}

weft::record_batch integers(std::initializer_list<std::int64_t> all, const data_type& type = type_id::int64) {
    std::vector<weft::value> values;
    for (const std::int64_t v : all) values.emplace_back(v);
    return one_column(type, values);
}

weft::record_batch large_text() {
    weft::growable_buffer offsets;
    for (const std::int64_t o : {0, 2}) offsets.push(o);
    weft::growable_buffer characters;
    characters.append("ab", 2);
    weft::array::parts p;
    p.type = type_id::text;
    p.length = 1;
    p.large = true;
    p.values = offsets.finish();
    p.characters = characters.finish();
    return {std::make_shared<const weft::schema>(std::vector<weft::field>{{"c", type_id::text, true, {}, {}}}),
            {weft::array(std::move(p))},
            1};
}

std::string text_of(weft::arrow_stream& stream) {
    std::string text;
    for (const weft::record_batch& batch : stream) {
        for (std::size_t r = 0; r < batch.rows(); ++r) {
            const weft::value v(batch.at(0, r));
            text += v.is_null() ? "-" : v.to_string();
            text += ' ';
        }
        text += "| ";
    }
    return text;
}

std::string text_of(weft::arrow_stream&& stream) {
    return text_of(stream);
}

// What a C consumer sees.
struct outcome {
    int code;
    std::string text;
};
outcome next_of(weft::arrow_stream& stream) {
    weft::arrow_array rows;
    const int code = stream->get_next(stream.get(), rows.out());
    const char* text = stream->get_last_error(stream.get());
    return {code, text == nullptr ? "" : text};
}

} // namespace

TEST_CASE("batches survive a stream") {
    samples::random_source random(31);
    std::vector<weft::record_batch> batches;
    for (const std::size_t rows : {20U, 0U, 33U}) batches.push_back(samples::random_batch(random, rows));
    batches.push_back(batches[2].slice(5, 9));
    weft::arrow_stream stream = weft::export_stream(batches);
    CHECK(stream.schema() == batches[0].layout());
    const std::vector<weft::record_batch> back = weft::import_stream(std::move(stream));
    CHECK_FALSE(stream);
    REQUIRE(back.size() == 4);
    for (std::size_t b = 0; b < 4; ++b) {
        for (std::size_t c = 0; c < back[b].columns(); ++c) {
            REQUIRE(samples::values_of(back[b][c]) == samples::values_of(batches[b][c]));
            CHECK(back[b][c].layout().characters.data == batches[b][c].layout().characters.data);
        }
    }
}

TEST_CASE("a stream without batches has no columns and ends") {
    weft::arrow_stream stream = weft::export_stream({});
    CHECK(stream.schema().empty());
    CHECK_FALSE(stream.next());
    CHECK_FALSE(stream.next());
}

TEST_CASE("a C consumer walks schema, batches and end") {
    weft::arrow_stream stream = weft::export_stream({integers({1, 2})});
    CHECK(stream->get_last_error(stream.get()) == nullptr);
    weft::arrow_schema layout;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(stream->get_schema(stream.get(), layout.out()) == 0);
        CHECK(std::string(layout->children[0]->format) == "l");
    }
    weft::arrow_array rows;
    REQUIRE(stream->get_next(stream.get(), rows.out()) == 0);
    CHECK(rows->length == 2);
    weft::arrow_array end;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(stream->get_next(stream.get(), end.out()) == 0);
        CHECK(end->release == nullptr);
    }
    stream.reset(); // batches outlive their stream
    CHECK(static_cast<const std::int64_t*>(rows->children[0]->buffers[1])[1] == 2);
}

TEST_CASE("sources are pulled only when asked, and may be move-only") {
    auto counter = std::make_unique<std::int64_t>(0);
    const std::int64_t& pulled = *counter;
    weft::arrow_stream stream =
        weft::export_stream([counter = std::move(counter)]() -> std::optional<weft::record_batch> {
            if (*counter == 3) return std::nullopt;
            return integers({++*counter});
        });
    CHECK(pulled == 0);
    CHECK(stream.schema().size() == 1);
    CHECK(pulled == 1);
    CHECK(text_of(stream) == "1 | 2 | 3 | ");
}

TEST_CASE("a source is not asked again after its end") {
    int calls = 0;
    weft::arrow_stream stream = weft::export_stream([&calls]() -> std::optional<weft::record_batch> {
        ++calls;
        return std::nullopt;
    });
    CHECK_FALSE(stream.next());
    CHECK_FALSE(stream.next());
    CHECK(calls == 1);
}

TEST_CASE("later batches are cast to the first one's types") {
    CHECK(text_of(weft::export_stream(
              {integers({1}), integers({2}, type_id::int8), one_column(type_id::null, {{}})})) == "1 | 2 | - | ");
    const weft::value half(cell(0.5));
    int calls = 0;
    weft::arrow_stream stream = weft::export_stream([&]() -> std::optional<weft::record_batch> {
        return ++calls == 1 ? integers({1}) : one_column(type_id::float64, {half});
    });
    REQUIRE(stream.next());
    CHECK_THROWS_MATCHES(stream.next(), weft::data_error,
                         MessageMatches(ContainsSubstring("'c'") && ContainsSubstring("float64")));
    CHECK_THROWS_AS(weft::export_stream({integers({1}), one_column(type_id::float64, {half})}),
                    weft::programming_error);
    CHECK_THROWS_AS(weft::export_stream({integers({300}), weft::record_batch()}), weft::programming_error);
    CHECK_THROWS_AS(weft::export_stream({integers({1}, type_id::int8), integers({300})}), weft::data_error);
}

TEST_CASE("offsets of all batches are as wide as the widest") {
    const weft::record_batch small =
        one_column(type_id::text, {weft::value(cell::of_text("x")), weft::value(cell::of_text("yz"))});
    CHECK(text_of(weft::export_stream({small.slice(1, 1), large_text(), small})) == "yz | ab | x yz | ");
    int calls = 0;
    weft::arrow_stream stream =
        weft::export_stream([&]() -> std::optional<weft::record_batch> { return ++calls == 1 ? small : large_text(); });
    REQUIRE(stream.next());
    CHECK_THROWS_MATCHES(stream.next(), weft::not_supported_error, MessageMatches(ContainsSubstring("'c'")));
}

TEST_CASE("exceptions of the source become codes and text") {
    const auto failing = [](auto thrown) {
        return weft::export_stream([thrown]() -> std::optional<weft::record_batch> { throw thrown; });
    };
    const auto check = [](weft::arrow_stream stream, int code, const std::string& says) {
        for (int i = 0; i < 2; ++i) {
            const outcome o = next_of(stream);
            CHECK(o.code == code);
            CHECK_THAT(o.text, ContainsSubstring(says));
        }
        weft::arrow_schema layout;
        CHECK(stream->get_schema(stream.get(), layout.out()) == code);
        CHECK_FALSE(layout);
    };
    check(failing(weft::data_error("bad value")), EINVAL, "bad value");
    check(failing(weft::operational_error("no disk")), EIO, "no disk");
    check(failing(weft::not_supported_error("not here")), ENOTSUP, "not here");
    check(failing(std::bad_alloc()), ENOMEM, "memory");
    check(failing(std::runtime_error("other")), EIO, "other");
    check(failing(7), EIO, "unknown");

    CHECK_THROWS_MATCHES(failing(weft::data_error("bad value")).next(), weft::data_error,
                         MessageMatches(ContainsSubstring("bad value")));
    CHECK_THROWS_AS(failing(weft::not_supported_error("x")).schema(), weft::not_supported_error);
    CHECK_THROWS_AS(failing(weft::operational_error("x")).schema(), weft::operational_error);
    CHECK_THROWS_AS(failing(std::bad_alloc()).schema(), std::bad_alloc);
}

TEST_CASE("an empty stream says so") {
    weft::arrow_stream stream;
    CHECK_THROWS_AS(stream.next(), weft::programming_error);
    CHECK_THROWS_AS(stream.schema(), weft::programming_error);
}

TEST_CASE("streams are handed over and taken back") {
    weft::arrow_stream stream = weft::export_stream({integers({1}), integers({2})});
    REQUIRE(stream.next());
    ArrowArrayStream c;
    stream.move_to(&c);
    CHECK_FALSE(stream);
    weft::arrow_stream again(&c);
    CHECK(c.release == nullptr);
    CHECK(text_of(again) == "2 | ");
}

TEST_CASE("foreign streams release each array once") {
    struct producer {
        int left = 3;
    };
    {
        weft::arrow_stream stream;
        stream->private_data = new producer;
        stream->get_schema = [](ArrowArrayStream*, ArrowSchema* out) {
            foreign::fill(*out, foreign::table({{.format = "l", .name = "a"}}, 0));
            return 0;
        };
        stream->get_next = [](ArrowArrayStream* s, ArrowArray* out) {
            auto* mine = static_cast<producer*>(s->private_data);
            if (mine->left == 0) return EIO;
            const std::int64_t v = mine->left--;
            // The last batch is malformed: it says one row and has no values.
            const foreign::bytes values = v == 1 ? foreign::none() : foreign::pack<std::int64_t>({v});
            foreign::fill(
                *out,
                foreign::table({{.format = "l", .name = "a", .length = 1, .buffers = {foreign::none(), values}}}, 1));
            return 0;
        };
        stream->get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
        stream->release = [](ArrowArrayStream* s) {
            delete static_cast<producer*>(s->private_data);
            s->release = nullptr;
        };
        std::optional<weft::record_batch> first = stream.next();
        REQUIRE(first);
        CHECK(foreign::alive == 2); // the schema is gone already
        CHECK(stream.next()->at(0, 0).int64() == 2);
        CHECK(foreign::alive == 2);
        CHECK_THROWS_AS(stream.next(), weft::data_error);
        CHECK(foreign::alive == 2);
        CHECK_THROWS_AS(stream.next(), weft::operational_error);
        CHECK(first->at(0, 0).int64() == 3);
    }
    CHECK(foreign::alive == 0);
}
