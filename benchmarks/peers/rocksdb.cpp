// SPDX-License-Identifier: BSL-1.0

#include "kv_peer.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdlib>

namespace {

class rocksdb_store final : public kv_peer {
public:
    explicit rocksdb_store(const std::string& directory) {
        rocksdb::Options options;
        options.create_if_missing = true;
        rocksdb::DB* db = nullptr;
        if (!rocksdb::DB::Open(options, directory, &db).ok()) std::abort();
        db_.reset(db);
    }
    const char* name() const override { return "rocksdb"; }

    void put(const std::vector<std::string>& keys, std::string_view value, std::size_t batch, bool durable) override {
        rocksdb::WriteOptions how;
        how.sync = durable;
        for (std::size_t i = 0; i < keys.size();) {
            rocksdb::WriteBatch together;
            for (const std::size_t end = i + batch < keys.size() ? i + batch : keys.size(); i < end; ++i)
                together.Put(keys[i], rocksdb::Slice(value.data(), value.size()));
            if (!db_->Write(how, &together).ok()) std::abort();
        }
    }

    std::size_t get(const std::vector<std::string>& keys, bool in_one) override {
        rocksdb::ReadOptions how;
        if (in_one) how.snapshot = db_->GetSnapshot();
        std::size_t found = 0;
        std::string value;
        for (const std::string& key : keys) found += db_->Get(how, key, &value).ok();
        if (in_one) db_->ReleaseSnapshot(how.snapshot);
        return found;
    }

    std::size_t scan() override {
        const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
        std::size_t count = 0;
        for (it->SeekToFirst(); it->Valid(); it->Next()) count += it->key().size() != 0;
        return count;
    }

private:
    std::unique_ptr<rocksdb::DB> db_;
};

} // namespace

std::unique_ptr<kv_peer> rocksdb_peer(const std::string& directory) {
    return std::make_unique<rocksdb_store>(directory + "/rocksdb");
}
