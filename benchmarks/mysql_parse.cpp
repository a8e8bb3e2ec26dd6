// SPDX-License-Identifier: BSL-1.0
//
// Claim: turning the rows of a text result set into the user's containers takes a fraction of what the C client and
// strtoll/strtod take. A recorded result is replayed: first from memory, for weft's own rate; then by a thread on a
// Unix socket to both clients, where only the client thread's processor time counts. Equal: the bytes, the socket, the
// containers (a vector of structs of integers, doubles and strings).

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
#include <tuple>
#include <vector>

#if __has_include(<mariadb/mysql.h>)
#include <mariadb/mysql.h>
#define HAVE_LIBMARIADB
#endif

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
    double x1, x2;
    weft::date d1;
    weft::datetime d2, d3;
    std::string s1, s2, s3, s4;
    std::int32_t i5, i6;
    std::int64_t i7;
};
BOOST_DESCRIBE_STRUCT(mixed, (), (i1, i2, i3, i4, x1, x2, d1, d2, d3, s1, s2, s3, s4, i5, i6, i7))

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
                         column("x1", double_), column("x2", double_), column("d1", date), column("d2", datetime),
                         column("d3", datetime), column("s1", var_string), column("s2", var_string),
                         column("s3", var_string), column("s4", var_string), column("i5", long_), column("i6", long_),
                         column("i7", longlong)});
    for (int i = 0; i < rows; ++i) {
        const std::string n = std::to_string(i);
        char time[64];
        std::snprintf(time, sizeof time, "2024-%02d-%02d %02d:%02d:%02d", i % 12 + 1, i % 28 + 1, i % 24, i % 60,
                      i % 59);
        const std::string moment = time;
        r.add({n, std::to_string(i % 1000), std::to_string(-i), std::to_string(std::int64_t{i} * 1234567),
               std::to_string(i) + ".25", "3.14159265358979" + std::to_string(i % 10), moment.substr(0, 10), moment,
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

/// Rate of one format, from memory, in batches: what is measured is parsing, not the memory of a whole result.
template <class Format>
void from_memory(const char* name, const replay::recording& what) {
    auto session = std::make_unique<memory_connection>(replay::memory_stream(what), options());
    weft::net::run_now(session->connect());
    const double taken = best_of(7, [&] {
        weft::net::run_now(session->query("SELECT"));
        while (session->is_busy()) (void)weft::net::run_now(mysql::detail::read_set<Format>(session.get(), batch));
    });
    const double rows = static_cast<double>(what.rows());
    const double bytes = static_cast<double>(what.bytes().size());
    std::printf("  %-34s %7.1f ns a row, %6.2f M rows/s, %5.2f GB/s\n", name, taken / rows * 1e9, rows / taken / 1e6,
                bytes / taken / 1e9);
    std::printf("ratio mysql_parse_%s_Mrows_per_second %.2f\n", name, rows / taken / 1e6);
    std::printf("ratio mysql_parse_%s_GB_per_second %.2f\n", name, bytes / taken / 1e9);
}

#ifdef HAVE_LIBMARIADB
/// Reads every row with the C client; `take` makes a value of a row's texts.
template <class Take>
std::size_t read_by_hand(MYSQL* db, Take take) {
    if (mysql_query(db, "SELECT") != 0) std::exit(1);
    MYSQL_RES* result = mysql_use_result(db);
    std::vector<decltype(take(MYSQL_ROW(), static_cast<unsigned long*>(nullptr)))> all;
    while (MYSQL_ROW row = mysql_fetch_row(result)) all.push_back(take(row, mysql_fetch_lengths(result)));
    mysql_free_result(result);
    return all.size();
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

template <class Record, class Take>
void against_libmariadb(const char* name, const replay::recording& what, Take take) {
    const std::string path = "/tmp/weft-replay-" + std::to_string(::getpid());
    replay::socket_server server(what, path);
    double theirs = 0;
    {
        MYSQL* db = mysql_init(nullptr);
        if (mysql_real_connect(db, nullptr, "u", "", nullptr, 0, path.c_str(), 0) == nullptr) {
            std::fprintf(stderr, "%s\n", mysql_error(db));
            std::exit(1);
        }
        theirs = best_of(7, [&] {
            if (read_by_hand(db, take) != what.rows()) std::exit(1);
        });
        mysql_close(db);
    }
    mysql::plain_connection db(options(path));
    const double ours = best_of(7, [&] {
        if (db.query<weft::records<Record>>("SELECT").size() != what.rows()) std::exit(1);
    });
    const double rows = static_cast<double>(what.rows());
    std::printf("  %-34s libmariadb %7.1f ns, weft %7.1f ns of processor time a row, socket included\n", name,
                theirs / rows * 1e9, ours / rows * 1e9);
    std::printf("ratio mysql_parse_%s_over_libmariadb %.2f\n", name, theirs / ours);
}
#endif

} // namespace

int main() {
    const replay::recording four = integers(500'000);
    const replay::recording many = mixed_rows(200'000);
    const replay::recording text = strings(200'000);
    from_memory<weft::records<four_integers>>("integers_structs", four);
    from_memory<weft::columns>("integers_columns", four);
    from_memory<weft::arrow>("integers_arrow", four);
    from_memory<weft::records<mixed>>("mixed_structs", many);
    from_memory<weft::columns>("mixed_columns", many);
    from_memory<weft::arrow>("mixed_arrow", many);
    from_memory<weft::records<texts>>("strings_structs", text);
    from_memory<weft::columns>("strings_columns", text);
    from_memory<weft::arrow>("strings_arrow", text);
#ifdef HAVE_LIBMARIADB
    against_libmariadb<four_integers>("integers", four, [](MYSQL_ROW row, unsigned long*) {
        return four_integers{to_integer(row[0]), to_integer(row[1]), to_integer(row[2]), to_integer(row[3])};
    });
    against_libmariadb<mixed>("mixed", many, [](MYSQL_ROW r, unsigned long* n) {
        const auto small = [&](int c) { return static_cast<std::int32_t>(to_integer(r[c])); };
        return mixed{to_integer(r[0]),
                     small(1),
                     small(2),
                     to_integer(r[3]),
                     std::strtod(r[4], nullptr),
                     std::strtod(r[5], nullptr),
                     to_date(r[6]),
                     to_datetime(r[7], n[7]),
                     to_datetime(r[8], n[8]),
                     std::string(r[9], n[9]),
                     std::string(r[10], n[10]),
                     std::string(r[11], n[11]),
                     std::string(r[12], n[12]),
                     small(13),
                     small(14),
                     to_integer(r[15])};
    });
    against_libmariadb<texts>("strings", text, [](MYSQL_ROW r, unsigned long* n) {
        return texts{std::string(r[0], n[0]), std::string(r[1], n[1]), std::string(r[2], n[2]),
                     std::string(r[3], n[3])};
    });
#else
    std::puts("libmariadb is not there: install libmariadb-dev for the comparison");
#endif
}
