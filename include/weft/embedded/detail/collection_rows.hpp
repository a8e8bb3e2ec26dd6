// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/utf8.hpp>
#include <weft/embedded/collection_options.hpp>
#include <weft/embedded/detail/collection_tables.hpp>
#include <weft/vector/hnsw_options.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// A row of a collection never changes: to replace a vector is to erase its row and to insert another, whose number is
/// larger than all before it (AUTOINCREMENT). So a larger number means a later commit, and an index in memory finds
/// what it lacks.
inline constexpr const char* collection_tables =
    "CREATE TABLE IF NOT EXISTS weft_collections(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    " dimension INTEGER NOT NULL, metric TEXT NOT NULL, m INTEGER NOT NULL, ef_construction INTEGER NOT NULL,"
    " hybrid INTEGER NOT NULL, content_field TEXT NOT NULL, vectors INTEGER NOT NULL, changes INTEGER NOT NULL,"
    " last INTEGER NOT NULL, quantization TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS weft_vectors(number INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL,"
    " id TEXT NOT NULL, metadata TEXT NOT NULL, vector BLOB NOT NULL, content TEXT NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS weft_vectors_id ON weft_vectors(collection, id);"
    "CREATE INDEX IF NOT EXISTS weft_vectors_number ON weft_vectors(collection)"; // rows of an index end in the number

namespace collection_sql {
inline constexpr char by_name[] = "SELECT id, dimension, metric, m, ef_construction, hybrid, content_field, vectors, "
                                  "changes, last, name, quantization"
                                  " FROM weft_collections WHERE name = ?1";
inline constexpr char by_id[] = "SELECT id, dimension, metric, m, ef_construction, hybrid, content_field, vectors, "
                                "changes, last, name, quantization"
                                " FROM weft_collections WHERE id = ?1";
inline constexpr char all[] = "SELECT id, dimension, metric, m, ef_construction, hybrid, content_field, vectors, "
                              "changes, last, name, quantization"
                              " FROM weft_collections ORDER BY name";
inline constexpr char create[] =
    "INSERT INTO weft_collections(name, dimension, metric, m, ef_construction, hybrid, content_field, quantization,"
    " vectors, changes, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0)";
inline constexpr char changed[] = "UPDATE weft_collections SET vectors = vectors + ?2, changes = changes + 1,"
                                  " last = max(last, ?3) WHERE id = ?1";
inline constexpr char insert[] =
    "INSERT INTO weft_vectors(collection, id, metadata, vector, content) VALUES (?1, ?2, ?3, ?4, ?5)";
inline constexpr char find[] = "SELECT number FROM weft_vectors WHERE collection = ?1 AND id = ?2";
inline constexpr char get[] = "SELECT vector, metadata, content FROM weft_vectors WHERE collection = ?1 AND id = ?2";
inline constexpr char content[] = "SELECT content FROM weft_vectors WHERE number = ?1";
inline constexpr char erase[] = "DELETE FROM weft_vectors WHERE number = ?1";
inline constexpr char row[] =
    "SELECT vector, id, metadata, content FROM weft_vectors WHERE number = ?1 AND collection = ?2";
/// Rows in the order of their numbers, whatever index there is.
inline constexpr char later[] = "SELECT number, vector, metadata FROM weft_vectors INDEXED BY weft_vectors_number"
                                " WHERE collection = ?1 AND number > ?2 ORDER BY number";
inline constexpr char numbers[] = "SELECT number FROM weft_vectors INDEXED BY weft_vectors_number"
                                  " WHERE collection = ?1 ORDER BY number";
} // namespace collection_sql

/// A row of weft_collections.
struct collection_row {
    std::int64_t id = 0;
    collection_config config;
    std::int64_t vectors = 0; // how many there are
    std::int64_t changes = 0; // calls that changed something
    std::int64_t last = 0;    // the largest number ever given
    std::string name;
};

/// Calls `f()`, which uses the tables of collections; `otherwise` when they do not exist.
template <class T, class F>
T with_tables(kv_connection& c, T otherwise, F&& f) {
    try {
        return f();
    } catch (const programming_error&) {
        if (!has_collections(c)) return otherwise;
        throw;
    }
}

inline collection_quantization quantization_from_file(std::string_view text, const std::string& collection) {
    using enum collection_quantization;
    for (const collection_quantization kind : {none, scalar, pq})
        if (text == name_of(kind)) return kind;
    throw operational_error("the collection '" + collection + "' is damaged: it cannot have the quantization '" +
                            std::string(text) + '\'');
}

inline collection_row read_collection(const execution& s) {
    collection_row row;
    row.name = s.bytes_at(10);
    row.id = s.number_at(0);
    const std::int64_t dimension = s.number_at(1);
    const std::int64_t m = s.number_at(3);
    const std::int64_t ef = s.number_at(4);
    row.config.metric = vector::parse_metric(s.bytes_at(2));
    row.config.enable_hybrid_search = s.number_at(5) != 0;
    row.config.content_field = s.bytes_at(6);
    row.vectors = s.number_at(7);
    row.changes = s.number_at(8);
    row.last = s.number_at(9);
    row.config.quantization = quantization_from_file(s.bytes_at(11), row.name);
    if (dimension < 1 || dimension > 65'536 || m < 2 || m > 1024 || ef < 1 || ef > 1'000'000 || row.vectors < 0 ||
        row.last < 0)
        throw operational_error("the collection '" + row.name +
                                "' is damaged: its row in weft_collections says what "
                                "cannot be");
    row.config.dimension = static_cast<std::size_t>(dimension);
    row.config.m = static_cast<std::size_t>(m);
    row.config.ef_construction = static_cast<std::size_t>(ef);
    return row;
}

inline std::optional<collection_row> look_up_collection(kv_connection& c, std::string_view name) {
    using result = std::optional<collection_row>;
    return with_tables(c, result(), [&] {
        execution s(c, collection_sql::by_name);
        return s.text(name).step() ? result(read_collection(s)) : result();
    });
}

inline std::optional<collection_row> look_up_collection(kv_connection& c, std::int64_t id) {
    using result = std::optional<collection_row>;
    return with_tables(c, result(), [&] {
        execution s(c, collection_sql::by_id);
        return s.number(id).step() ? result(read_collection(s)) : result();
    });
}

inline collection_row find_collection(kv_connection& c, std::string_view name) {
    std::optional<collection_row> row = look_up_collection(c, name);
    if (!row)
        throw collection_not_found(kv_diagnostics(kv_errc::collection_not_found, "42704",
                                                  "there is no collection '" + std::string(name) + "'"),
                                   &kv_errors);
    return std::move(*row);
}

inline void check_utf8(std::string_view text, const std::string& what) {
    if (!is_valid_utf8(text))
        throw data_error(what + " is not valid UTF-8 at byte " + std::to_string(find_invalid_utf8(text)));
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos) throw data_error(what + " has a NUL byte at position " + std::to_string(nul));
}

inline void check_id(std::string_view id) {
    if (id.empty()) throw_kv(kv_errc::invalid_id, "22023", "the id of a vector is empty");
    if (id.size() > longest_key)
        throw_kv(kv_errc::invalid_id, "22023",
                 "an id of " + std::to_string(id.size()) + " bytes is too long; the longest has 65536");
    check_utf8(id, "the id of a vector");
}

/// Throws for what cannot be searched for or inserted. `what` is "the vector 'id'" or "the query".
inline void check_values(vector_view<float> values, const collection_row& row, const std::string& what) {
    if (values.size() != row.config.dimension)
        throw_kv(kv_errc::invalid_vector_dimension, "22000",
                 what + " has " + std::to_string(values.size()) + " numbers; the vectors of the collection '" +
                     row.name + "' have " + std::to_string(row.config.dimension));
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]))
            throw data_error(what + " has a number that is not finite at position " + std::to_string(i));
}

/// The numbers of a vector as the file has them: little-endian floats.
inline std::string_view to_file(vector_view<float> values, std::vector<float>& storage) {
    const float* data = values.data();
    if constexpr (std::endian::native == std::endian::big) {
        storage.resize(values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            storage[i] = std::bit_cast<float>(__builtin_bswap32(std::bit_cast<std::uint32_t>(values[i])));
        data = storage.data();
    }
    return {reinterpret_cast<const char*>(data), values.size() * sizeof(float)};
}

/// Copies the numbers of a vector from the file to `out`, which has room for the collection's dimension.
inline void from_file(std::string_view bytes, const collection_row& row, float* out) {
    if (bytes.size() != row.config.dimension * sizeof(float))
        throw operational_error("the collection '" + row.name + "' is damaged: a vector has " +
                                std::to_string(bytes.size()) + " bytes instead of " +
                                std::to_string(row.config.dimension * sizeof(float)));
    std::memcpy(out, bytes.data(), bytes.size());
    for (std::size_t i = 0; i < row.config.dimension; ++i) {
        if constexpr (std::endian::native == std::endian::big)
            out[i] = std::bit_cast<float>(__builtin_bswap32(std::bit_cast<std::uint32_t>(out[i])));
        if (!std::isfinite(out[i]))
            throw operational_error("the collection '" + row.name +
                                    "' is damaged: a vector has a number that is not finite");
    }
}

/// Metadata from the file, whose syntax somebody else may have broken.
inline std::string_view metadata_from_file(std::string_view text, const collection_row& row) {
    if (text == "{}") return {};
    if (!text.empty() && (!is_valid_json(text) || !json_members(text).is_object()))
        throw operational_error("the collection '" + row.name + "' is damaged: metadata is no JSON object");
    return text;
}

} // namespace weft::inline v0::embedded::detail
