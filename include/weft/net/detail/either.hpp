// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft::inline v0::net::detail {

/// One of three ways to the same result, chosen at run time: 0, it is there; 1, another awaitable has it; 2, a task.
template <class T, class Ready, class Plain, class Task>
class [[nodiscard]] either {
public:
    template <std::size_t Way, class Awaitable>
    either(std::in_place_index_t<Way> way, Awaitable awaitable) : way_(way, std::move(awaitable)) {}

    bool await_ready() {
        return std::visit([](auto& way) { return static_cast<bool>(way.await_ready()); }, way_);
    }

    bool await_suspend(std::coroutine_handle<> waiter) {
        return std::visit([waiter](auto& way) { return suspend(way, waiter); }, way_);
    }

    T await_resume() {
        return std::visit([](auto& way) -> T { return way.await_resume(); }, way_);
    }

private:
    template <class Way>
    static bool suspend(Way& way, std::coroutine_handle<> waiter) {
        using returned = decltype(way.await_suspend(waiter));
        if constexpr (std::is_void_v<returned>) {
            way.await_suspend(waiter);
            return true;
        } else {
            static_assert(std::is_same_v<returned, bool>,
                          "await_suspend of a stream's awaitable returns bool or nothing");
            return way.await_suspend(waiter);
        }
    }

    std::variant<Ready, Plain, Task> way_;
};

} // namespace weft::inline v0::net::detail
