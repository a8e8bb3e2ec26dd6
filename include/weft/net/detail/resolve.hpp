// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Name resolution with a deadline. The system's resolver can be neither interrupted nor given a time limit, so it runs
/// on a thread of its own, which is left behind when nobody waits for it any more.

#include <weft/net/deadline.hpp>
#include <weft/net/detail/native_socket.hpp>

#include <pthread.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::net::detail {

class resolver_job {
public:
    explicit resolver_job(std::string host) : host_(std::move(host)) {
        pthread_condattr_t monotonic;
        ::pthread_condattr_init(&monotonic);
        ::pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        ::pthread_cond_init(&ended_, &monotonic);
        ::pthread_condattr_destroy(&monotonic);
    }
    resolver_job(const resolver_job&) = delete;
    resolver_job& operator=(const resolver_job&) = delete;
    ~resolver_job() {
        if (found_ != nullptr) ::freeaddrinfo(found_);
        ::pthread_cond_destroy(&ended_);
        ::pthread_mutex_destroy(&mutex_);
    }

    static void start(const std::shared_ptr<resolver_job>& job) {
        auto* const own = new std::shared_ptr<resolver_job>(job); // the thread deletes it
        pthread_t thread{};
        if (const int error = ::pthread_create(&thread, nullptr, &resolver_job::run, own); error != 0) {
            delete own;
            throw_unresolved(job->host_, EAI_SYSTEM, error);
        }
        ::pthread_detach(thread);
    }

    /// True when the resolver has ended by `until`.
    bool wait(deadline until) noexcept {
        const std::int64_t at = until.at_ns();
        const timespec when{static_cast<time_t>(at / 1'000'000'000), static_cast<long>(at % 1'000'000'000)};
        ::pthread_mutex_lock(&mutex_);
        int error = 0;
        while (!done_ && error == 0) error = ::pthread_cond_timedwait(&ended_, &mutex_, &when);
        const bool done = done_;
        ::pthread_mutex_unlock(&mutex_);
        return done;
    }

    /// What was found, once `wait` has returned true.
    std::vector<address> addresses(std::uint16_t port) const {
        if (code_ != 0) throw_unresolved(host_, code_, error_);
        return addresses_of(found_, port);
    }

private:
    static void* run(void* argument) noexcept {
        const std::unique_ptr<std::shared_ptr<resolver_job>> own(static_cast<std::shared_ptr<resolver_job>*>(argument));
        resolver_job& job = **own;
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        const int code = ::getaddrinfo(job.host_.c_str(), nullptr, &hints, &found);
        const int error = errno;
        ::pthread_mutex_lock(&job.mutex_);
        job.code_ = code;
        job.error_ = error;
        job.found_ = found;
        job.done_ = true;
        ::pthread_cond_signal(&job.ended_);
        ::pthread_mutex_unlock(&job.mutex_);
        return nullptr;
    }

    std::string host_;
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t ended_;
    addrinfo* found_ = nullptr;
    int code_ = 0;
    int error_ = 0;
    bool done_ = false;
};

/// The addresses of `to`. Gives up at the deadline, and soon after `cancelled` has become true.
inline std::vector<address> resolve(const endpoint& to, deadline until, const std::atomic<bool>& cancelled) {
    if (const address direct = direct_address(to); direct.size != 0) return {direct};
    constexpr std::int64_t look_every_ms = 20;
    const auto job = std::make_shared<resolver_job>(to.host);
    resolver_job::start(job);
    while (!job->wait(deadline::sooner(until, deadline::after_ms(look_every_ms)))) {
        if (cancelled) throw_cancelled(to.name(), "while resolving the name");
        if (until.has_passed()) throw_timed_out(to.name(), "while resolving the name", until.budget_ms());
    }
    return job->addresses(to.port);
}

/// The part of what is left until `until` that one of `left` addresses may use, so that one that does not answer leaves
/// time for the others.
inline deadline share_of(deadline until, std::size_t left) noexcept {
    if (until.is_never() || left < 2) return until;
    return deadline::sooner(until, deadline::after_ms(until.remaining_ms() / static_cast<std::int64_t>(left) + 1));
}

} // namespace weft::inline v0::net::detail
