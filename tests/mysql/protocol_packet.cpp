// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/packet.hpp>

#include "bytes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <vector>

using namespace weft::mysql::protocol;
using test::hex;
using weft::blob;

namespace {

blob pattern(std::size_t size) {
    blob b(size);
    for (std::size_t i = 0; i < size; ++i) b[i] = static_cast<std::byte>((i * 31 + (i >> 16)) & 0xFF);
    return b;
}

int code_of(packet_assembler& assembler, blob bytes) {
    try {
        static_cast<void>(assembler.next(bytes));
    } catch (const weft::error& e) {
        return e.diagnostics().code;
    }
    return 0;
}

} // namespace

TEST_CASE("a message becomes one packet, or more when it is long") {
    const std::size_t full = max_packet_payload;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, full - 1, full, full + 1, 2 * full, 2 * full + 7}) {
        const blob message = pattern(size);
        blob out = hex("ee"); // something before it
        std::uint8_t sequence = 254;
        append_packet(out, message, sequence);
        const std::size_t packets = size / full + 1;
        CHECK(out.size() == 1 + size + 4 * packets);
        CHECK(sequence == static_cast<std::uint8_t>(254 + packets));

        packet_assembler assembler;
        assembler.expect(254);
        blob received(out.begin() + 1, out.end());
        const assembled_packet whole = assembler.next(received);
        REQUIRE(whole);
        CHECK(whole.consumed == received.size());
        CHECK(assembler.sequence() == sequence);
        CHECK((whole.payload.size() == size && std::equal(message.begin(), message.end(), whole.payload.begin())));
    }
}

TEST_CASE("plain messages are taken together, up to the first that is not") {
    blob stream;
    std::uint8_t sequence = 250; // ids begin anew on the way
    for (std::size_t size = 0; size < 20; ++size) append_packet(stream, pattern(size), sequence);
    const auto taken_of = [](packet_assembler& assembler, std::span<const std::byte> bytes, std::size_t most,
                             std::size_t& consumed) {
        std::size_t n = 0;
        consumed = assembler.take_while(bytes, [&](weft::blob_view payload) {
            if (n == most) return false;
            const blob expected = pattern(n++);
            CHECK(std::equal(payload.begin(), payload.end(), expected.begin(), expected.end()));
            return true;
        });
        return n;
    };
    std::size_t consumed = 0;
    std::size_t whole = 0; // messages that are whole within `size` bytes
    std::size_t end = 0;   // of those
    for (std::size_t size = 0; size <= stream.size(); ++size) {
        if (size == end + 4 + whole) end += 4 + whole++;
        packet_assembler assembler;
        assembler.expect(250);
        const blob exact(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(taken_of(assembler, exact, 99, consumed) == whole);
        CHECK(consumed == end);
        CHECK(assembler.sequence() == static_cast<std::uint8_t>(250 + whole));
    }
    CHECK(whole == 20);

    packet_assembler few;
    few.expect(250);
    CHECK(taken_of(few, stream, 3, consumed) == 3);
    CHECK(consumed == 4 * 3 + 0 + 1 + 2);
    blob rest(stream.begin() + static_cast<std::ptrdiff_t>(consumed), stream.end());
    const assembled_packet fourth = few.next(rest); // which goes on where the others ended
    REQUIRE(fourth);
    CHECK(fourth.payload.size() == 3);

    packet_assembler wrong; // expects id 0
    CHECK(taken_of(wrong, stream, 99, consumed) == 0);
    packet_assembler small(7);
    small.expect(250);
    CHECK(taken_of(small, stream, 99, consumed) == 8);

    // A message of several packets is left alone, and so is what follows its beginning.
    blob long_message;
    sequence = 1;
    append_packet(long_message, pattern(max_packet_payload + 3), sequence);
    packet_assembler assembler;
    assembler.expect(1);
    CHECK(taken_of(assembler, long_message, 99, consumed) == 0);
    blob first_part(long_message.begin(), long_message.begin() + max_packet_payload + 4);
    CHECK_FALSE(assembler.next(first_part));
    CHECK(taken_of(assembler, long_message, 99, consumed) == 0);
    CHECK(assembler.next(long_message).payload.size() == max_packet_payload + 3);
}

TEST_CASE("what is missing is known at every length") {
    blob stream;
    std::uint8_t sequence = 1;
    append_packet(stream, pattern(5), sequence);
    append_packet(stream, {}, sequence);
    append_packet(stream, pattern(300), sequence);

    packet_assembler assembler;
    assembler.expect(1);
    blob received;
    std::vector<std::size_t> sizes;
    for (std::size_t at = 0; at < stream.size();) {
        const assembled_packet p = assembler.next(received);
        if (p) {
            sizes.push_back(p.payload.size());
            received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(p.consumed));
            continue;
        }
        CHECK(p.missing <= stream.size() - at);
        received.push_back(stream[at++]); // elsewhere in memory as often as not
    }
    REQUIRE(assembler.next(received).payload.size() == 300);
    CHECK(sizes == std::vector<std::size_t>{5, 0});
}

TEST_CASE("a long message that arrives in pieces is joined in place") {
    const blob message = pattern(2 * max_packet_payload + 100);
    blob stream;
    std::uint8_t sequence = 0;
    append_packet(stream, message, sequence);
    append_packet(stream, hex("0e"), sequence);

    packet_assembler assembler;
    blob received;
    std::size_t at = 0;
    assembled_packet p;
    for (int rounds = 0; !(p = assembler.next(received)); ++rounds) {
        REQUIRE(rounds < 20);
        // exactly what it asks for, so that it has to come back after each header
        received.insert(received.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
                        stream.begin() + static_cast<std::ptrdiff_t>(at + p.missing));
        at += p.missing;
    }
    CHECK(p.consumed == message.size() + 12);
    CHECK((p.payload.size() == message.size() && std::equal(message.begin(), message.end(), p.payload.begin())));
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(p.consumed));
    received.insert(received.end(), stream.begin() + static_cast<std::ptrdiff_t>(at), stream.end());
    CHECK(assembler.next(received).payload.size() == 1);
}

TEST_CASE("limits and sequence ids are checked before anything else arrives") {
    packet_assembler assembler(100);
    CHECK(code_of(assembler, hex("65 00 00 00")) == client_error::packet_too_large);
    CHECK(code_of(assembler, hex("64 00 00 00")) == 0);
    CHECK(code_of(assembler, hex("01 00 00 01 00")) == client_error::malformed_packet);
    assembler.expect(3);
    CHECK(code_of(assembler, hex("01 00 00 00 00")) == client_error::server_lost);
    CHECK(code_of(assembler, hex("01 00 00 03 00")) == 0);
    CHECK(assembler.sequence() == 4);

    // the second packet of a message goes beyond the limit
    packet_assembler wide(max_packet_payload + 10);
    blob stream;
    std::uint8_t sequence = 0;
    append_packet(stream, pattern(max_packet_payload + 11), sequence);
    stream.resize(max_packet_payload + 8); // no more than the second header
    CHECK(code_of(wide, stream) == client_error::packet_too_large);
}
