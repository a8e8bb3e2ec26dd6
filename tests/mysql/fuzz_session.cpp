// SPDX-License-Identifier: BSL-1.0
// The whole client against any bytes: login, then statements of both kinds, their rows and sets, and the commands.
// Every flow ends in success or in a weft error; what is not the server's own error leaves the connection closed.
#include <weft/mysql/session.hpp>
#include <weft/net/scripted_stream.hpp>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace mysql = weft::mysql;
using weft::net::run_now;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

class fed_stream : public weft::net::scripted_stream {
public:
    fed_stream(std::span<const std::byte> bytes, std::size_t piece, bool is_secure) {
        reply_in_pieces(bytes, piece).end_of_stream().secure(is_secure);
    }
    weft::net::ready<> connect(const weft::net::endpoint&, const weft::net::connect_options&) { return {}; }
    weft::net::ready<> write_all(std::span<const std::byte>) {
        if (!is_open()) throw weft::net::stream_error(weft::net::stream_failure::not_open, "closed");
        return {};
    }
};

using session = mysql::session<fed_stream>;

// Looks at every value: what is in a block can be read or is refused.
void look_at(const mysql::row_block& block) {
    for (std::size_t c = 0; c < block.layout().size(); ++c) {
        for (std::size_t r = 0; r < block.rows(); ++r) {
            try {
                std::string text;
                weft::append_text(text, block.at(c, r));
            } catch (const weft::data_error&) { // a value that is not what its column says
            }
        }
        std::vector<std::int64_t> integers(block.rows());
        std::vector<weft::datetime> times(block.rows());
        if (block.rows() == 0) continue;
        require(block.read_column(c, 0, block.rows(), weft::strided(integers[0])) <= block.rows());
        require(block.read_column(c, 0, block.rows(), weft::strided(times[0])) <= block.rows());
    }
}

void read_everything(session& s, std::size_t at_once) {
    mysql::row_block block;
    bool more = true;
    while (more) {
        while (run_now(s.read_rows(block, at_once))) look_at(block);
        more = run_now(s.next_set());
    }
    require(!s.is_busy());
}

template <class F>
void attempt(session& s, F flow) {
    if (!s.is_open()) return;
    try {
        flow();
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty() || e.diagnostics().code != 0); // a server may leave its text out
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned settings = data[0];
    mysql::connect_options options;
    options.user = "app";
    options.password = "secret";
    options.max_packet = std::size_t{1} << 20;
    options.server_cursor = (settings & 1U) != 0 ? 2 : 0;
    options.statement_cache = 1;
    options.singlestore = (settings & 2U) != 0 ? mysql::singlestore_mode::on : mysql::singlestore_mode::detect;
    options.track_session = (settings & 4U) == 0;
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    session s(fed_stream(bytes, (settings & 8U) != 0 ? 3 : 4096, (settings & 16U) != 0), options);
    const std::size_t at_once = (settings & 32U) != 0 ? 1 : 100;
    const weft::cell one(std::int64_t{1});

    try {
        run_now(s.connect());
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty() || e.diagnostics().code != 0); // a server may leave its text out
        require(!s.is_open());
        return 0;
    }
    attempt(s, [&] {
        run_now(s.query("SELECT"));
        read_everything(s, at_once);
    });
    attempt(s, [&] {
        run_now(s.execute("SELECT ?", {&one, 1}));
        read_everything(s, at_once);
    });
    attempt(s, [&] {
        run_now(s.pipeline({"SELECT 1", "SELECT 2"}));
        read_everything(s, at_once);
    });
    attempt(s, [&] { run_now(s.warnings()); });
    attempt(s, [&] { run_now(s.ping()); });
    attempt(s, [&] { run_now(s.reset()); });
    attempt(s, [&] { run_now(s.change_user("other", "secret", "db")); });
    run_now(s.quit());
    return 0;
}
