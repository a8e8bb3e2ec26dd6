// SPDX-License-Identifier: BSL-1.0
#include <weft/cursor/execute_many.hpp>

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/records.hpp>

#include "../message_of.hpp"
#include "counting_connection.hpp"

#include <boost/describe.hpp>
#include <catch2/catch_test_macros.hpp>

#include <list>
#include <map>
#include <ranges>
#include <string>

using weft::embedded::database;

namespace {

using namespace std::string_literals;

struct person {
    std::int64_t id;
    std::string name;
    std::optional<double> height;
    bool operator==(const person&) const = default;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, name, height))

struct plain_person {
    int id;
    const char* name;
};

database with_people() {
    database db(":memory:");
    db.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL)");
    return db;
}

std::string people(database& db) {
    std::string text;
    for (const auto& p : db.query<weft::records<person>>("SELECT id, name, height FROM person ORDER BY id")) {
        text += std::to_string(p.id) + p.name + (p.height ? "+" : "-") + ' ';
    }
    return text;
}

} // namespace

TEST_CASE("execute_many takes ranges of everything that has the right values") {
    database db = with_people();
    constexpr const char* insert = "INSERT INTO person VALUES (?, ?, ?)";
    constexpr const char* named = "INSERT INTO person VALUES (:id, :name, :height)";
    constexpr const char* turned = "INSERT INTO person (name, height, id) VALUES (:name, :height, :id)";
    const std::vector<person> described{{1, "a", 1.5}, {2, "b", std::nullopt}};

    SECTION("described structs, in order") {
        CHECK(db.execute_many(insert, described) == 2);
    }
    SECTION("described structs, by name") {
        CHECK(db.execute_many(named, described) == 2);
    }
    SECTION("described structs, by name in another order") {
        CHECK(db.execute_many(turned, described) == 2);
    }
    SECTION("described structs, by number") {
        CHECK(db.execute_many("INSERT INTO person (height, name, id) VALUES (?3, ?2, ?1)", described) == 2);
    }
    SECTION("described structs, in percent style") {
        CHECK(db.execute_many("INSERT INTO person VALUES (%(id)s, %(name)s, %(height)s)", described) == 2);
    }
    SECTION("tuples") {
        CHECK(db.execute_many(insert, std::vector{std::tuple(1, "a", std::optional(1.5)),
                                                  std::tuple(2, "b", std::optional<double>())}) == 2);
    }
    SECTION("dicts that another query gave") {
        database other = with_people();
        other.execute_many(insert, described);
        CHECK(db.execute_many(turned, other.query<weft::dicts>("SELECT * FROM person")) == 2);
    }
    SECTION("named rows that another query gave") {
        database other = with_people();
        other.execute_many(insert, described);
        CHECK(db.execute_many(named, other.query<weft::named_rows>("SELECT * FROM person")) == 2);
    }
    SECTION("maps") {
        using row = std::map<std::string, weft::value>;
        CHECK(db.execute_many(turned, std::list<row>{row{{"id", 1}, {"name", "a"}, {"height", 1.5}},
                                                     row{{"id", 2}, {"name", "b"}, {"height", nullptr}}}) == 2);
    }
    SECTION("ranges of values") {
        CHECK(db.execute_many(insert, std::vector<std::vector<weft::value>>{{1, "a", 1.5}, {2, "b", nullptr}}) == 2);
    }
    CHECK(people(db) == "1a+ 2b- ");
    CHECK_FALSE(db.has_transaction());
}

TEST_CASE("execute_many takes aggregates, single values and views") {
    database db = with_people();
    CHECK(db.execute_many("INSERT INTO person (id, name) VALUES (?, ?)",
                          std::vector<plain_person>{{1, "a"}, {2, "b"}}) == 2);
    CHECK(db.execute_many("INSERT INTO person (id, name) VALUES (?1, ?2)", std::array{std::pair(3, "c"s)}) == 1);
    CHECK(db.execute_many("UPDATE person SET height = 1 WHERE id >= ?", std::vector{2, 3}) == 3);
    CHECK(db.execute_many("DELETE FROM person WHERE name = :v OR name = :v",
                          std::vector<std::map<std::string, std::string>>{{{"v", "a"}}}) == 1);
    CHECK(people(db) == "2b+ 3c+ ");
    CHECK(db.execute_many("DELETE FROM person WHERE id = ?", std::views::iota(0, 100)) == 2);
}

TEST_CASE("execute_many of no rows executes nothing") {
    database db = with_people();
    CHECK(db.execute_many("this is not even SQL ?", std::vector<int>()) == 0);
    CHECK(db.execute_many("nor this :a", std::vector<std::map<std::string, int>>()) == 0);
    weft::cursor<database> c(db);
    CHECK(c.execute_many("this is not SQL", std::vector<int>()) == 0);
    CHECK(c.fetch_all().empty());
}

TEST_CASE("an error in the middle undoes every row and names the one") {
    database db = with_people();
    db.execute("INSERT INTO person VALUES (7, 'seven', NULL)");
    constexpr const char* insert = "INSERT INTO person VALUES (?, ?, ?)";
    const std::vector<person> doubled{{1, "a", {}}, {2, "b", {}}, {1, "c", {}}, {4, "d", {}}};
    CHECK(message_of<weft::integrity_error>([&] { return db.execute_many(insert, doubled); }) ==
          "1555 (23505): row 2: UNIQUE constraint failed: person.id");
    CHECK(people(db) == "7seven- ");
    CHECK_FALSE(db.has_transaction());

    SECTION("also inside a transaction, whose own changes stay") {
        auto scope = db.begin();
        db.execute("INSERT INTO person VALUES (8, 'eight', NULL)");
        CHECK_THROWS_AS(db.execute_many(insert, doubled), weft::integrity_error);
        CHECK(db.has_transaction());
        scope.commit();
        CHECK(people(db) == "7seven- 8eight- ");
    }
    SECTION("for a value that cannot be stored") {
        const std::vector<person> bad{{1, "a", {}}, {2, "\xFF", {}}};
        CHECK(message_of<weft::data_error>([&] {
                  return db.execute_many(insert, bad);
              }).starts_with("row 1: parameter 2"));
    }
    SECTION("for a name that a row lacks") {
        using row = std::map<std::string, weft::value>;
        const std::vector<row> lacking{{{"id", 1}, {"name", "a"}}, {{"id", 2}}};
        CHECK(message_of<weft::programming_error>([&] {
                  return db.execute_many("INSERT INTO person (id, name) VALUES (:id, :name)", lacking);
              }) == "row 1: statement 1, line 1, column 44: no argument named 'name'");
    }
    SECTION("for a row of another length") {
        const std::vector<std::vector<weft::value>> uneven{{1, "a", 1.0}, {2, "b"}};
        CHECK(message_of<weft::programming_error>([&] { return db.execute_many(insert, uneven); }) ==
              "row 1: statement 1, line 1, column 34: parameter 3 has no argument; 2 parameters given");
    }
    CHECK(people(db).starts_with("7seven- "));
    CHECK(people(db).find('a') == std::string::npos);
    CHECK(db.execute_many(insert, std::vector<person>{{1, "a", {}}}) == 1); // and it works afterwards
}

TEST_CASE("execute_many says what it cannot do") {
    database db = with_people();
    const std::vector<int> one{1};
    CHECK(message_of<weft::programming_error>([&] { return db.execute_many("SELECT ?", one); }) ==
          "execute_many takes a statement that changes rows, not a query");
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute_many("DELETE FROM person WHERE id = ?; SELECT 1", one);
          }) == "execute_many takes one statement");
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute_many("DELETE FROM person WHERE id = ? OR id = ?", one);
          }) == "statement 1, line 1, column 41: parameter 2 has no argument; 1 parameter given");
    CHECK(message_of<weft::programming_error>([&] { return db.execute_many("DELETE FROM person", one); }) ==
          "the statement takes 0 parameters, 1 parameter given");
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute_many("DELETE FROM person WHERE id = :id", one);
          }) == "statement 1, line 1, column 31: no argument named 'id'");
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute_many(" -- nothing ?", std::vector<std::tuple<>>(1));
          }) == "execute_many takes one statement");
}

TEST_CASE("a cursor knows what execute_many has done") {
    database db = with_people();
    weft::cursor<database> c(db);
    c.execute("SELECT 1");
    CHECK(c.execute_many("INSERT INTO person (id, name) VALUES (?, ?)",
                         std::vector{std::tuple(1, "a"), std::tuple(2, "b")}) == 2);
    CHECK(c.row_count() == 2);
    CHECK(c.description().empty());
    CHECK(c.fetch_all().empty());
    CHECK_FALSE(c.next_set());
}

TEST_CASE("a connection without a way of its own executes the rows one by one") {
    counting_connection on;
    CHECK(on.execute_many("? -1 ?", std::vector{std::pair(-2, -3), std::pair(5, -4)}) == 6 + 5);
    const std::vector<std::map<std::string, int>> lacking{{{"a", -1}}, {{"b", -1}}};
    CHECK(message_of<weft::programming_error>([&] { return on.execute_many(":a", lacking); }) ==
          "row 1: statement 1, line 1, column 1: no argument named 'a'");
}

TEST_CASE("rows that RETURNING gives are passed over") {
    database db = with_people();
    CHECK(db.execute_many("INSERT INTO person (name) VALUES (?) RETURNING id", std::vector<std::string>{"a", "b"}) ==
          2);
    CHECK(people(db) == "1a- 2b- ");
}
