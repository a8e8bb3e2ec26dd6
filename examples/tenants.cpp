// SPDX-License-Identifier: BSL-1.0
//
// A service for several tenants: their list in SQL, their data below keys of their own.

#include <weft/embedded.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdio>
#include <string>
#include <tuple>

using namespace weft::embedded;

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "service.db", {.sync_mode = sync_mode::off});
    db.execute("CREATE TABLE IF NOT EXISTS tenants (id INTEGER PRIMARY KEY, name TEXT NOT NULL, plan TEXT)");
    db.execute("INSERT INTO tenants VALUES (1, 'ACME Corp', 'enterprise')");
    db.execute("INSERT INTO tenants VALUES (2, 'Globex Inc', 'startup')");

    const auto add_user = [&](int tenant, const std::string& user, const std::string& json) {
        db.put_path({"tenants", std::to_string(tenant), "users", user}, json);
    };
    add_user(1, "alice", R"({"role": "admin", "email": "alice@acme.com"})");
    add_user(1, "bob", R"({"role": "user", "email": "bob@acme.com"})");
    add_user(2, "charlie", R"({"role": "admin", "email": "charlie@globex.com"})");

    using tenant = weft::tuples<int, std::string, std::string>;
    for (const auto& [id, name, plan] : db.query<tenant>("SELECT id, name, plan FROM tenants ORDER BY name")) {
        const std::string prefix = "tenants/" + std::to_string(id) + "/users/";
        std::printf("%s (%s): %zu users\n", name.c_str(), plan.c_str(), db.scan_prefix(prefix).collect().size());
        for (const auto& [key, row] : db.query(prefix).select({"email", "role"}).to_list())
            std::printf("  %s %s\n", key.c_str(), row.c_str());
    }

    // A tenant leaves: the row and everything below its keys, together.
    db.with_transaction([](kv_transaction& t) {
        t.execute("DELETE FROM tenants WHERE id = ?", 2);
        for (const auto& [key, value] : t.scan_prefix("tenants/2/").collect()) t.erase(key);
    });
    std::printf("left: %d tenant, %zu entries\n", db.query_value<int>("SELECT count(*) FROM tenants"),
                db.scan().collect().size());
}
