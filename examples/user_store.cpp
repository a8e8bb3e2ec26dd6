// SPDX-License-Identifier: BSL-1.0
//
// Users with a secondary index: the user and the entry that finds it by address are written in one transaction, which
// also makes sure that no two users have the same address.

#include <weft/embedded.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdio>
#include <optional>
#include <string>

using namespace weft::embedded;

namespace {

struct user {
    std::string id;
    std::string name;
    std::string email;
};
BOOST_DESCRIBE_STRUCT(user, (), (id, name, email))

class user_store {
public:
    explicit user_store(kv_database& db) : db_(db) {}

    /// False when somebody else has the address.
    bool add(const user& u) {
        return db_.with_transaction([&](kv_transaction& t) {
            if (!t.put_if_absent("users/by_email/" + u.email, u.id)) return false;
            t.put_record("users/by_id/" + u.id, u);
            return true;
        });
    }

    std::optional<user> find(const std::string& id) { return db_.get_record<user>("users/by_id/" + id); }

    std::optional<user> find_by_email(const std::string& email) {
        auto t = db_.transaction(kv_access::read_only); // both reads of one snapshot
        const auto id = t.get("users/by_email/" + email);
        if (!id) return std::nullopt;
        return t.get_record<user>("users/by_id/" + *id);
    }

    bool change_email(const std::string& id, const std::string& email) {
        return db_.with_transaction([&](kv_transaction& t) {
            auto u = t.get_record<user>("users/by_id/" + id);
            if (!u || !t.put_if_absent("users/by_email/" + email, id)) return false;
            t.erase("users/by_email/" + u->email);
            u->email = email;
            t.put_record("users/by_id/" + id, *u);
            return true;
        });
    }

private:
    kv_database& db_;
};

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "users.db", {.sync_mode = sync_mode::off});
    user_store users(db);
    std::printf("alice added: %d\n", users.add({"1", "Alice", "alice@example.com"}));
    std::printf("bob added: %d\n", users.add({"2", "Bob", "bob@example.com"}));
    std::printf("another alice added: %d\n", users.add({"3", "Eve", "alice@example.com"}));
    std::printf("found by address: %s\n", users.find_by_email("bob@example.com")->name.c_str());
    std::printf("to an address that is taken: %d\n", users.change_email("2", "alice@example.com"));
    std::printf("to a free one: %d\n", users.change_email("2", "bob@example.org"));
    std::printf("by the old one: %s\n", users.find_by_email("bob@example.com") ? "found" : "nobody");
    std::printf("by id: %s\n", users.find("2")->email.c_str());
    std::printf("entries: %zu\n", db.scan().collect().size());
}
