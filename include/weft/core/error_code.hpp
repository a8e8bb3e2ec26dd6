// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The bridge to Boost.System: weft's error category, and `error::code()`. Kept apart from `error.hpp` because this
/// header costs more compile time than all the rest of the room.

#include <weft/core/error.hpp>
#include <weft/core/result.hpp>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>

#include <deque>
#include <mutex>
#include <string>

template <>
struct boost::system::is_error_condition_enum<weft::errc> {
    static constexpr bool value = true;
};

namespace weft::inline v0 {

namespace detail {

class errc_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "weft"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::interface_error: return "interface error";
        case errc::database_error: return "database error";
        case errc::data_error: return "data error";
        case errc::operational_error: return "operational error";
        case errc::integrity_error: return "integrity error";
        case errc::internal_error: return "internal error";
        case errc::programming_error: return "programming error";
        case errc::not_supported_error: return "not supported";
        }
        return "unknown error " + std::to_string(value);
    }
};

inline constexpr errc_category errc_category_instance{};

} // namespace detail

/// Category of the values of `errc`. An engine's category maps its codes to conditions of this one, so
/// `e.code() == weft::errc::integrity_error` asks for the class whatever the engine.
inline const boost::system::error_category& weft_category() noexcept {
    return detail::errc_category_instance;
}

inline boost::system::error_code make_error_code(errc value) noexcept {
    return {static_cast<int>(value), weft_category()};
}

inline boost::system::error_condition make_error_condition(errc value) noexcept {
    return {static_cast<int>(value), weft_category()};
}

namespace detail {

class domain_category final : public boost::system::error_category {
public:
    explicit domain_category(const error_domain& domain) noexcept : domain_(&domain) {}

    const error_domain* domain() const noexcept { return domain_; }
    const char* name() const noexcept override { return domain_->name; }
    std::string message(int value) const override { return domain_->message(value); }
    boost::system::error_condition default_error_condition(int value) const noexcept override {
        return make_error_condition(domain_->classify(value));
    }

private:
    const error_domain* domain_;
};

} // namespace detail

/// The category of an engine's codes; the same object for the same domain. Thread-safe.
inline const boost::system::error_category& category_of(const error_domain& domain) {
    static std::mutex guard;
    static std::deque<detail::domain_category> categories;
    const std::lock_guard lock(guard);
    for (const auto& category : categories) {
        if (category.domain() == &domain) return category;
    }
    return categories.emplace_back(domain);
}

inline boost::system::error_code error::code() const noexcept {
    if (state_->domain == nullptr) return make_error_code(state_->kind);
    return {state_->info.code, category_of(*state_->domain)};
}

inline boost::system::error_code failure::code() const noexcept {
    return error_.code();
}

/// Calls `f`; on a weft error sets `ec` and `info` and returns a value-initialised result, else clears both.
template <class F>
auto attempt(boost::system::error_code& ec, diagnostics& info, F&& f) -> std::invoke_result_t<F> {
    ec.clear();
    info = {};
    try {
        return std::forward<F>(f)();
    } catch (const error& e) {
        ec = e.code();
        info = e.diagnostics();
    }
    return std::invoke_result_t<F>();
}

} // namespace weft::inline v0
