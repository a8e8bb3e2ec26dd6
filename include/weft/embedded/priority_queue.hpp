// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `priority_queue`: tasks that are kept in the database until somebody has done them.

#include <weft/embedded/kv_handle.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// How a queue hands out its tasks. It belongs to the object, not to the file.
struct queue_options {
    std::chrono::milliseconds visibility{30'000}; ///< how long a claim holds; then the task is handed out again
    std::uint32_t max_attempts = 3;               ///< claims of a task; after the last one it is a dead letter
};

/// How a task is put into a queue.
struct enqueue_options {
    std::int64_t priority = 0;          ///< lower ones first
    std::chrono::milliseconds delay{0}; ///< how long it is not handed out
    std::string_view id{};              ///< any bytes; empty: the number of the task in its queue
};

/// A task of a queue.
struct queue_task {
    std::string id;
    std::string payload;
    std::int64_t priority = 0;
    std::uint32_t attempts = 0;   ///< claims so far, this one included
    std::uint64_t number = 0;     ///< of the task in its queue, from 1
    std::int64_t enqueued_ms = 0; ///< milliseconds since 1970
    std::int64_t deadline_ms = 0; ///< when the claim ends; 0: not claimed
};

/// What is in a queue.
struct queue_stats {
    std::uint64_t ready = 0;   ///< would be handed out now
    std::uint64_t delayed = 0; ///< will be, later
    std::uint64_t claimed = 0; ///< are being worked on; also those whose claim has ended and was not noticed yet
    std::uint64_t dead = 0;    ///< dead letters
};

/// A queue of a database, or the same in one of its transactions:
///
///     priority_queue jobs(db, "embed");
///     jobs.enqueue("docs/intro", {.priority = 5});
///     while (auto task = jobs.dequeue()) {
///         work(task->payload);
///         jobs.ack(*task);
///     }
///
/// A task is handed out to one consumer at a time, in the order of priorities and, within one, of the moments from
/// which it may be handed out and then of enqueue(). Who has claimed a task acknowledges it, gives it back, or loses
/// the claim when `visibility` has passed; then it is handed out again, up to `max_attempts` times in all, and becomes
/// a dead letter after that. So a task is done at least once.
///
/// In a transaction all of it happens with the rest or not at all: a task enqueued in one is seen when that commits,
/// and one dequeued is handed out again when it aborts. With a database each call is a transaction of its own that
/// waits for its turn to write; any number of threads and processes may use the queue at once.
///
/// The object is a name and a reference to the database or transaction, which must outlive it. A queue needs not be
/// made. Its entries are keys that begin with `queue/{name}/`, where `%` and `/` in the name are `%25` and `%2F`.
class priority_queue {
public:
    priority_queue(kv_handle store, std::string_view name, const queue_options& how = {});

    const std::string& name() const noexcept { return name_; }

    /// Puts a task into the queue. Returns its number.
    std::uint64_t enqueue(bytes_view payload, const enqueue_options& how = {}) const;
    /// Claims the first task that may be handed out; nothing when there is none. Takes time in proportion to the
    /// number of priorities whose tasks are all delayed.
    std::optional<queue_task> dequeue() const;
    /// The task that dequeue() would claim.
    std::optional<queue_task> peek() const;

    /// The task is done. Returns false when it is not this claim's any more: somebody else has it, or had it.
    bool ack(const queue_task& task) const;
    /// The task is not done: it is handed out again after `delay`, or is a dead letter after its last attempt. Returns
    /// as ack().
    bool nack(const queue_task& task, std::chrono::milliseconds delay = {}) const;
    /// Lets the claim end `by` from now; updates `task`. Returns as ack().
    bool extend(queue_task& task, std::chrono::milliseconds by) const;

    /// Counts the entries, which takes time in proportion to their number.
    queue_stats stats() const;
    /// Tasks that were claimed too often, the oldest first.
    std::vector<queue_task> dead_letters(std::size_t most = 100) const;
    /// Puts a dead letter back into the queue, its attempts at 0; false when it is none any more.
    bool revive(const queue_task& dead) const;
    /// Erases the dead letters; returns how many there were.
    std::uint64_t purge_dead_letters() const;

private:
    std::optional<queue_task> first_ready(detail::kv_connection& c, std::int64_t now) const;
    std::optional<queue_task> claimed(detail::kv_connection& c, const queue_task& task) const;
    void end_claims(detail::kv_connection& c, std::int64_t now) const;
    void put_back(detail::kv_connection& c, const queue_task& task, std::int64_t ready) const;
    std::string ready_key(const queue_task& task, std::int64_t ready) const;
    std::string claim_key(const queue_task& task) const;
    std::string dead_key(const queue_task& task) const;
    std::string ended_before(std::int64_t now) const;
    std::uint64_t count(detail::kv_connection& c, char part) const;

    static constexpr std::uint64_t claims_at_once = 1000; // that have ended and are put back

    kv_handle store_;
    std::string name_;
    std::string prefix_;
    queue_options how_;
};

} // namespace weft::inline v0::embedded

#include <weft/embedded/detail/queue_functions.hpp>
