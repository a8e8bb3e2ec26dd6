// SPDX-License-Identifier: BSL-1.0
//
// Claim: turning the rows of a text result set into the user's containers takes a fraction of what the C client and
// strtoll/strtod take. A recorded result is replayed: first from memory, for weft's own rate; then by a thread on a
// Unix socket to both clients, where only the client thread's processor time counts. Equal: the bytes, the socket, the
// containers: a vector of structs of integers, decimals, dates and strings, of the whole result or of 4096 rows at a
// time whose memory is used again. Columns of weft are compared with the C client's structs. How long it takes to copy
// a result that is finished says what the containers alone cost, whoever fills them.

#include "measure.hpp"
#include "replay.hpp"

#include <weft/cursor.hpp>
#include <weft/format/arrow.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/records.hpp>
#include <weft/mysql/connection.hpp>

#include <cstdio>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <mariadb/mysql.h>

namespace {

namespace protocol = weft::mysql::protocol;
namespace mysql = weft::mysql;

struct four_integers {
    std::int64_t a, b, c, d;
};
BOOST_DESCRIBE_STRUCT(four_integers, (), (a, b, c, d))

struct mixed {
    std::int64_t i1;
    std::int32_t i2, i3;
    std::int64_t i4;
    double x;
    weft::decimal m;
    weft::date d1;
    weft::datetime d2, d3;
    std::string s1, s2, s3, s4;
    std::int32_t i5, i6;
    std::int64_t i7;
};
BOOST_DESCRIBE_STRUCT(mixed, (), (i1, i2, i3, i4, x, m, d1, d2, d3, s1, s2, s3, s4, i5, i6, i7))

struct texts {
    std::string a, b, c, d;
};
BOOST_DESCRIBE_STRUCT(texts, (), (a, b, c, d))

protocol::column_definition column(const char* name, protocol::field_type type) {
    protocol::column_definition c;
    c.name = name;
    c.type = type;
    c.collation = type == protocol::field_type::var_string ? 45 : protocol::binary_collation;
    c.length = 255;
    c.flags = protocol::column_flag::not_null;
    return c;
}

protocol::column_definition money(const char* name) {
    protocol::column_definition c = column(name, protocol::field_type::newdecimal);
    c.length = 14; // DECIMAL(12, 2), its sign and its point
    c.decimals = 2;
    return c;
}

replay::recording integers(int rows) {
    using enum protocol::field_type;
    replay::recording r({column("a", longlong), column("b", longlong), column("c", longlong), column("d", longlong)});
    for (std::int64_t i = 0; i < rows; ++i) {
        r.add({std::to_string(i), std::to_string(i * 7919 % 1000003), std::to_string(-i * 104729),
               std::to_string(i * 1000003 * 97)});
    }
    r.finish();
    return r;
}

replay::recording mixed_rows(int rows) {
    using enum protocol::field_type;
    replay::recording r({column("i1", longlong), column("i2", long_), column("i3", long_), column("i4", longlong),
                         column("x", double_), money("m"), column("d1", date), column("d2", datetime),
                         column("d3", datetime), column("s1", var_string), column("s2", var_string),
                         column("s3", var_string), column("s4", var_string), column("i5", long_), column("i6", long_),
                         column("i7", longlong)});
    for (int i = 0; i < rows; ++i) {
        const std::string n = std::to_string(i);
        char time[64];
        std::snprintf(time, sizeof time, "2024-%02d-%02d %02d:%02d:%02d", i % 12 + 1, i % 28 + 1, i % 24, i % 60,
                      i % 59);
        const std::string moment = time;
        const std::string cents = std::to_string(100 + i % 100).substr(1);
        r.add({n, std::to_string(i % 1000), std::to_string(-i), std::to_string(std::int64_t{i} * 1234567),
               std::to_string(i) + ".25", std::to_string(i * 37 - 500'000) + '.' + cents, moment.substr(0, 10), moment,
               moment + ".123456", "name " + n, "a somewhat longer text, number " + n, "x", "city of " + n,
               std::to_string(i % 7), std::to_string(i % 100), n + "000"});
    }
    r.finish();
    return r;
}

replay::recording strings(int rows) {
    using enum protocol::field_type;
    replay::recording r(
        {column("a", var_string), column("b", var_string), column("c", var_string), column("d", var_string)});
    const std::string filler(200, 'q');
    for (int i = 0; i < rows; ++i) {
        const std::string n = std::to_string(i);
        r.add({filler + n, filler.substr(50) + n, filler.substr(20) + n, n + filler});
    }
    r.finish();
    return r;
}

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class F>
double best_of(int rounds, F&& f) {
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const double start = processor_seconds();
        f();
        const double taken = processor_seconds() - start;
        best = taken < best ? taken : best;
    }
    return best;
}

constexpr std::size_t batch = 4096;
using memory_connection = mysql::session<replay::memory_stream>;

mysql::connect_options options(const std::string& path = {}) {
    mysql::connect_options o;
    o.user = "u";
    o.tls.mode = weft::net::tls_mode::disable;
    if (!path.empty()) o.hosts.hosts = {weft::net::endpoint::unix_socket(path)};
    return o;
}

void print_rate(const char* name, const replay::recording& what, double taken) {
    const double rows = static_cast<double>(what.rows());
    const double bytes = static_cast<double>(what.bytes().size());
    std::printf("  %-34s %7.1f ns a row, %6.2f M rows/s, %5.2f GB/s\n", name, taken / rows * 1e9, rows / taken / 1e6,
                bytes / taken / 1e9);
    std::printf("ratio mysql_parse_%s_Mrows_per_second %.2f\n", name, rows / taken / 1e6);
    std::printf("ratio mysql_parse_%s_GB_per_second %.2f\n", name, bytes / taken / 1e9);
}

/// Rate of one format, from memory, in batches: what is measured is parsing, not the memory of a whole result.
template <class Format>
void from_memory(const char* name, const replay::recording& what) {
    auto session = std::make_unique<memory_connection>(replay::memory_stream(what), options());
    weft::net::run_now(session->connect());
    const double taken = best_of(7, [&] {
        weft::net::run_now(session->query("SELECT"));
        while (session->is_busy()) (void)weft::net::run_now(mysql::detail::read_set<Format>(session.get(), batch));
    });
    print_rate(name, what, taken);
}

/// The same into structs whose memory, and that of their strings, is used again.
template <class Format>
void from_memory_again(const char* name, const replay::recording& what) {
    auto session = std::make_unique<memory_connection>(replay::memory_stream(what), options());
    weft::net::run_now(session->connect());
    mysql::row_block block;
    typename Format::result_type rows;
    const double taken = best_of(7, [&] {
        weft::net::run_now(session->query("SELECT"));
        auto reader = Format().bind(session->layout()->columns);
        for (std::uint64_t number = 0; weft::net::run_now(session->read_rows(block, batch)); number += block.rows()) {
            reader.reuse(std::move(rows));
            reader.append(block, {0, block.rows(), number});
            rows = reader.finish();
        }
    });
    print_rate(name, what, taken);
}

/// Reads every row with the C client; `fill` puts a row's texts into a struct.
template <class Record, class Fill>
std::size_t whole_by_hand(MYSQL* db, Fill fill) {
    if (mysql_query(db, "SELECT") != 0) std::exit(1);
    MYSQL_RES* result = mysql_use_result(db);
    std::vector<Record> all;
    while (MYSQL_ROW row = mysql_fetch_row(result)) fill(all.emplace_back(), row, mysql_fetch_lengths(result));
    mysql_free_result(result);
    return all.size();
}

/// The same with a vector that always holds the last rows.
template <class Record, class Fill>
std::size_t portions_by_hand(MYSQL* db, Fill fill) {
    if (mysql_query(db, "SELECT") != 0) std::exit(1);
    MYSQL_RES* result = mysql_use_result(db);
    std::vector<Record> some(batch);
    std::size_t rows = 0;
    while (MYSQL_ROW row = mysql_fetch_row(result)) fill(some[rows++ % batch], row, mysql_fetch_lengths(result));
    mysql_free_result(result);
    return rows;
}

std::int64_t to_integer(const char* text) {
    return std::strtoll(text, nullptr, 10);
}

weft::date to_date(const char* t) {
    const auto two = [&](int at) { return static_cast<unsigned>((t[at] - '0') * 10 + (t[at + 1] - '0')); };
    return *weft::date::try_make(static_cast<int>(two(0) * 100 + two(2)), two(5), two(8));
}
weft::datetime to_datetime(const char* t, unsigned long size) {
    const auto two = [&](int at) { return static_cast<unsigned>((t[at] - '0') * 10 + (t[at + 1] - '0')); };
    const unsigned micros = size > 20 ? static_cast<unsigned>(std::strtoul(t + 20, nullptr, 10)) : 0;
    return *weft::datetime::try_make(static_cast<int>(two(0) * 100 + two(2)), two(5), two(8), two(11), two(14), two(17),
                                     micros);
}

weft::decimal to_money(const char* text) {
    char* point = nullptr;
    const std::int64_t whole = std::strtoll(text, &point, 10);
    const std::int64_t cents = std::strtoll(point + 1, nullptr, 10);
    return weft::decimal::from_unscaled(*text == '-' ? whole * 100 - cents : whole * 100 + cents, 2);
}

/// Seconds of the C client's whole result and of its portions.
template <class Record, class Fill>
std::pair<double, double> time_libmariadb(const std::string& path, const replay::recording& what, Fill fill) {
    MYSQL* db = mysql_init(nullptr);
    if (mysql_real_connect(db, nullptr, "u", "", nullptr, 0, path.c_str(), 0) == nullptr) {
        std::fprintf(stderr, "%s\n", mysql_error(db));
        std::exit(1);
    }
    const double whole = best_of(7, [&] {
        if (whole_by_hand<Record>(db, fill) != what.rows()) std::exit(1);
    });
    const double portions = best_of(7, [&] {
        if (portions_by_hand<Record>(db, fill) != what.rows()) std::exit(1);
    });
    mysql_close(db);
    return {whole, portions};
}

template <class Record, class Fill>
void against_libmariadb(const char* name, const replay::recording& what, Fill fill) {
    const std::string path = "/tmp/weft-replay-" + std::to_string(::getpid());
    replay::socket_server server(what, path);
    const auto [whole, portions] = time_libmariadb<Record>(path, what, fill);
    const double rows = static_cast<double>(what.rows());
    const auto print = [&](const char* how, double theirs, double ours) {
        std::printf("  %-34s libmariadb %7.1f ns, weft %7.1f ns of processor time a row, socket included\n",
                    (std::string(name) + how).c_str(), theirs / rows * 1e9, ours / rows * 1e9);
        std::printf("ratio mysql_parse_%s%s_over_libmariadb %.2f\n", name, how, theirs / ours);
    };
    mysql::plain_connection db(options(path));
    print("", whole, best_of(7, [&] {
              if (db.query<weft::records<Record>>("SELECT").size() != what.rows()) std::exit(1);
          }));
    std::vector<Record> portion;
    print("_portions", portions, best_of(7, [&] {
              auto result = db.stream<weft::records<Record>>("SELECT");
              std::size_t count = 0;
              while (result.fetch_into(portion, batch)) count += portion.size();
              if (count != what.rows()) std::exit(1);
          }));
    print("_columns", whole, best_of(7, [&] {
              if (db.query<weft::columns>("SELECT").rows() != what.rows()) std::exit(1);
          }));
    const std::vector<Record> finished = db.query<weft::records<Record>>("SELECT");
    const double copied = best_of(7, [&] {
        if (std::vector<Record>(finished).size() != what.rows()) std::exit(1);
    });
    std::printf("  %-34s a finished result is copied in %7.1f ns a row\n", name, copied / rows * 1e9);
}

} // namespace

int main() {
    const replay::recording four = integers(500'000);
    const replay::recording many = mixed_rows(200'000);
    const replay::recording text = strings(200'000);
    from_memory<weft::records<four_integers>>("integers_structs", four);
    from_memory_again<weft::records<four_integers>>("integers_structs_again", four);
    from_memory<weft::columns>("integers_columns", four);
    from_memory<weft::arrow>("integers_arrow", four);
    from_memory<weft::records<mixed>>("mixed_structs", many);
    from_memory_again<weft::records<mixed>>("mixed_structs_again", many);
    from_memory<weft::columns>("mixed_columns", many);
    from_memory<weft::arrow>("mixed_arrow", many);
    from_memory<weft::records<texts>>("strings_structs", text);
    from_memory_again<weft::records<texts>>("strings_structs_again", text);
    from_memory<weft::columns>("strings_columns", text);
    from_memory<weft::arrow>("strings_arrow", text);
    const auto small = [](const char* digits) { return static_cast<std::int32_t>(to_integer(digits)); };
    against_libmariadb<four_integers>("integers", four, [](four_integers& to, MYSQL_ROW r, unsigned long*) {
        to = {to_integer(r[0]), to_integer(r[1]), to_integer(r[2]), to_integer(r[3])};
    });
    against_libmariadb<mixed>("mixed", many, [small](mixed& to, MYSQL_ROW r, unsigned long* n) {
        to.i1 = to_integer(r[0]);
        to.i2 = small(r[1]);
        to.i3 = small(r[2]);
        to.i4 = to_integer(r[3]);
        to.x = std::strtod(r[4], nullptr);
        to.m = to_money(r[5]);
        to.d1 = to_date(r[6]);
        to.d2 = to_datetime(r[7], n[7]);
        to.d3 = to_datetime(r[8], n[8]);
        to.s1.assign(r[9], n[9]);
        to.s2.assign(r[10], n[10]);
        to.s3.assign(r[11], n[11]);
        to.s4.assign(r[12], n[12]);
        to.i5 = small(r[13]);
        to.i6 = small(r[14]);
        to.i7 = to_integer(r[15]);
    });
    against_libmariadb<texts>("strings", text, [](texts& to, MYSQL_ROW r, unsigned long* n) {
        to.a.assign(r[0], n[0]);
        to.b.assign(r[1], n[1]);
        to.c.assign(r[2], n[2]);
        to.d.assign(r[3], n[3]);
    });
}
