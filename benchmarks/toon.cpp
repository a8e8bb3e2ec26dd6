// SPDX-License-Identifier: BSL-1.0
//
// Claim: TOON is written with at least 300 MB/s and read with at least 200 MB/s on one core. There is no peer in C++,
// so the ratios are against these figures. What counts is processor time of this process, because the machine may be
// shared; sizes are of the TOON text in every case. What was read is written again and must be the same text.

#include <weft/core/describe.hpp>
#include <weft/format/toon.hpp>
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_encode.hpp>
#include <weft/format/toon_reader.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

struct order {
    std::int64_t id;
    std::string customer;
    std::string email;
    std::string city;
    double amount;
    std::optional<int> quantity;
    bool paid;
    weft::date day;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, customer, email, city, amount, quantity, paid, day))

struct place {
    double latitude;
    double longitude;
};
BOOST_DESCRIBE_STRUCT(place, (), (latitude, longitude))

struct event {
    std::string kind;
    place where;
    std::vector<std::string> tags;
    std::vector<order> orders;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(event, (), (kind, where, tags, orders, note))

std::mt19937_64 source(5);

std::size_t below(std::size_t limit) {
    return static_cast<std::size_t>(source() % limit);
}

std::string word() {
    constexpr const char* words[] = {"Anna",  "Berlin",    "coffee machine", "Oslo",       "north",
                                     "screw", "Müller",    "Delft",          "blue",       "Zoë",
                                     "large", "São Paulo", "table",          "winter coat"};
    return words[below(std::size(words))];
}

order an_order(std::size_t id) {
    const std::string name = word();
    return {static_cast<std::int64_t>(id),
            name + " " + word(),
            "user" + std::to_string(below(100000)) + "@example.com",
            below(10) == 0 ? word() + ", " + word() : word(),
            static_cast<double>(below(1000000)) / 100,
            below(8) == 0 ? std::nullopt : std::optional<int>(static_cast<int>(below(50))),
            below(2) == 0,
            weft::date(2024, static_cast<unsigned>(1 + below(12)), static_cast<unsigned>(1 + below(28)))};
}

event an_event(std::size_t id) {
    event e{word(),
            {static_cast<double>(source()) / 1e17 - 90, static_cast<double>(below(36000000)) / 1e5 - 180},
            {},
            {},
            {}};
    for (std::size_t i = below(5); i > 0; --i) e.tags.push_back(word());
    for (std::size_t i = below(4); i > 0; --i) e.orders.push_back(an_order(id * 8 + i));
    e.note = below(3) == 0 ? "a longer text: with a colon, and commas, as people write them"
                           : "a longer text as people write them";
    return e;
}

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Runs `f` until it has been measured long enough; prints the best speed and its ratio to the target.
template <class F>
void speed(const char* name, double target, std::size_t bytes, F&& f) {
    double best = 1e9;
    for (int round = 0; round < 12; ++round) {
        const double start = processor_seconds();
        f();
        const double taken = processor_seconds() - start;
        if (round > 0 && taken < best) best = taken;
    }
    const double rate = static_cast<double>(bytes) / best / 1e6;
    std::printf("  %-24s %7.0f MB/s\n", name, rate);
    std::printf("ratio %s %.3f\n", name, rate / target);
}

void require(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

/// Takes every event and keeps nothing.
struct counter {
    std::size_t values = 0;

    void begin_object() {}
    void key(std::string_view) {}
    void end_object() {}
    void begin_array(std::size_t) {}
    void end_array() {}
    void value(const weft::cell&) { ++values; }
};

constexpr double encode_target = 300;
constexpr double decode_target = 200;

template <class T>
void measure_both(const std::string& name, const T& data) {
    const std::string text = weft::encode_toon(data);
    const weft::value decoded = weft::decode_toon(text);
    require(weft::encode_toon(decoded) == text, "what was read is not what was written");
    std::printf("%s: %.1f MB of TOON\n", name.c_str(), static_cast<double>(text.size()) / 1e6);
    std::size_t produced = 0;
    speed(("toon_encode_structs_" + name).c_str(), encode_target, text.size(),
          [&] { produced += weft::encode_toon(data).size(); });
    speed(("toon_encode_value_" + name).c_str(), encode_target, text.size(),
          [&] { produced += weft::encode_toon(decoded).size(); });
    speed(("toon_decode_" + name).c_str(), decode_target, text.size(),
          [&] { produced += weft::decode_toon(text).size(); });
    speed(("toon_events_" + name).c_str(), decode_target, text.size(), [&] {
        counter c;
        weft::read_toon(text, c);
        produced += c.values;
    });
    require(produced > text.size(), "nothing was produced");
}

/// The rows of a result as a block, which a format reads.
class order_rows {
public:
    explicit order_rows(const std::vector<order>& orders) : orders_(orders) {
        using weft::type_id;
        std::vector<weft::field> fields;
        const auto add = [&](const char* name, type_id type) {
            fields.emplace_back();
            fields.back().name = name;
            fields.back().type = type;
        };
        add("id", type_id::int64);
        add("customer", type_id::text);
        add("email", type_id::text);
        add("city", type_id::text);
        add("amount", type_id::float64);
        add("quantity", type_id::int32);
        add("paid", type_id::boolean);
        add("day", type_id::date);
        layout_ = weft::schema(std::move(fields));
    }

    std::size_t rows() const { return orders_.size(); }
    const weft::schema& layout() const { return layout_; }
    weft::cell at(std::size_t column, std::size_t row) const {
        const order& o = orders_[row];
        switch (column) {
        case 0: return weft::cell(o.id);
        case 1: return weft::cell::of_text(o.customer);
        case 2: return weft::cell::of_text(o.email);
        case 3: return weft::cell::of_text(o.city);
        case 4: return weft::cell(o.amount);
        case 5: return o.quantity ? weft::cell(std::int64_t{*o.quantity}) : weft::cell();
        case 6: return weft::cell(o.paid);
        default: return weft::cell(o.day);
        }
    }

private:
    const std::vector<order>& orders_;
    weft::schema layout_;
};

void measure_result(const std::vector<order>& orders) {
    const order_rows rows(orders);
    const auto write = [&] {
        auto reader = weft::toon().bind(rows.layout());
        reader.append(rows, {0, rows.rows(), 0});
        return reader.finish();
    };
    const std::string text = write();
    require(text == weft::encode_toon(orders), "the result is not what the structs are");
    speed("toon_encode_result", encode_target, text.size(), [&] { require(write().size() == text.size(), "size"); });
}

} // namespace

int main() {
    std::vector<order> orders;
    for (std::size_t i = 0; i < 100000; ++i) orders.push_back(an_order(i));
    measure_both("table", orders);
    measure_result(orders);
    std::vector<event> events;
    for (std::size_t i = 0; i < 20000; ++i) events.push_back(an_event(i));
    measure_both("nested", events);
    std::vector<double> numbers;
    for (std::size_t i = 0; i < 500000; ++i) numbers.push_back(static_cast<double>(source()) / 1e16);
    measure_both("doubles", numbers);
}
