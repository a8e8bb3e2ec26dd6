// SPDX-License-Identifier: BSL-1.0
//
// A store of JSON documents in collections, `doc:{collection}:{id}`, with queries over their members; and feature flags
// by path.

#include <weft/embedded.hpp>
#include <weft/format/table.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace weft::embedded;

namespace {

class document_store {
public:
    explicit document_store(kv_database& db) : db_(db) {}

    void put(const std::string& collection, const std::string& id, const std::string& json) {
        db_.put(key(collection, id), weft::json_text::parse(json).view());
    }
    std::vector<kv_pair> find_all(const std::string& collection) {
        return db_.scan("doc:" + collection + ":", "doc:" + collection + ";").collect();
    }
    kv_query query(const std::string& collection) { return db_.query("doc:" + collection + ":"); }

private:
    static std::string key(const std::string& collection, const std::string& id) {
        return "doc:" + collection + ":" + id;
    }
    kv_database& db_;
};

/// Whether a feature is on: for the user, else for everybody.
bool is_on(kv_database& db, const std::string& feature, const std::string& user) {
    const auto own = db.get_path({"flags", feature, "users", user});
    const auto all = own ? own : db.get_path({"flags", feature, "default"});
    return all == "on";
}

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "documents.db", {.sync_mode = sync_mode::off});
    document_store documents(db);
    documents.put("articles", "1", R"({"title": "Storage", "words": 1200, "tags": ["db"]})");
    documents.put("articles", "2", R"({"title": "Networks", "words": 800})");
    documents.put("articles", "3", R"({"title": "Compilers", "words": 2500})");
    documents.put("notes", "1", R"({"title": "Milk"})");
    try {
        documents.put("notes", "2", "{broken");
    } catch (const weft::data_error& e) {
        std::printf("%s\n", e.what());
    }
    std::printf("%zu articles\n", documents.find_all("articles").size());
    auto longest = documents.query("articles");
    longest.select({"title", "words"}).where("words", op::ge, 1000).order_by("words", sort_order::desc);
    std::printf("%s\n", longest.execute().c_str());
    std::printf("%s", longest.fetch<weft::table>().c_str());

    db.put_path("flags/dark_mode/default", "off");
    db.put_path({"flags", "dark_mode", "users", "alice"}, "on");
    for (const char* user : {"alice", "bob"}) std::printf("dark mode for %s: %d\n", user, is_on(db, "dark_mode", user));
}
