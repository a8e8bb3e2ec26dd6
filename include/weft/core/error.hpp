// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The error hierarchy: one root, the database classes users of DB-API know below it, and diagnostics that say what
/// was attempted and where. `error::code()` is a Boost.System error code; its definition lives in
/// `weft/core/error_code.hpp`, so that a program that only catches classes does not pay for that header.

#include <weft/core/config.hpp>
#include <weft/core/shared.hpp>

#include <exception>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace boost::system {
class error_code;
} // namespace boost::system

namespace weft::inline v0 {

/// The class of an error, and the values of weft's own error category.
enum class errc {
    interface_error = 1,     ///< the program used the library wrongly
    database_error = 2,      ///< an error of the database that fits no narrower class
    data_error = 3,          ///< a value that is malformed, out of range or of the wrong type
    operational_error = 4,   ///< the environment failed: files, disks, locks, network
    integrity_error = 5,     ///< a constraint was violated
    internal_error = 6,      ///< the database or weft is in a state it should never be in
    programming_error = 7,   ///< wrong SQL, unknown names, wrong number of parameters
    not_supported_error = 8, ///< the operation exists but not here
};

/// An engine's own error codes: what `error::code()` builds a Boost.System category from. One constant an engine.
struct error_domain {
    const char* name;
    errc (*classify)(int code) noexcept; ///< the class a code belongs to
    std::string (*message)(int code);    ///< the engine's text for a code
};

/// Everything known about one error.
struct diagnostics {
    std::string message;           ///< what went wrong; names the value and the place
    std::string sqlstate;          ///< five characters, or empty where the engine has none
    int code = 0;                  ///< the engine's or server's own code; 0 when the error arose in weft
    std::string attempted;         ///< what was being attempted, usually the statement
    std::source_location location; ///< the user's call where it is known, else the place of detection
    std::string engine_message{};  ///< the engine's own words where `message` has others
};

namespace detail {

struct error_state {
    errc kind;
    const error_domain* domain; // null: weft's own category and `kind` as the value
    diagnostics info;
    std::string text;
};

inline std::string error_text(const diagnostics& info) {
    std::string text;
    if (info.code != 0) text = std::to_string(info.code);
    if (!info.sqlstate.empty()) {
        if (!text.empty()) text += ' ';
        text += '(' + info.sqlstate + ')';
    }
    if (!info.message.empty()) {
        if (!text.empty()) text += ": ";
        text += info.message;
    }
    if (text.empty()) text = "Unknown error";
    return text;
}

} // namespace detail

/// Root of every exception weft throws. Copies share their diagnostics and never throw.
class error : public std::exception {
public:
    error(errc kind, diagnostics info, const error_domain* domain = nullptr)
        : state_(detail::error_state{kind, domain, std::move(info), {}}) {
        state_->text = detail::error_text(state_->info);
    }

    error(const error&) noexcept = default; // and no moves: an error always has its text
    error& operator=(const error&) noexcept = default;

    /// `code (sqlstate): message`, each part left out where it is absent.
    const char* what() const noexcept override { return state_->text.c_str(); }

    /// The class of this error.
    errc kind() const noexcept { return state_->kind; }

    /// Message, SQLSTATE, code, what was attempted and where.
    const weft::diagnostics& diagnostics() const noexcept { return state_->info; }

    /// The error as a Boost.System error code: the engine's category where it has one, else weft's.
    /// Include `weft/core/error_code.hpp` to call it.
    boost::system::error_code code() const noexcept;

    /// Adds what was being attempted and the user's call, unless an inner layer already did.
    void add_context(std::string_view attempted, const std::source_location& where) {
        if (!state_->info.attempted.empty()) return;
        state_->info.attempted = attempted;
        state_->info.location = where;
    }

    /// Puts a more exact place in front of the message, such as a row number.
    void prepend(std::string_view place) {
        state_->info.message.insert(0, place);
        state_->text = detail::error_text(state_->info);
    }

private:
    shared<detail::error_state> state_;
};

namespace detail {

/// One class of the hierarchy; `Base` is its parent.
template <errc Kind, class Base>
class error_class : public Base {
public:
    explicit error_class(std::string message, std::source_location where = std::source_location::current())
        : Base(Kind, weft::diagnostics{std::move(message), {}, 0, {}, where}) {}

    explicit error_class(weft::diagnostics info, const error_domain* domain = nullptr)
        : Base(Kind, std::move(info), domain) {}

protected:
    error_class(errc kind, weft::diagnostics info, const error_domain* domain = nullptr)
        : Base(kind, std::move(info), domain) {}
};

} // namespace detail

/// The program used the library wrongly, in a way no database was involved in.
class interface_error : public detail::error_class<errc::interface_error, error> {
public:
    using error_class::error_class;
};

/// Parent of every error that concerns a database.
class database_error : public detail::error_class<errc::database_error, error> {
public:
    using error_class::error_class;
};

/// A value is malformed, out of range, or cannot become the requested type.
class data_error : public detail::error_class<errc::data_error, database_error> {
public:
    using error_class::error_class;
};

/// The environment failed: a file, a disk, a lock, a network.
class operational_error : public detail::error_class<errc::operational_error, database_error> {
public:
    using error_class::error_class;
};

/// A constraint was violated.
class integrity_error : public detail::error_class<errc::integrity_error, database_error> {
public:
    using error_class::error_class;
};

/// The database or the library is in a state it should never be in.
class internal_error : public detail::error_class<errc::internal_error, database_error> {
public:
    using error_class::error_class;
};

/// Wrong SQL, unknown names, a wrong number of parameters, use after close.
class programming_error : public detail::error_class<errc::programming_error, database_error> {
public:
    using error_class::error_class;
};

/// The operation exists, but not for this engine or combination.
class not_supported_error : public detail::error_class<errc::not_supported_error, database_error> {
public:
    using error_class::error_class;
};

/// Throws the class that belongs to `kind`.
[[noreturn]] inline void throw_error(errc kind, diagnostics info, const error_domain* domain = nullptr) {
    switch (kind) {
    case errc::interface_error: throw interface_error(std::move(info), domain);
    case errc::data_error: throw data_error(std::move(info), domain);
    case errc::operational_error: throw operational_error(std::move(info), domain);
    case errc::integrity_error: throw integrity_error(std::move(info), domain);
    case errc::internal_error: throw internal_error(std::move(info), domain);
    case errc::programming_error: throw programming_error(std::move(info), domain);
    case errc::not_supported_error: throw not_supported_error(std::move(info), domain);
    case errc::database_error: break;
    }
    throw database_error(std::move(info), domain);
}

} // namespace weft::inline v0
