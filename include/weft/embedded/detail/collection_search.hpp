// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/detail/collection_index.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// What to do when an id is there already.
enum class when_there : unsigned char { refuse, replace };

inline std::string new_id() {
    std::byte random[16];
    sqlite3_randomness(sizeof random, random);
    return to_hex(blob_view(random, sizeof random));
}

/// A row that was found, as the snapshot has it.
struct found_row {
    std::int64_t number = 0;
    float distance = 0;
    double score = 0;
    std::string id;
    std::string metadata; // empty for no members
    std::string content;

    bool operator<(const found_row& other) const noexcept {
        return distance < other.distance || (distance == other.distance && number < other.number);
    }
};

inline double score_of(vector::metric_kind metric, float distance) {
    const auto d = static_cast<double>(distance);
    switch (metric) {
    case vector::metric_kind::cosine: return 1 - d;
    case vector::metric_kind::inner_product: return -d;
    default: return 1 / (1 + std::sqrt(d));
    }
}

/// Reads a row of the snapshot; false when it has none of that number.
inline bool load_row(kv_connection& c, const collection_row& row, std::int64_t number, found_row& out,
                     std::vector<float>* values = nullptr) {
    execution s(c, collection_sql::row);
    if (!s.number(number).number(row.id).step()) return false;
    out.number = number;
    if (values != nullptr) {
        values->resize(row.config.dimension);
        from_file(s.bytes_at(0), row, values->data());
    }
    out.id = s.bytes_at(1);
    out.metadata = metadata_from_file(s.bytes_at(2), row);
    out.content = s.bytes_at(3);
    return true;
}

/// A search for vectors in one snapshot: in the index as far as that knows the snapshot, and in the rows beyond.
class vector_searcher {
public:
    vector_searcher(kv_core& core, kv_connection& c, const collection_row& row, std::span<const float> query,
                    std::size_t k, const metadata_test& test, const collection_search& how)
        : core_(core), connection_(c), row_(row), query_(query), test_(test), how_(how),
          k_(k < static_cast<std::size_t>(row.vectors) ? k : static_cast<std::size_t>(row.vectors)) {}

    /// The nearest, best first.
    std::vector<found_row> run() {
        std::vector<found_row> found;
        if (k_ == 0) return found;
        std::int64_t known = 0;
        if (!how_.exact) found = search_index(known);
        if (known < row_.last) {
            for (const auto& [id, distance] : search_file(known)) {
                found_row& at = found.emplace_back();
                load_row(connection_, row_, static_cast<std::int64_t>(id), at);
                at.distance = distance;
            }
        }
        std::sort(found.begin(), found.end());
        if (found.size() > k_) found.resize(k_);
        for (found_row& at : found) at.score = score_of(row_.config.metric, at.distance);
        return found;
    }

private:
    std::vector<found_row> search_index(std::int64_t& known) {
        const shared<collection_index> index = core_.part<collection_indexes>().of(row_.id);
        const collection_index::extent before = index->known();
        const bool is_behind = before.last < row_.last || before.changes < row_.changes;
        // Without a log nobody else can read while this connection writes.
        if (is_behind && (core_.config().wal_enabled || !connection_.is_writing())) index->catch_up(core_, row_.id);

        std::vector<found_row> rows;
        std::size_t size = 0;
        std::size_t wanted = 0;
        for (std::size_t round = 1;; round *= 2) {
            const std::vector<vector::neighbour> near = index->look([&](const number_index* vectors, const auto& e) {
                wanted = vectors == nullptr ? k_ : vectors->candidates(k_) * round;
                return search_vectors(*index, vectors, e, wanted, size, known);
            });
            rows.clear();
            for (const vector::neighbour& n : near) {
                found_row at;
                if (!load_row(connection_, row_, static_cast<std::int64_t>(n.id), at, &values_)) continue;
                at.distance = distance({values_.data(), values_.size()});
                rows.push_back(std::move(at));
            }
            if (rows.size() >= k_ || near.size() < wanted || wanted >= size) return rows;
        }
    }

    std::vector<vector::neighbour> search_vectors(const collection_index& index, const number_index* vectors,
                                                  const collection_index::extent& e, std::size_t wanted,
                                                  std::size_t& size, std::int64_t& known) const {
        known = index.known_to(row_.changes);
        size = e.size;
        if (vectors == nullptr || known == 0) {
            size = 0;
            return {};
        }
        auto may_be = [&](std::uint64_t number) {
            return number <= static_cast<std::uint64_t>(known) && (test_.is_any() || test_(index.metadata_of(number)));
        };
        const bool any = known >= e.last && test_.is_any();
        return vectors->search(query_, wanted, any ? number_index::filter() : number_index::filter(may_be), how_.ef);
    }

    /// The nearest among the rows after a number, each of which is compared.
    std::vector<vector::neighbour> search_file(std::int64_t after) {
        vector::top_k best(k_);
        values_.resize(row_.config.dimension);
        execution s(connection_, collection_sql::later);
        s.number(row_.id).number(after);
        while (s.step()) {
            if (!test_.is_any() && !test_(metadata_from_file(s.bytes_at(2), row_))) continue;
            from_file(s.bytes_at(1), row_, values_.data());
            best.offer({static_cast<std::uint64_t>(s.number_at(0)), distance({values_.data(), values_.size()})});
        }
        return best.take();
    }

    float distance(std::span<const float> values) const {
        return with_metric(row_.config.metric,
                           [&]<class Metric>(Metric) { return vector::distance<Metric>(query_, values); });
    }

    kv_core& core_;
    kv_connection& connection_;
    const collection_row& row_;
    std::span<const float> query_;
    const metadata_test& test_;
    const collection_search& how_;
    std::size_t k_;
    std::vector<float> values_;
};

/// Calls `f()`, which uses the table of words.
template <class F>
void with_words(const collection_row& row, F&& f) {
    try {
        f();
    } catch (const programming_error& e) {
        if (e.diagnostics().message.find("no such module") == std::string::npos) throw;
        throw not_supported_error("the words of the collection '" + row.name +
                                  "' (enable_hybrid_search) need FTS5, which this SQLite library was built without");
    }
}

/// A statement on the table of words of a collection.
class words_statement {
public:
    words_statement(kv_connection& c, const collection_row& row, const std::string& sql) : connection_(c) {
        with_words(row, [&] { c.check(sqlite3_prepare_v2(c.handle(), sql.c_str(), -1, &handle_, nullptr), {}); });
    }
    words_statement(const words_statement&) = delete;
    words_statement& operator=(const words_statement&) = delete;
    ~words_statement() { sqlite3_finalize(handle_); }

    sqlite3_stmt* handle() const noexcept { return handle_; }
    void text(int at, std::string_view value) {
        const int code = sqlite3_bind_text64(handle_, at, value.data() == nullptr ? "" : value.data(), value.size(),
                                             SQLITE_STATIC, SQLITE_UTF8);
        if (code != SQLITE_OK) throw data_error("a text of " + std::to_string(value.size()) + " bytes is too long");
    }
    bool step() {
        const int code = sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        sqlite3_reset(handle_);
        if (code != SQLITE_DONE) throw_sqlite(connection_.handle(), code, {});
        return false;
    }

private:
    kv_connection& connection_;
    sqlite3_stmt* handle_ = nullptr;
};

/// The words of a text as an expression of FTS5: any of them.
inline std::string any_word(std::string_view text) {
    std::string expression;
    bool inside = false;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            static_cast<unsigned char>(c) >= 0x80;
        if (letter && !inside) expression += expression.empty() ? "\"" : " OR \"";
        if (!letter && inside) expression += '"';
        if (letter) expression += c;
        inside = letter;
    }
    if (inside) expression += '"';
    return expression;
}

/// The contents that have one of the words, best first.
inline std::vector<found_row> search_words(kv_connection& c, const collection_row& row, std::string_view words,
                                           std::size_t k, const metadata_test& test) {
    if (!row.config.enable_hybrid_search)
        throw programming_error("the collection '" + row.name +
                                "' has no index of words; make it with enable_hybrid_search");
    check_utf8(words, "the text that is searched for");
    std::vector<found_row> found;
    const std::string expression = any_word(words);
    if (expression.empty() || k == 0) return found;
    const std::string table = words_table(row.id);
    words_statement s(c, row,
                      "SELECT rowid, -rank FROM " + table + " WHERE " + table + " MATCH ?1 ORDER BY rank, rowid");
    s.text(1, expression);
    while (found.size() < k && s.step()) {
        found_row at;
        if (!load_row(c, row, sqlite3_column_int64(s.handle(), 0), at) || !test(at.metadata)) continue;
        at.score = sqlite3_column_double(s.handle(), 1);
        found.push_back(std::move(at));
    }
    return found;
}

/// Puts two searches together by the ranks in them.
inline std::vector<found_row> fuse(std::vector<found_row> vectors, std::vector<found_row> words,
                                   const collection_search& how) {
    const auto share = [&](double weight, std::size_t rank) {
        return weight / (static_cast<double>(how.rrf_k) + static_cast<double>(rank) + 1);
    };
    std::vector<found_row> all = std::move(vectors);
    const std::size_t first = all.size();
    for (std::size_t i = 0; i < first; ++i) all[i].score = share(how.alpha, i);
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::size_t at = 0;
        while (at < first && all[at].number != words[i].number) ++at;
        if (at == first) {
            words[i].score = 0;
            all.push_back(std::move(words[i]));
            at = all.size() - 1;
        }
        all[at].score += share(1 - how.alpha, i);
    }
    std::sort(all.begin(), all.end(), [](const found_row& a, const found_row& b) {
        return a.score > b.score || (a.score == b.score && a.number < b.number);
    });
    if (all.size() > how.k) all.resize(how.k);
    return all;
}

inline std::vector<collection_hit> to_hits(std::vector<found_row>&& rows, const collection_search& how) {
    std::vector<collection_hit> hits;
    for (found_row& row : rows) {
        if (how.min_score && !(row.score >= *how.min_score)) continue;
        hits.push_back({std::move(row.id), row.score, metadata_access::unchecked(std::move(row.metadata)),
                        std::move(row.content)});
    }
    return hits;
}

} // namespace weft::inline v0::embedded::detail
