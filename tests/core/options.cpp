// SPDX-License-Identifier: BSL-1.0
#include <weft/core/options.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>

using weft::option_registry;
using weft::option_type;
using weft::option_value;

namespace {

// A variable that exists for the lifetime of the object only.
class variable {
public:
    variable(std::string name, const char* value) : name_(std::move(name)) { setenv(name_.c_str(), value, 1); }
    ~variable() { unsetenv(name_.c_str()); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;
    std::string text() const {
        const char* value = std::getenv(name_.c_str());
        return value == nullptr ? "(none)" : value;
    }

private:
    std::string name_;
};

struct sample : option_registry {
    sample() {
        add({.name = "results.arraysize",
             .type = option_type::integer,
             .default_value = 1,
             .environment = {"SINGLESTOREDB_RESULTS_ARRAYSIZE"},
             .description = "Rows a fetch.",
             .minimum = 1});
        add({.name = "results.type", .default_value = "tuples", .valid_values = {"tuples", "dicts"}});
        add({.name = "user", .environment = {"SINGLESTOREDB_USER"}});
        add({.name = "pure", .type = option_type::boolean, .nullable = true});
        add({.name = "buffered",
             .type = option_type::boolean,
             .default_value = true,
             .environment = {"SINGLESTOREDB_BUFFERED"}});
        add({.name = "ratio", .type = option_type::real, .default_value = 0.5, .exclusive_maximum = 1});
        add({.name = "attrs", .type = option_type::text_map});
        add({.name = "function.connection", .default_value = "f"});
        add({.name = "debug.connection", .type = option_type::boolean, .default_value = false});
    }
};

} // namespace

TEST_CASE("option names are found whole, by their last part, in any case") {
    sample o;
    CHECK(o.get<std::int64_t>("results.arraysize") == 1);
    CHECK(o.get<std::int64_t>("ArraySize") == 1);
    CHECK(o.get<std::string>("type") == "tuples");
    const auto wrong = [&o](std::string_view name) {
        return message_of<weft::programming_error>([&] { o.get(name); });
    };
    CHECK(wrong("connection") == "option 'connection' is ambiguous: debug.connection, function.connection");
    CHECK(wrong("results") == "option 'results' is a group of options, not one of them");
    CHECK(wrong("results_type") == "there is no option 'results_type'");
    CHECK(wrong("results.nothing") == "there is no option 'results.nothing'");
    CHECK(wrong("") == "there is no option ''");
    CHECK(wrong("size") == "there is no option 'size'");
}

TEST_CASE("truth values by the reference's word lists") {
    sample o;
    for (const char* yes : {"y", "yes", "on", "t", "true", "enable", "enabled", "1", "YES", "True", "oN"}) {
        o.set("buffered", false);
        o.set("buffered", yes);
        CHECK(o.get<bool>("buffered"));
    }
    for (const char* no : {"n", "no", "off", "f", "false", "disable", "disabled", "0", "NO", "False", "oFf"}) {
        o.set("buffered", true);
        o.set("buffered", no);
        CHECK_FALSE(o.get<bool>("buffered"));
    }
    o.set("buffered", 1);
    CHECK(o.get<bool>("buffered"));
    for (const option_value& bad : {option_value(""), option_value("2"), option_value(" yes"), option_value("maybe"),
                                    option_value(2), option_value(-1), option_value(1.0), option_value(nullptr)})
        CHECK_THROWS_AS(o.set("buffered", bad), weft::data_error);
    CHECK(o.get<bool>("buffered"));
    o.set("pure", "no");
    CHECK(o.get<std::optional<bool>>("pure") == false);
    o.set("pure", nullptr);
    CHECK(o.get<std::optional<bool>>("pure") == std::nullopt);
    CHECK_THROWS_AS(o.get<bool>("pure"), weft::data_error);
}

TEST_CASE("numbers, texts and maps are converted and limited") {
    sample o;
    for (const option_value& seven : {option_value(7), option_value(7.9), option_value("7"), option_value(" +7 ")}) {
        o.set("arraysize", 1);
        o.set("arraysize", seven);
        CHECK(o.get<std::int64_t>("arraysize") == 7);
    }
    for (const option_value& bad :
         {option_value("1.5"), option_value("x"), option_value(""), option_value("+-1"), option_value(0),
          option_value(std::nan("")), option_value(1e19), option_value("9223372036854775808"), option_value(nullptr)})
        CHECK_THROWS_AS(o.set("arraysize", bad), weft::data_error);
    CHECK(o.get<int>("arraysize") == 7);
    o.set("arraysize", 300);
    CHECK_THROWS_AS(o.get<std::int8_t>("arraysize"), weft::data_error);
    CHECK_THROWS_AS(o.get<std::uint8_t>("arraysize"), weft::data_error);
    CHECK_THROWS_AS(o.get<std::string>("arraysize"), weft::data_error);
    CHECK_THROWS_AS(option_value(std::numeric_limits<std::uint64_t>::max()), weft::data_error);

    o.set("ratio", "0.25");
    CHECK(o.get<double>("ratio") == 0.25);
    for (const option_value& bad : {option_value(1), option_value(std::nan("")), option_value("x")})
        CHECK_THROWS_AS(o.set("ratio", bad), weft::data_error);

    CHECK(o.get<std::optional<std::string>>("user") == std::nullopt);
    o.set("user", "me");
    CHECK(o.get<std::string>("user") == "me");
    CHECK_THROWS_AS(o.set("user", 1), weft::data_error);
    CHECK_THROWS_AS(o.set("results.type", "Dicts"), weft::data_error);
    o.set("attrs", option_value::map_type{{"a", "b"}});
    CHECK(o.get<option_value::map_type>("attrs").at("a") == "b");
    CHECK_THROWS_AS(o.set("attrs", "text"), weft::data_error);
}

TEST_CASE("every limit of a definition holds at its edge") {
    option_registry o;
    o.add(
        {.name = "a", .type = option_type::integer, .default_value = 4, .minimum = 2, .maximum = 8, .multiple_of = 2});
    o.add({.name = "b", .type = option_type::real, .default_value = 1, .exclusive_minimum = 0, .exclusive_maximum = 2});
    o.add({.name = "c", .default_value = "xx", .min_length = 2, .max_length = 3});
    o.add({.name = "d", .default_value = "even", .validator = [](const option_value& v) {
               return v.to_string().size() % 2 == 0 ? std::string() : std::string("an even length");
           }});
    const auto takes = [&o](const char* name, const option_value& value) {
        return message_of<weft::data_error>([&] { o.set(name, value); }) == "no error";
    };
    CHECK((takes("a", 2) && takes("a", 8) && !takes("a", 0) && !takes("a", 10) && !takes("a", 3)));
    CHECK((takes("b", 0.001) && takes("b", 1.999) && !takes("b", 0) && !takes("b", 2)));
    CHECK((takes("c", "ab") && takes("c", "abc") && !takes("c", "a") && !takes("c", "abcd")));
    CHECK((takes("d", "ab") && !takes("d", "abc")));
    CHECK(message_of<weft::data_error>([&] { o.set("d", "abc"); }) ==
          "option 'd' cannot be 'abc': expected an even length");
    CHECK_THROWS_AS(o.add({.name = "A"}), weft::programming_error);
    CHECK_THROWS_AS(o.add({}), weft::programming_error);
    CHECK_THROWS_AS(o.add({.name = "e", .default_value = "x", .valid_values = {"y"}}), weft::data_error);
}

TEST_CASE("the environment is read on every call and comes before what was set") {
    sample o;
    o.set("arraysize", 5);
    {
        const variable v("SINGLESTOREDB_RESULTS_ARRAYSIZE", "7");
        CHECK(o.get<int>("arraysize") == 7);
        const variable joined("WEFTRESULTSARRAYSIZE", "8");
        CHECK(o.get<int>("arraysize") == 8);
        const variable own("WEFT_RESULTS_ARRAYSIZE", "9");
        CHECK(o.get<int>("arraysize") == 9);
    }
    CHECK(o.get<int>("arraysize") == 5);
    {
        const variable v("SINGLESTOREDBRESULTSARRAYSIZE", "11");
        CHECK(o.get<int>("arraysize") == 11);
    }
    const variable bad("SINGLESTOREDB_RESULTS_ARRAYSIZE", "many");
    CHECK(message_of<weft::data_error>([&] { o.get("arraysize"); }) ==
          "option 'results.arraysize' from environment variable SINGLESTOREDB_RESULTS_ARRAYSIZE cannot be 'many': "
          "expected an integer");
    CHECK_THROWS_AS(o.get<int>("arraysize"), weft::data_error);
    CHECK(o.describe("arraysize").find("[currently: invalid, ") != std::string::npos);
}

TEST_CASE("setting writes into the variables that exist, and no value deletes them") {
    sample o;
    const variable user("SINGLESTOREDB_USER", "env");
    const variable joined("SINGLESTOREDBUSER", "other");
    o.set("user", "code");
    CHECK(user.text() == "code");
    CHECK(joined.text() == "code");
    CHECK(std::getenv("WEFT_USER") == nullptr);
    CHECK(o.get<std::string>("user") == "code");
    const variable buffered("SINGLESTOREDB_BUFFERED", "yes");
    o.set("buffered", false);
    CHECK(buffered.text() == "false");
    o.set("user", nullptr);
    CHECK(user.text() == "(none)");
    CHECK(joined.text() == "(none)");
    CHECK(o.get("user").is_null());
    CHECK_THROWS_AS(o.set("buffered", "perhaps"), weft::data_error);
    CHECK(buffered.text() == "false");
}

TEST_CASE("defaults include the environment of the time of registration, and reset goes back to them") {
    {
        const variable v("SINGLESTOREDB_RESULTS_ARRAYSIZE", "42");
        sample o;
        CHECK(o.get_default("arraysize") == option_value(42));
    }
    {
        const variable v("SINGLESTOREDB_RESULTS_ARRAYSIZE", "invalid");
        sample o;
        CHECK(o.get_default("arraysize") == option_value(1));
    }
    sample o;
    o.set({{"arraysize", 3}, {"type", "dicts"}, {"ratio", 0.75}});
    o.reset("arraysize");
    CHECK(o.get<int>("arraysize") == 1);
    CHECK(o.get<std::string>("type") == "dicts");
    o.reset();
    CHECK(o.get<std::string>("type") == "tuples");
    CHECK(o.get<double>("ratio") == 0.5);
    CHECK_THROWS_AS(o.reset("nothing"), weft::programming_error);
}

TEST_CASE("several options are set together or not at all") {
    sample o;
    CHECK_THROWS_AS(o.set({{"arraysize", 3}, {"type", "wrong"}}), weft::data_error);
    CHECK(o.get<int>("arraysize") == 1);
    CHECK_THROWS_AS(o.set({{"arraysize", 3}, {"unknown", 1}}), weft::programming_error);
    CHECK(o.get<int>("arraysize") == 1);
}

TEST_CASE("options are described, alone and by group") {
    sample o;
    o.set("arraysize", 3);
    CHECK(o.describe("arraysize") == "results.arraysize : int\n    Rows a fetch.\n    [default: 1] [currently: 3]\n");
    CHECK(o.describe("results") == o.describe({"results.arraysize", "results.type"}));
    CHECK(o.describe().find("ratio : float") != std::string::npos);
    CHECK(o.describe().find("user : str\n    [default: None] [currently: None]\n") != std::string::npos);
    CHECK_THROWS_AS(o.describe("nothing"), weft::programming_error);
    const auto group = o.suboptions("Results");
    CHECK(group.size() == 2);
    CHECK(group.at("arraysize") == option_value(3));
    CHECK_THROWS_AS(o.suboptions("results.type"), weft::programming_error);
    CHECK_THROWS_AS(o.suboptions("nothing"), weft::programming_error);
}

TEST_CASE("scoped options restore values and environment, however the scope is left") {
    sample o;
    o.set("arraysize", 2);
    const variable user("SINGLESTOREDB_USER", "env");
    {
        const weft::scoped_options outer({{"arraysize", 3}, {"user", "scoped"}, {"arraysize", 4}}, o);
        CHECK(o.get<int>("arraysize") == 4);
        CHECK(user.text() == "scoped");
        {
            const weft::scoped_options inner({{"user", nullptr}, {"arraysize", 5}}, o);
            CHECK(user.text() == "(none)");
            CHECK(o.get<int>("arraysize") == 5);
        }
        CHECK(user.text() == "scoped");
        CHECK(o.get<int>("arraysize") == 4);
    }
    CHECK(o.get<int>("arraysize") == 2);
    CHECK(user.text() == "env");

    try {
        const weft::scoped_options scope({{"arraysize", 6}}, o);
        throw std::runtime_error("body");
    } catch (const std::runtime_error&) {
        CHECK(o.get<int>("arraysize") == 2);
    }

    CHECK_THROWS_AS(weft::scoped_options({{"arraysize", 7}, {"user", "x"}, {"type", "wrong"}}, o), weft::data_error);
    CHECK(o.get<int>("arraysize") == 2);
    CHECK(user.text() == "env");
    CHECK_THROWS_AS(weft::scoped_options({{"arraysize", 7}, {"unknown", "x"}}, o), weft::programming_error);
    CHECK(o.get<int>("arraysize") == 2);
}

TEST_CASE("the program's registry holds the general options") {
    auto& o = weft::options();
    CHECK(&o == &weft::options());
    CHECK(o.get<std::string>("results.type") == "tuples");
    CHECK(o.get<std::int64_t>("results.arraysize") == 1);
    CHECK(o.get<bool>("buffered"));
    CHECK_FALSE(o.get<bool>("debug.queries"));
    CHECK_THROWS_AS(o.set("results.type", "lists"), weft::data_error);
    const weft::scoped_options scope({{"results.type", "dicts"}});
    CHECK(o.get<std::string>("type") == "dicts");
}

TEST_CASE("threads may get and set at the same time") {
    sample o;
    std::thread writer([&o] {
        for (int i = 1; i <= 20'000; ++i) o.set({{"arraysize", i}, {"ratio", 1.0 / (i + 1)}});
    });
    std::int64_t last = 0;
    bool backwards = false;
    for (int i = 0; i < 20'000; ++i) {
        const auto now = o.get<std::int64_t>("arraysize");
        backwards = backwards || now < last;
        last = now;
    }
    writer.join();
    CHECK_FALSE(backwards);
    CHECK(o.get<int>("arraysize") == 20'000);
}
