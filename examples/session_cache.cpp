// SPDX-License-Identifier: BSL-1.0
//
// A session cache: sessions that expire by themselves, are renewed by use, and end at logout.

#include <weft/embedded.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

using namespace weft::embedded;
using namespace std::chrono_literals;

namespace {

struct session {
    std::string user;
    std::string role;
};
BOOST_DESCRIBE_STRUCT(session, (), (user, role))

class session_cache {
public:
    session_cache(kv_database& db, std::chrono::milliseconds lifetime) : db_(db), lifetime_(lifetime) {}

    void begin(const std::string& id, const session& s) { db_.put_record("session:" + id, s, {.ttl = lifetime_}); }

    /// The session, which lives on for another lifetime; nothing when it is over.
    std::optional<session> use(const std::string& id) {
        return db_.with_transaction([&](kv_transaction& t) {
            auto s = t.get_record<session>("session:" + id);
            if (s) t.put_record("session:" + id, *s, {.ttl = lifetime_});
            return s;
        });
    }

    void end(const std::string& id) { db_.erase("session:" + id); }

private:
    kv_database& db_;
    std::chrono::milliseconds lifetime_;
};

void show(const std::string& id, const std::optional<session>& s) {
    std::printf("%s: %s\n", id.c_str(), s ? (s->user + ", " + s->role).c_str() : "no session");
}

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "sessions.db", {.sync_mode = sync_mode::off});
    session_cache cache(db, 1h);
    cache.begin("a1", {"alice", "admin"});
    cache.begin("b2", {"bob", "reader"});
    show("a1", cache.use("a1"));
    cache.end("a1");
    show("a1", cache.use("a1"));
    show("b2", cache.use("b2"));

    session_cache hasty(db, 1ms);
    hasty.begin("c3", {"carol", "reader"});
    std::this_thread::sleep_for(10ms);
    show("c3", hasty.use("c3"));
    std::printf("%zu session\n", db.scan_prefix("session:").collect().size());
}
