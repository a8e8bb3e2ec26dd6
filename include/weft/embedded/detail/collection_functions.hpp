// SPDX-License-Identifier: BSL-1.0
#pragma once

// Included by weft/embedded/collection.hpp.

#include <weft/embedded/collection.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

namespace detail {

/// Writes rows of one collection and, at the end, what its own row says about them.
class item_writer {
public:
    item_writer(kv_connection& c, const collection_row& row)
        : connection_(c), row_(row), find_(c, collection_sql::find), insert_(c, collection_sql::insert) {
        if (!row.config.enable_hybrid_search) return;
        const std::string table = words_table(row.id);
        add_words_.emplace(c, row, "INSERT INTO " + table + "(rowid, content) VALUES (?1, ?2)");
        erase_words_.emplace(c, row,
                             "INSERT INTO " + table + "(" + table + ", rowid, content) VALUES ('delete', ?1, ?2)");
    }

    void put(const collection_item_view& item, when_there how) {
        check_id(item.id);
        check_values(item.values, row_, "the vector '" + std::string(item.id) + "'");
        const metadata meta(item.meta.text());
        std::string_view content = item.content;
        std::string member;
        if (content.empty() && !row_.config.content_field.empty()) {
            const value text = meta[row_.config.content_field];
            if (text.kind() == type_id::text) content = member = text.view().text();
        }
        check_utf8(content, "the content of the vector '" + std::string(item.id) + "'");
        if (find_.again().number(row_.id).text(item.id).step()) {
            if (how == when_there::refuse)
                throw_kv(kv_errc::already_exists, "23505",
                         "the collection '" + row_.name + "' has a vector '" + std::string(item.id) + "' already");
            erase(find_.number_at(0));
        }
        const std::string_view values = to_file(item.values, swapped_);
        insert_.again().number(row_.id).text(item.id).text(meta.text()).bytes(values.data(), values.size());
        insert_.text(content).run();
        last_ = sqlite3_last_insert_rowid(connection_.handle());
        ++added_;
        words(add_words_, last_, content);
        connection_.bytes_written += item.id.size() + values.size() + meta.text().size() + content.size();
    }

    /// Erases what has this id; returns whether there was such.
    bool erase_id(std::string_view id) {
        if (!find_.again().number(row_.id).text(id).step()) return false;
        erase(find_.number_at(0));
        return true;
    }

    void finish() {
        if (added_ == 0 && !erased_) return;
        execution s(connection_, collection_sql::changed);
        s.number(row_.id).number(added_).number(last_).run();
    }

private:
    void erase(std::int64_t number) {
        find_.again(); // before its row goes
        if (erase_words_) {
            std::string content;
            {
                execution s(connection_, collection_sql::content);
                if (s.number(number).step()) content = s.bytes_at(0);
            }
            words(erase_words_, number, content);
        }
        execution s(connection_, collection_sql::erase);
        s.number(number).run();
        --added_;
        erased_ = true;
    }

    static void words(std::optional<words_statement>& statement, std::int64_t number, std::string_view content) {
        if (!statement || content.empty()) return;
        sqlite3_bind_int64(statement->handle(), 1, number);
        statement->text(2, content);
        while (statement->step()) {}
    }

    kv_connection& connection_;
    const collection_row& row_;
    execution find_;
    execution insert_;
    std::optional<words_statement> add_words_;
    std::optional<words_statement> erase_words_;
    std::vector<float> swapped_;
    std::int64_t added_ = 0; // less those erased
    std::int64_t last_ = 0;
    bool erased_ = false;
};

inline collection_item_view view_of(const collection_item_view& item) noexcept {
    return item;
}
inline collection_item_view view_of(const collection_item& item) {
    return {item.id, item.values, item.meta, item.content};
}

inline void check_config(std::string_view name, const collection_config& config) {
    const auto refuse = [&](const std::string& why) {
        throw_kv(kv_errc::collection_invalid_config, "22023", "collection '" + std::string(name) + "': " + why);
    };
    if (name.empty() || name.size() > 255) refuse("a name has 1 to 255 bytes, not " + std::to_string(name.size()));
    check_utf8(name, "the name of a collection");
    check_utf8(config.content_field, "the content_field of a collection");
    if (config.dimension < 1 || config.dimension > 65'536)
        refuse("the dimension is " + std::to_string(config.dimension) + ", expected 1 to 65536");
    if (config.m < 2 || config.m > 1024) refuse("m is " + std::to_string(config.m) + ", expected 2 to 1024");
    if (config.ef_construction < 1 || config.ef_construction > 1'000'000)
        refuse("ef_construction is " + std::to_string(config.ef_construction) + ", expected 1 to 1000000");
    const bool known = config.metric == vector::metric_kind::cosine || config.metric == vector::metric_kind::l2 ||
                       config.metric == vector::metric_kind::inner_product;
    if (!known)
        refuse("the metric is " + std::string(vector::name_of(config.metric)) +
               ", expected cosine, l2 or inner_product");
    if (name_of(config.quantization) == "unknown")
        refuse("the quantization is number " + std::to_string(static_cast<int>(config.quantization)) +
               ", expected none, scalar or pq");
    if (config.quantization == collection_quantization::pq && config.dimension < 16)
        refuse("pq is for vectors of 16 numbers or more, not of " + std::to_string(config.dimension));
}

inline void make_words(kv_connection& c, const collection_row& row) {
    const std::string sql = "CREATE VIRTUAL TABLE " + words_table(row.id) +
                            " USING fts5(content, content = 'weft_vectors', content_rowid = 'number')";
    with_words(row, [&] { c.command(sql.c_str()); });
}

/// Makes a collection, inside a write.
inline void make_collection(kv_connection& c, std::string_view name, const collection_config& config) {
    c.command(collection_tables);
    {
        execution s(c, collection_sql::create);
        s.text(name).number(static_cast<std::int64_t>(config.dimension)).text(vector::name_of(config.metric));
        s.number(static_cast<std::int64_t>(config.m)).number(static_cast<std::int64_t>(config.ef_construction));
        s.number(config.enable_hybrid_search ? 1 : 0).text(config.content_field).text(name_of(config.quantization));
        s.run();
    }
    if (config.enable_hybrid_search) make_words(c, find_collection(c, name));
}

} // namespace detail

inline collection_config collection::config() const {
    collection_config config;
    place_.store().read([&](detail::kv_connection& c) { config = detail::find_collection(c, name_).config; });
    return config;
}

inline bool collection::exists() const {
    bool there = false;
    place_.store().read([&](detail::kv_connection& c) { there = detail::look_up_collection(c, name_).has_value(); });
    return there;
}

inline std::uint64_t collection::count() const {
    std::uint64_t n = 0;
    place_.store().read(
        [&](detail::kv_connection& c) { n = static_cast<std::uint64_t>(detail::find_collection(c, name_).vectors); });
    return n;
}

inline void collection::write(const collection_item_view& item, detail::when_there how) const {
    place_.write([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::all_or_none scope(c);
        detail::item_writer writer(c, row);
        writer.put(item, how);
        writer.finish();
        scope.done();
    });
}

template <class Items>
void collection::write_all(const Items& items, detail::when_there how) const {
    place_.write([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::all_or_none scope(c);
        detail::item_writer writer(c, row);
        std::size_t number = 0;
        for (const auto& item : items) {
            try {
                writer.put(detail::view_of(item), how);
            } catch (error& e) {
                e.prepend("item " + std::to_string(number) + ": ");
                throw;
            }
            ++number;
        }
        writer.finish();
        scope.done();
    });
}

inline bool collection::erase(std::string_view id) const {
    bool erased = false;
    place_.write([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::all_or_none scope(c);
        detail::item_writer writer(c, row);
        erased = writer.erase_id(id);
        writer.finish();
        scope.done();
    });
    return erased;
}

inline std::optional<collection_item> collection::get(std::string_view id) const {
    std::optional<collection_item> found;
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::execution s(c, detail::collection_sql::get);
        if (!s.number(row.id).text(id).step()) return;
        found.emplace();
        found->id = id;
        found->values.resize(row.config.dimension);
        detail::from_file(s.bytes_at(0), row, found->values.data());
        found->meta = detail::metadata_access::unchecked(std::string(detail::metadata_from_file(s.bytes_at(1), row)));
        found->content = s.bytes_at(2);
    });
    return found;
}

inline bool collection::contains(std::string_view id) const {
    bool there = false;
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::execution s(c, detail::collection_sql::find);
        there = s.number(row.id).text(id).step();
    });
    return there;
}

inline std::vector<collection_hit> collection::search(vector_view<float> query, const collection_search& how) const {
    std::vector<collection_hit> hits;
    const detail::metadata_test test(how.filter, how.where);
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::check_values(query, row, "the query");
        detail::vector_searcher search(place_.store().core(), c, row, {query.data(), query.size()}, how.k, test, how);
        hits = detail::to_hits(search.run(), how);
    });
    return hits;
}

inline std::vector<collection_hit> collection::keyword_search(std::string_view words,
                                                              const collection_search& how) const {
    std::vector<collection_hit> hits;
    const detail::metadata_test test(how.filter, how.where);
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        hits = detail::to_hits(detail::search_words(c, row, words, how.k, test), how);
    });
    return hits;
}

inline std::vector<collection_hit> collection::hybrid_search(vector_view<float> query, std::string_view words,
                                                             const collection_search& how) const {
    if (!(how.alpha >= 0 && how.alpha <= 1))
        throw programming_error("hybrid_search: alpha is " + std::to_string(how.alpha) + ", expected 0 to 1");
    std::vector<collection_hit> hits;
    const detail::metadata_test test(how.filter, how.where);
    const std::size_t each = how.k > 16 ? (how.k > SIZE_MAX / 4 ? how.k : 4 * how.k) : 64;
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::check_values(query, row, "the query");
        std::vector<detail::found_row> by_words = detail::search_words(c, row, words, each, test);
        detail::vector_searcher search(place_.store().core(), c, row, {query.data(), query.size()}, each, test, how);
        hits = detail::to_hits(detail::fuse(search.run(), std::move(by_words), how), how);
    });
    return hits;
}

inline void collection::drop() const {
    place_.write([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        detail::all_or_none scope(c);
        if (row.config.enable_hybrid_search)
            detail::with_words(row, [&] { c.command(("DROP TABLE " + detail::words_table(row.id)).c_str()); });
        detail::erase_collection_rows(c, row.id);
        scope.done();
        place_.store().core().part<detail::collection_indexes>().forget(row.id);
    });
}

inline collection_index_stats collection::index_stats() const {
    collection_index_stats stats;
    place_.store().read([&](detail::kv_connection& c) {
        const detail::collection_row row = detail::find_collection(c, name_);
        const auto index = place_.store().core().part<detail::collection_indexes>().of(row.id);
        index->look([&](const detail::number_index* vectors, const auto& known) {
            stats.vectors = known.size;
            stats.is_graph = vectors != nullptr && vectors->is_graph();
        });
        stats.memory_bytes = index->memory_bytes();
    });
    return stats;
}

inline collection create_collection(const collection_place& in, std::string_view name,
                                    const collection_config& config) {
    const collection made(in, name);
    detail::check_config(made.name(), config);
    in.write([&](detail::kv_connection& c) {
        if (detail::look_up_collection(c, made.name()))
            throw collection_exists(detail::kv_diagnostics(kv_errc::collection_already_exists, "42710",
                                                           "there is a collection '" + made.name() + "' already"),
                                    &kv_errors);
        detail::all_or_none scope(c);
        detail::make_collection(c, made.name(), config);
        scope.done();
    });
    return made;
}

inline collection get_or_create_collection(const collection_place& in, std::string_view name,
                                           const collection_config& config) {
    const collection wanted(in, name);
    detail::check_config(wanted.name(), config);
    std::optional<detail::collection_row> there;
    in.store().read([&](detail::kv_connection& c) { there = detail::look_up_collection(c, wanted.name()); });
    if (!there) {
        in.write([&](detail::kv_connection& c) {
            there = detail::look_up_collection(c, wanted.name()); // somebody may have been faster
            if (there) return;
            detail::all_or_none scope(c);
            detail::make_collection(c, wanted.name(), config);
            scope.done();
        });
    }
    if (there && !(there->config == config))
        detail::throw_kv(kv_errc::collection_already_exists, "42710",
                         "there is a collection '" + wanted.name() + "' with another configuration: dimension " +
                             std::to_string(there->config.dimension) + ", metric " +
                             std::string(vector::name_of(there->config.metric)) + ", quantization " +
                             std::string(name_of(there->config.quantization)));
    return wanted;
}

inline std::vector<collection_info> list_collections(const collection_place& in) {
    std::vector<collection_info> all;
    in.store().read([&](detail::kv_connection& c) {
        all = detail::with_tables(c, std::vector<collection_info>(), [&] {
            std::vector<collection_info> found;
            detail::execution s(c, detail::collection_sql::all);
            while (s.step()) {
                detail::collection_row row = detail::read_collection(s);
                if (!row.name.starts_with(in.prefix())) continue;
                row.name.erase(0, in.prefix().size());
                found.push_back({std::move(row.name), std::move(row.config), static_cast<std::uint64_t>(row.vectors)});
            }
            return found;
        });
    });
    return all;
}

inline void drop_collection(const collection_place& in, std::string_view name) {
    collection(in, name).drop();
}

} // namespace weft::inline v0::embedded
