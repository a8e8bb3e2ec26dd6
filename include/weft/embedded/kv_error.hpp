// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Errors of the key-value store's transactions, and the numbers that ToonDB gives its errors.

#include <weft/core/error.hpp>

#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

/// Numbered errors, with ToonDB's numbers.
enum class kv_errc : int {
    transaction_aborted = 2001,  ///< the engine gave a transaction up; nothing of it is left
    transaction_conflict = 2002, ///< another transaction committed first; try again
    transaction_read_only = 2004,
    namespace_not_found = 3001,
    namespace_already_exists = 3002,
    namespace_invalid_name = 3003,
    namespace_read_only = 3005,
    collection_not_found = 4001,
    collection_already_exists = 4002,
    collection_invalid_config = 4003,
    invalid_vector_dimension = 6001,
    invalid_metadata = 6002,
    invalid_id = 6003,
    already_exists = 7002,
    internal_error = 9001,
    storage_error = 9003,
    database_locked = 10001, ///< another transaction or process held the write lock for too long
};

namespace detail {

inline std::string kv_error_name(int code) {
    switch (static_cast<kv_errc>(code)) {
    case kv_errc::transaction_aborted: return "TRANSACTION_ABORTED";
    case kv_errc::transaction_conflict: return "TRANSACTION_CONFLICT";
    case kv_errc::transaction_read_only: return "TRANSACTION_READ_ONLY";
    case kv_errc::namespace_not_found: return "NAMESPACE_NOT_FOUND";
    case kv_errc::namespace_already_exists: return "NAMESPACE_ALREADY_EXISTS";
    case kv_errc::namespace_invalid_name: return "NAMESPACE_INVALID_NAME";
    case kv_errc::namespace_read_only: return "NAMESPACE_READ_ONLY";
    case kv_errc::collection_not_found: return "COLLECTION_NOT_FOUND";
    case kv_errc::collection_already_exists: return "COLLECTION_ALREADY_EXISTS";
    case kv_errc::collection_invalid_config: return "COLLECTION_INVALID_CONFIG";
    case kv_errc::invalid_vector_dimension: return "INVALID_VECTOR_DIMENSION";
    case kv_errc::invalid_metadata: return "INVALID_METADATA";
    case kv_errc::invalid_id: return "INVALID_ID";
    case kv_errc::already_exists: return "ALREADY_EXISTS";
    case kv_errc::internal_error: return "INTERNAL_ERROR";
    case kv_errc::storage_error: return "STORAGE_ERROR";
    case kv_errc::database_locked: return "DATABASE_LOCKED";
    }
    return "UNKNOWN";
}

inline errc kv_error_class(int code) noexcept {
    if (code == static_cast<int>(kv_errc::already_exists)) return errc::integrity_error;
    if (code >= 6000 && code < 7000) return errc::data_error;
    return code >= 3000 && code < 6000 ? errc::programming_error : errc::operational_error;
}

} // namespace detail

/// The numbers as an error domain.
inline constexpr error_domain kv_errors{"toondb", detail::kv_error_class, detail::kv_error_name};

/// A transaction that has ended already, cannot go on, or could not be committed.
class transaction_error : public weft::detail::error_class<errc::operational_error, operational_error> {
public:
    using error_class::error_class;
};

/// Another transaction was first: it committed after this one's snapshot was taken, or is writing now. This one has
/// been aborted and left nothing behind; the same work may succeed when it is tried again.
class transaction_conflict : public weft::detail::error_class<errc::operational_error, transaction_error> {
public:
    using error_class::error_class;
};

/// There is no namespace of that name.
class namespace_not_found : public weft::detail::error_class<errc::programming_error, programming_error> {
public:
    using error_class::error_class;
};
/// There is a namespace of that name already.
class namespace_exists : public weft::detail::error_class<errc::programming_error, programming_error> {
public:
    using error_class::error_class;
};
/// There is no collection of that name.
class collection_not_found : public weft::detail::error_class<errc::programming_error, programming_error> {
public:
    using error_class::error_class;
};
/// There is a collection of that name already.
class collection_exists : public weft::detail::error_class<errc::programming_error, programming_error> {
public:
    using error_class::error_class;
};

namespace detail {

inline diagnostics kv_diagnostics(kv_errc code, std::string_view state, std::string message) {
    diagnostics info;
    info.message = std::move(message);
    info.sqlstate = state;
    info.code = static_cast<int>(code);
    info.location = std::source_location::current();
    return info;
}

[[noreturn]] inline void throw_conflict(std::string why) {
    throw transaction_conflict(kv_diagnostics(kv_errc::transaction_conflict, "40001", std::move(why)), &kv_errors);
}

/// Throws the class that belongs to the number.
[[noreturn]] inline void throw_kv(kv_errc code, std::string_view state, std::string message) {
    throw_error(kv_error_class(static_cast<int>(code)), kv_diagnostics(code, state, std::move(message)), &kv_errors);
}

[[noreturn]] inline void throw_locked(std::string why) {
    throw operational_error(kv_diagnostics(kv_errc::database_locked, "40001", std::move(why)), &kv_errors);
}

} // namespace detail

} // namespace weft::inline v0::embedded
