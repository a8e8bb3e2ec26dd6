// SPDX-License-Identifier: BSL-1.0
#include <weft/core/blob_text.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <random>
#include <string>
#include <utility>

namespace {

bool ends_with_position(const std::string& message, std::size_t position) {
    return message.ends_with("at position " + std::to_string(position));
}

} // namespace

TEST_CASE("hexadecimal text of random bytes agrees with C formatting and reads back") {
    std::mt19937 random(10);
    for (int i = 0; i < 300; ++i) {
        weft::blob bytes(static_cast<std::size_t>(i));
        std::string expected;
        std::string upper;
        for (auto& b : bytes) {
            const unsigned value = random() & 0xFF;
            b = static_cast<std::byte>(value);
            char two[8];
            std::snprintf(two, sizeof two, "%02x", value);
            expected += two;
            std::snprintf(two, sizeof two, "%02X", value);
            upper += two;
        }
        REQUIRE(weft::to_hex(bytes) == expected);
        REQUIRE(weft::from_hex(expected) == bytes);
        REQUIRE(weft::from_hex(upper) == bytes);
    }
}

TEST_CASE("every byte that is no hexadecimal digit is refused at its position") {
    for (int c = 0; c < 256; ++c) {
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        for (std::size_t at = 0; at < 4; ++at) {
            std::string text = "00ff";
            text[at] = static_cast<char>(c);
            const std::string message = message_of<weft::data_error>([&] { weft::from_hex(text); });
            CHECK((digit ? message == "no error" : ends_with_position(message, at)));
        }
    }
    CHECK(ends_with_position(message_of<weft::data_error>([] { weft::from_hex("abc"); }), 3));
    CHECK(ends_with_position(message_of<weft::data_error>([] { weft::from_hex("abx"); }), 2));
}

TEST_CASE("the base64 vectors of RFC 4648 section 10") {
    for (auto [plain, encoded] :
         {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="}, std::pair{"foo", "Zm9v"},
          std::pair{"foob", "Zm9vYg=="}, std::pair{"fooba", "Zm9vYmE="}, std::pair{"foobar", "Zm9vYmFy"}}) {
        CHECK(weft::to_base64(weft::as_blob(plain)) == encoded);
        CHECK(weft::as_text(weft::from_base64(encoded)) == plain);
    }
}

TEST_CASE("base64 of random bytes reads back") {
    std::mt19937 random(11);
    for (int i = 0; i < 2000; ++i) {
        weft::blob bytes(random() % 64);
        for (auto& b : bytes) b = static_cast<std::byte>(random() & 0xFF);
        REQUIRE(weft::from_base64(weft::to_base64(bytes)) == bytes);
    }
}

TEST_CASE("base64 text and bytes correspond one to one: whatever is accepted is written back the same") {
    const std::string_view alphabet = "Zm9vYg+/=A \n-_";
    std::mt19937 random(12);
    int accepted = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text(random() % 9, ' ');
        for (auto& c : text) c = alphabet[random() % alphabet.size()];
        try {
            const auto bytes = weft::from_base64(text);
            ++accepted;
            REQUIRE(weft::to_base64(bytes) == text);
        } catch (const weft::data_error&) {}
    }
    CHECK(accepted > 1000);
}

TEST_CASE("malformed base64 is refused at its position") {
    const auto at = [](std::string_view text, std::size_t position) {
        return ends_with_position(message_of<weft::data_error>([&] { weft::from_base64(text); }), position);
    };
    CHECK(at("Zm9v!mFy", 4));
    CHECK(at("Zm9vYg=", 6));
    CHECK(at("Zm9vYg", 6));
    CHECK(at("Z", 1));
    CHECK(at("Zh==", 1)); // stray bits
    CHECK(at("Zm9=", 2));
    CHECK(at("====", 0));
    CHECK(at("Z===", 1));
    CHECK(at("Zg==Zg==", 2));
    CHECK(at("Zm 9v", 2));
    CHECK(at("Zm9v\n", 4));
    CHECK(at("Zm9-", 3));
}
