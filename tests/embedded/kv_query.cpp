// SPDX-License-Identifier: BSL-1.0
// Structs as values, and queries over JSON values.
#include <weft/embedded/kv_query.hpp>
#include <weft/embedded/kv_record.hpp>

#include <weft/format/data_frame.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/json.hpp>
#include <weft/format/records.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;

namespace {

struct address {
    std::string city;
    std::optional<int> number;
};
BOOST_DESCRIBE_STRUCT(address, (), (city, number))

struct person {
    std::string name;
    std::int64_t age = 7;
    double score = 0;
    bool active = false;
    std::optional<std::string> email;
    std::vector<std::string> tags;
    address home;
    weft::decimal balance;
    weft::date born;
    weft::blob secret;
    std::vector<float> embedding;
    std::uint64_t large = 0;
};
BOOST_DESCRIBE_STRUCT(person, (),
                      (name, age, score, active, email, tags, home, balance, born, secret, embedding, large))

struct priced {
    std::string name;
    double price = 0;
    bool operator==(const priced&) const = default;
};
BOOST_DESCRIBE_STRUCT(priced, (), (name, price))

kv_file products() {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.put("products/laptop", R"({"name": "Laptop", "price": 999, "stock": {"berlin": [1, "}"]}})");
    f.db.put("products/mouse", R"({"name": "Mouse", "price": 25, "colour": null})");
    f.db.put("products/desk", R"({"name": "D\u00e4sk \"x\"", "price": 150.5, "colour": "red"})");
    f.db.put("products_other", R"({"name": "not below the prefix"})");
    return f;
}

std::string keys(kv_query& q) {
    std::string text;
    for (const std::string& key : q.keys()) text += (text.empty() ? "" : " ") + key.substr(key.find('/') + 1);
    return text;
}

} // namespace

TEST_CASE("kv records: a struct comes back as it was put") {
    kv_file f;
    const address home{"Köln", 3};
    const person p{"Ann \"\n\x01 é",
                   -5,
                   0.1,
                   true,
                   std::nullopt,
                   {"a", "b,}"},
                   home,
                   weft::decimal::parse("123456789012345678.123456789"),
                   weft::date::parse("2024-02-29"),
                   {std::byte{0}, std::byte{255}},
                   {1.5F, -2.0F},
                   std::numeric_limits<std::uint64_t>::max()};
    f.db.put_record("people/ann", p);
    const auto q = f.db.get_record<person>("people/ann");
    REQUIRE(q);
    CHECK(q->name == p.name);
    CHECK(q->age == -5);
    CHECK(q->score == 0.1);
    CHECK(q->active);
    CHECK_FALSE(q->email);
    CHECK(q->tags == p.tags);
    CHECK(q->home.city == "Köln");
    CHECK(q->home.number == 3);
    CHECK(q->balance == p.balance);
    CHECK(q->born == p.born);
    CHECK(q->secret == p.secret);
    CHECK(q->embedding == p.embedding);
    CHECK(q->large == p.large);
    CHECK(f.db.get_record<person>("people/nobody") == std::nullopt);
    auto t = f.db.transaction();
    t.put_record("p", priced{"x", 1});
    CHECK(t.get_record<priced>("p") == priced{"x", 1});
}

TEST_CASE("kv records: values that are no such struct are refused by key and member") {
    kv_file f;
    const auto refusal = [&](const char* value) {
        f.db.put("k", value);
        return message_of<weft::data_error>([&] { (void)f.db.get_record<person>("k"); });
    };
    CHECK(refusal("text") == "the value of key 'k': no JSON object");
    CHECK(refusal("[1]") == "the value of key 'k': no JSON object");
    CHECK(refusal("") == "the value of key 'k': no JSON object");
    CHECK(refusal(R"({"age": "old"})") == "the value of key 'k', member 'age': text 'old' cannot become int64");
    CHECK(refusal(R"({"name": null})") ==
          "the value of key 'k', member 'name': NULL cannot become text; use std::optional");
    CHECK(refusal(R"({"home": {"number": 1.5}})") ==
          "the value of key 'k', member 'home.number': float64 1.5 cannot become int32");
    CHECK(refusal(R"({"tags": {}})") == "the value of key 'k', member 'tags': no JSON array");
    CHECK(refusal(R"({"home": 3})") == "the value of key 'k', member 'home': no JSON object");
    f.db.put("k", R"({"unknown": {"x": [1]}, "na\u006de": "escaped", "age": 1})");
    const auto p = f.db.get_record<person>("k");
    CHECK(p->name == "escaped");
    CHECK(p->age == 1);
    CHECK(p->score == 0);
}

TEST_CASE("kv query: rows in the order of their keys, columns in the order of their appearance") {
    auto f = products();
    CHECK(f.db.query("products/").fetch<weft::json>() ==
          R"([{"name":"Däsk \"x\"","price":150.5,"colour":"red","stock":null},)"
          R"({"name":"Laptop","price":999,"colour":null,"stock":{"berlin": [1, "}"]}},)"
          R"({"name":"Mouse","price":25,"colour":null,"stock":null}])");
    CHECK(f.db.query("products/").select({"price", "name"}).key_as("id").limit(1).fetch<weft::json>() ==
          R"([{"id":"products/desk","price":150.5,"name":"Däsk \"x\""}])");
    CHECK(f.db.query("nothing").fetch<weft::json>() == "[]");
    CHECK(f.db.query("products/").select({"nowhere"}).limit(1).fetch<weft::json>() == R"([{"nowhere":null}])");
}

TEST_CASE("kv query: the documents' products as TOON") {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.put("products/laptop", R"({"name": "Laptop", "price": 999})");
    f.db.put("products/mouse", R"({"name": "Mouse", "price": 25})");
    const auto rows = f.db.query("products/").select({"name", "price"}).limit(10).to_list();
    CHECK(rows == std::vector<kv_pair>{{"products/laptop", "result[1]{name,price}:Laptop,999"},
                                       {"products/mouse", "result[1]{name,price}:Mouse,25"}});
    CHECK(f.db.query("products/").execute() == "result[2]{name,price}:Laptop,999;Mouse,25");
    CHECK(f.db.query("products/").select({"price", "stock"}).offset(1).execute() == "result[1]{price,stock}:25,∅");
    CHECK(f.db.query("none/").execute() == "[]");
    CHECK(weft::from_toon(f.db.query("products/").execute()).fields == std::vector<std::string>{"name", "price"});
}

TEST_CASE("kv query: conditions") {
    auto f = products();
    const auto q = [&] { return f.db.query("products/"); };
    CHECK(keys(q().where("price", op::gt, 100)) == "desk laptop");
    CHECK(keys(q().where("price", op::ge, 150.5)) == "desk laptop");
    CHECK(keys(q().where("price", op::lt, 150.5)) == "mouse");
    CHECK(keys(q().where("price", op::le, weft::decimal::parse("150.5"))) == "desk mouse");
    CHECK(keys(q().where("price", op::eq, 25.0)) == "mouse");
    CHECK(keys(q().where("price", op::ne, 25)) == "desk laptop");
    CHECK(keys(q().where("price", op::gt, 100).where("name", op::eq, "Laptop")) == "laptop");
    CHECK(keys(q().where("name", op::like, "%O%")) == "laptop mouse");
    CHECK(keys(q().where("name", op::like, "D_sk%")) == "desk"); // one character, two bytes
    CHECK(keys(q().where("name", op::not_like, "%o%")) == "desk");
    CHECK(keys(q().where_in("name", {"Mouse", "Laptop"})) == "laptop mouse");
    CHECK(keys(q().where_between("price", 25, 200)) == "desk mouse");
    CHECK(keys(q().where_null("colour")) == "laptop mouse"); // missing or null
    CHECK(keys(q().where_not_null("colour")) == "desk");
    CHECK(keys(q().where("colour", op::ne, "blue")) == "desk"); // null meets no comparison
    CHECK(keys(q().where("price", op::lt, "a")).empty());
    CHECK(keys(q().where("price", op::ne, "a")) == "desk laptop mouse");
    CHECK(keys(q().where("nowhere", op::eq, 1)).empty());
}

TEST_CASE("kv query: sorting, limits, counting") {
    auto f = products();
    f.db.put("products/pen", R"({"name": "Pen", "price": 25})");
    f.db.put("products/air", R"({"name": "Air"})");
    f.db.put("products/odd", R"({"name": "Odd", "price": "free"})");
    const auto q = [&] { return f.db.query("products/"); };
    CHECK(keys(q().order_by("price")) == "mouse pen desk laptop odd air");
    CHECK(keys(q().order_by("price", sort_order::desc)) == "air odd laptop desk mouse pen");
    CHECK(keys(q().order_by("price").order_by("name", sort_order::desc)) == "pen mouse desk laptop odd air");
    CHECK(keys(q().order_by("price").offset(1).limit(2)) == "pen desk");
    CHECK(keys(q().offset(4)) == "odd pen");
    CHECK(keys(q().offset(1).limit(2)) == "desk laptop");
    CHECK(keys(q().offset(100)).empty());
    CHECK(keys(q().order_by("price").offset(100)).empty());
    CHECK(keys(q().limit(0)) == "air desk laptop mouse odd pen");
    CHECK(q().count() == 6);
    CHECK(q().where("price", op::lt, 100).count() == 2);
    CHECK(q().exists());
    CHECK_FALSE(f.db.query("none/").exists());
    CHECK(q().order_by("price").first().value()["name"].as<std::string>() == "Mouse");
    CHECK(f.db.query("none/").first() == std::nullopt);
}

TEST_CASE("kv query: results in every form") {
    auto f = products();
    auto q = f.db.query("products/");
    q.select({"name", "price"}).where("price", op::gt, 100);
    CHECK(q.fetch<weft::records<priced>>() == std::vector<priced>{{"Däsk \"x\"", 150.5}, {"Laptop", 999}});
    CHECK(q.to_records<priced>() == std::vector<priced>{{"Däsk \"x\"", 150.5}, {"Laptop", 999}});
    CHECK(q.first<weft::records<priced>>() == priced{"Däsk \"x\"", 150.5});
    CHECK(q.to_maps()[1]["price"].as<int>() == 999);
    CHECK(q.fetch<weft::data_frame>().rows() == 2);
    CHECK(q.to_pairs()[1].key == "products/laptop");
    CHECK(q.to_pairs()[1].value == f.db.get("products/laptop"));
}

TEST_CASE("kv query: values that are no JSON objects are rows of one column") {
    kv_file f;
    f.db.put("x/1", "text");
    f.db.put("x/2", "[1, 2]");
    f.db.put("x/3", weft::blob{std::byte{0xFF}});
    f.db.put("x/4", R"({"value": "member"})");
    f.db.put("x/5", "{broken");
    CHECK(f.db.query("x/").fetch<weft::json>() ==
          R"([{"value":"text"},{"value":"[1, 2]"},{"value":"/w=="},{"value":"member"},{"value":"{broken"}])");
    CHECK(f.db.query("x/").where("value", op::eq, "member").count() == 1);
}

TEST_CASE("kv query: in a transaction it sees what was put there, on its snapshot") {
    auto f = products();
    auto t = f.db.transaction();
    t.put("products/new", R"({"name": "New", "price": 1})");
    CHECK(t.query("products/").count() == 4);
    CHECK(f.db.query("products/").count() == 3);
    auto q = t.query("products/");
    t.commit();
    CHECK(message_of<transaction_error>([&] { (void)q.count(); }) == "Transaction already completed");
    CHECK(f.db.query("products/").count() == 4);
    CHECK(f.db.query<weft::dicts>("SELECT 1 AS one").size() == 1); // SQL is not far
}
