// SPDX-License-Identifier: BSL-1.0

#include "kv_peer.hpp"

#include <lmdb.h>

#include <cstdlib>

namespace {

void check(int code) {
    if (code != 0) std::abort();
}

MDB_val view(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

class lmdb_store final : public kv_peer {
public:
    explicit lmdb_store(const std::string& directory) {
        check(mdb_env_create(&env_));
        check(mdb_env_set_mapsize(env_, std::size_t{4} << 30));
        check(mdb_env_open(env_, directory.c_str(), MDB_NOSUBDIR, 0600));
        MDB_txn* txn = nullptr;
        check(mdb_txn_begin(env_, nullptr, 0, &txn));
        check(mdb_dbi_open(txn, nullptr, 0, &dbi_));
        check(mdb_txn_commit(txn));
    }
    ~lmdb_store() override { mdb_env_close(env_); }
    const char* name() const override { return "lmdb"; }

    void put(const std::vector<std::string>& keys, std::string_view value, std::size_t batch, bool durable) override {
        check(mdb_env_set_flags(env_, MDB_NOSYNC, durable ? 0 : 1));
        for (std::size_t i = 0; i < keys.size();) {
            MDB_txn* txn = nullptr;
            check(mdb_txn_begin(env_, nullptr, 0, &txn));
            for (const std::size_t end = i + batch < keys.size() ? i + batch : keys.size(); i < end; ++i) {
                MDB_val k = view(keys[i]);
                MDB_val v = view(value);
                check(mdb_put(txn, dbi_, &k, &v, 0));
            }
            check(mdb_txn_commit(txn));
        }
    }

    std::size_t get(const std::vector<std::string>& keys, bool in_one) override {
        std::size_t found = 0;
        MDB_txn* txn = nullptr;
        check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn));
        for (const std::string& key : keys) {
            if (!in_one) {
                mdb_txn_reset(txn);
                check(mdb_txn_renew(txn));
            }
            MDB_val k = view(key);
            MDB_val v;
            if (mdb_get(txn, dbi_, &k, &v) == 0)
                found += std::string(static_cast<const char*>(v.mv_data), v.mv_size).size() != 0;
        }
        mdb_txn_abort(txn);
        return found;
    }

    std::size_t scan() override {
        MDB_txn* txn = nullptr;
        MDB_cursor* cursor = nullptr;
        check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn));
        check(mdb_cursor_open(txn, dbi_, &cursor));
        std::size_t count = 0;
        MDB_val k;
        MDB_val v;
        while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) count += k.mv_size != 0;
        mdb_cursor_close(cursor);
        mdb_txn_abort(txn);
        return count;
    }

private:
    MDB_env* env_ = nullptr;
    MDB_dbi dbi_ = 0;
};

} // namespace

std::unique_ptr<kv_peer> lmdb_peer(const std::string& directory) {
    return std::make_unique<lmdb_store>(directory + "/lmdb");
}
