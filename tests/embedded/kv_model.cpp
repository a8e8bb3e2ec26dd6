// SPDX-License-Identifier: BSL-1.0
// Random operations against a std::map and copies of it as snapshots, with reopenings.
#include <weft/embedded/kv_database.hpp>

#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace weft::embedded;

namespace {

using contents = std::map<std::string, std::string>;

/// A transaction and what it should see.
struct scope {
    kv_transaction real;
    contents view;
    std::uint64_t version;
    bool wrote = false;
};

class model {
public:
    explicit model(unsigned seed)
        : random_(seed), file_({.sync_mode = sync_mode::off,
                                .memtable_size_bytes = kv_config::least_memory, // checkpoints now and then
                                .busy_timeout_ms = 0}) {}

    void step() {
        switch (pick(20)) {
        case 0:
        case 1:
        case 2: put(); break;
        case 3: erase(); break;
        case 4:
        case 5:
            key();
            REQUIRE(file_.db.get(last_key_) == look(committed_, last_key_));
            break;
        case 6:
        case 7: compare(file_.db, committed_); break;
        case 8:
            if (scopes_.size() < 3) scopes_.push_back({file_.db.transaction(), committed_, version_});
            break;
        case 18:
            if (pick(10) == 0) maintain();
            break;
        case 19:
            if (pick(10) == 0) reopen();
            break;
        default:
            if (!scopes_.empty()) in_scope(pick(static_cast<int>(scopes_.size())));
        }
    }

    void finish() {
        reopen();
        compare(file_.db, committed_);
        REQUIRE(file_.db.check_integrity().empty());
    }

private:
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    /// Few keys, so that operations meet; of several lengths, with bytes at both ends of the order.
    const std::string& key() {
        static const char letters[] = {'\0', 'a', '/', '\x7F', '\x80', '\xFF'};
        last_key_.clear();
        for (int n = pick(4); n > 0; --n) last_key_ += letters[pick(6)];
        return last_key_;
    }
    std::string value() { return std::string(static_cast<std::size_t>(pick(8) == 0 ? pick(9000) : pick(30)), 'v'); }

    static std::optional<std::string> look(const contents& in, const std::string& key) {
        const auto at = in.find(key);
        if (at == in.end()) return std::nullopt;
        return at->second;
    }

    bool somebody_writes() const {
        for (const scope& s : scopes_) {
            if (s.wrote) return true;
        }
        return false;
    }

    /// A change outside of transactions: it happens unless a transaction is writing.
    template <class Real, class Planned>
    void change(Real real, Planned planned) {
        if (somebody_writes()) {
            REQUIRE_THROWS_AS(real(), weft::operational_error);
            return;
        }
        real();
        planned(committed_);
        ++version_;
    }

    void put() {
        const std::string k = key();
        const std::string v = value();
        change([&] { file_.db.put(k, v); }, [&](contents& c) { c[k] = v; });
    }
    void erase() {
        if (!committed_.contains(key())) return;
        change([&] { file_.db.erase(last_key_); }, [&](contents& c) { c.erase(last_key_); });
    }

    template <class Reader>
    void compare(Reader& reader, const contents& expected) {
        std::string start = pick(3) == 0 ? std::string() : key();
        std::string end = pick(3) == 0 ? std::string() : key();
        const scan_options how{.reverse = pick(2) == 0,
                               .limit = static_cast<std::uint64_t>(pick(3) == 0 ? pick(5) : 0)};
        std::vector<kv_pair> wanted;
        for (const auto& [k, v] : expected) {
            if (k >= start && (end.empty() || k < end)) wanted.push_back({k, v});
        }
        if (how.reverse) wanted = {wanted.rbegin(), wanted.rend()};
        if (how.limit != 0 && wanted.size() > how.limit) wanted.resize(how.limit);
        REQUIRE(reader.scan(start, end, how).collect() == wanted);
    }

    void in_scope(int number) {
        const auto at = std::next(scopes_.begin(), number);
        scope& s = *at;
        switch (pick(8)) {
        case 0:
            key();
            REQUIRE(s.real.get(last_key_) == look(s.view, last_key_));
            break;
        case 1:
        case 2: compare(s.real, s.view); break;
        case 3: {
            const bool conflict = !s.wrote && (somebody_writes() || s.version != version_);
            const bool put = pick(2) == 0 || !s.view.contains(key());
            const std::string k = put ? key() : last_key_;
            const std::string v = value();
            const auto write = [&] {
                if (put)
                    s.real.put(k, v);
                else
                    s.real.erase(k);
            };
            if (conflict) {
                REQUIRE_THROWS_AS(write(), transaction_conflict);
                scopes_.erase(at);
                break;
            }
            write();
            s.wrote = true;
            if (put)
                s.view[k] = v;
            else
                s.view.erase(k);
            break;
        }
        case 4: {
            const std::uint64_t number_of_commit = s.real.commit();
            if (s.wrote) {
                REQUIRE(number_of_commit > last_commit_);
                last_commit_ = number_of_commit;
                committed_ = s.view;
                ++version_;
            } else {
                REQUIRE(number_of_commit >= last_commit_);
            }
            scopes_.erase(at);
            break;
        }
        case 5:
            s.real.abort();
            scopes_.erase(at);
            break;
        default: break;
        }
    }

    void maintain() {
        if (somebody_writes()) return;
        last_commit_ = file_.db.checkpoint();
        if (scopes_.empty() && pick(2) == 0) file_.db.compact();
        ++version_;
    }

    void reopen() {
        scopes_.clear();
        file_.reopen();
    }

    std::mt19937 random_;
    kv_file file_;
    contents committed_;
    std::uint64_t version_ = 0;
    std::uint64_t last_commit_ = 0;
    std::list<scope> scopes_;
    std::string last_key_;
};

} // namespace

TEST_CASE("kv model: random operations do what a map does") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        INFO("seed " << seed);
        model m(seed);
        for (int i = 0; i < 3000; ++i) m.step();
        m.finish();
    }
}
