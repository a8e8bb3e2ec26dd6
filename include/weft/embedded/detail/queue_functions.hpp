// SPDX-License-Identifier: BSL-1.0
#pragma once

// Included by weft/embedded/priority_queue.hpp.
//
// Keys of a queue, all numbers in 8 bytes, the most significant first, so that keys sort as they do:
//   {prefix}r/ priority ready number   a task that may be claimed from `ready` on
//   {prefix}c/ deadline number         a task that is claimed
//   {prefix}d/ number                  a dead letter
//   {prefix}n                          number and moment of the last task
// Parts are found by their places, so that bytes of numbers may look like slashes.

#include <weft/embedded/priority_queue.hpp>

namespace weft::inline v0::embedded {

namespace detail {

inline void append_ordered(std::string& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}
inline std::uint64_t read_ordered(std::string_view bytes, std::size_t at) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}
constexpr std::uint64_t from_signed(std::int64_t value) noexcept {
    return static_cast<std::uint64_t>(value) ^ std::uint64_t{1} << 63;
}

constexpr std::int64_t to_signed(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(value ^ std::uint64_t{1} << 63);
}

/// priority, attempts, number, moment, length of the id, id, payload
inline std::string task_record(const queue_task& task) {
    std::string record;
    append_ordered(record, from_signed(task.priority));
    append_ordered(record, task.attempts);
    append_ordered(record, task.number);
    append_ordered(record, from_signed(task.enqueued_ms));
    append_ordered(record, task.id.size());
    record += task.id;
    record += task.payload;
    return record;
}
inline queue_task read_task(std::string_view queue, std::string_view record) {
    constexpr std::size_t head = 40;
    if (record.size() < head || read_ordered(record, 32) > record.size() - head)
        throw operational_error("the queue '" + std::string(queue) + "' is damaged: an entry is no task");
    const std::size_t id_size = read_ordered(record, 32);
    queue_task task;
    task.priority = to_signed(read_ordered(record, 0));
    task.attempts = static_cast<std::uint32_t>(read_ordered(record, 8));
    task.number = read_ordered(record, 16);
    task.enqueued_ms = to_signed(read_ordered(record, 24));
    task.id = record.substr(head, id_size);
    task.payload = record.substr(head + id_size);
    return task;
}

/// Now and a time later, without overflow.
inline std::int64_t milliseconds_after(std::int64_t now, std::chrono::milliseconds by) noexcept {
    const std::int64_t count = by.count() < 0 ? 0 : by.count();
    return count > INT64_MAX - now ? INT64_MAX : now + count;
}

} // namespace detail

inline priority_queue::priority_queue(kv_handle store, std::string_view name, const queue_options& how)
    : store_(store), name_(name), prefix_("queue/"), how_(how) {
    for (const char c : name) {
        if (c == '/' || c == '%')
            prefix_ += c == '/' ? "%2F" : "%25";
        else
            prefix_ += c;
    }
    prefix_ += '/';
    if (name.empty() || prefix_.size() > 1024)
        throw programming_error("the name of a queue has " + std::to_string(name.size()) +
                                " bytes; it has at least 1, and at most about 1000");
    if (how.max_attempts == 0) throw programming_error("a queue's max_attempts is 0; a task is claimed at least once");
    if (how.visibility.count() <= 0)
        throw programming_error("a queue's visibility is " + std::to_string(how.visibility.count()) +
                                " ms; a claim lasts at least 1");
}

inline std::string priority_queue::ready_key(const queue_task& task, std::int64_t ready) const {
    std::string key = prefix_ + "r/";
    detail::append_ordered(key, detail::from_signed(task.priority));
    detail::append_ordered(key, detail::from_signed(ready));
    detail::append_ordered(key, task.number);
    return key;
}
inline std::string priority_queue::claim_key(const queue_task& task) const {
    std::string key = prefix_ + "c/";
    detail::append_ordered(key, detail::from_signed(task.deadline_ms));
    detail::append_ordered(key, task.number);
    return key;
}
/// Behind the keys of claims that have ended.
inline std::string priority_queue::ended_before(std::int64_t now) const {
    std::string key = prefix_ + "c/";
    detail::append_ordered(key, detail::from_signed(now) + 1);
    return key;
}
inline std::string priority_queue::dead_key(const queue_task& task) const {
    std::string key = prefix_ + "d/";
    detail::append_ordered(key, task.number);
    return key;
}

inline std::uint64_t priority_queue::enqueue(bytes_view payload, const enqueue_options& how) const {
    queue_task task{.id = std::string(how.id), .payload = std::string(payload.text()), .priority = how.priority};
    store_.write([&](detail::kv_connection& c) {
        const std::string counter = prefix_ + 'n';
        std::int64_t moment = detail::milliseconds_now();
        c.look_up(counter, [&](std::string_view last) {
            if (last.size() != 16) return;
            task.number = detail::read_ordered(last, 0);
            // A clock that was set back does not put what comes later in front.
            const std::int64_t before = detail::to_signed(detail::read_ordered(last, 8));
            if (before > moment) moment = before;
        });
        ++task.number;
        task.enqueued_ms = moment;
        if (task.id.empty()) task.id = std::to_string(task.number);
        std::string value;
        detail::append_ordered(value, task.number);
        detail::append_ordered(value, detail::from_signed(moment));
        detail::all_or_none scope(c);
        c.put(counter, value, 0);
        c.put(ready_key(task, detail::milliseconds_after(moment, how.delay)), detail::task_record(task), 0);
        scope.done();
    });
    return task.number;
}

inline std::optional<queue_task> priority_queue::first_ready(detail::kv_connection& c, std::int64_t now) const {
    const std::size_t head = prefix_.size() + 2;
    const std::string end = prefix_end(prefix_ + "r/");
    std::string from = prefix_ + "r/";
    for (;;) {
        detail::scan_state scan(c, from, end, {.limit = 1});
        const kv_entry* entry = scan.next();
        if (entry == nullptr) return std::nullopt;
        if (entry->key.size() != head + 24)
            throw operational_error("the queue '" + name_ + "' is damaged: a key is not of a task");
        const std::uint64_t priority = detail::read_ordered(entry->key, head);
        if (detail::read_ordered(entry->key, head + 8) <= detail::from_signed(now)) {
            queue_task task = detail::read_task(name_, entry->value);
            task.deadline_ms = detail::to_signed(detail::read_ordered(entry->key, head + 8)); // here: ready since
            return task;
        }
        if (priority == UINT64_MAX) return std::nullopt;
        from = prefix_ + "r/"; // all others of this priority come later
        detail::append_ordered(from, priority + 1);
    }
}

/// Puts the task where it belongs after a claim that has ended without success.
inline void priority_queue::put_back(detail::kv_connection& c, const queue_task& task, std::int64_t ready) const {
    const std::string record = detail::task_record(task);
    c.put(task.attempts >= how_.max_attempts ? dead_key(task) : ready_key(task, ready), record, 0);
}

inline void priority_queue::end_claims(detail::kv_connection& c, std::int64_t now) const {
    std::vector<kv_pair> ended;
    {
        detail::scan_state scan(c, prefix_ + "c/", ended_before(now), {.limit = claims_at_once});
        while (const kv_entry* entry = scan.next())
            ended.push_back({std::string(entry->key), std::string(entry->value)});
    }
    for (const kv_pair& claim : ended) {
        c.erase(claim.key);
        put_back(c, detail::read_task(name_, claim.value), now);
    }
}

inline std::optional<queue_task> priority_queue::dequeue() const {
    bool promising = false; // nobody waits for the right to write only to find nothing
    store_.read([&](detail::kv_connection& c) {
        const std::int64_t now = detail::milliseconds_now();
        promising = first_ready(c, now).has_value() ||
                    detail::scan_state(c, prefix_ + "c/", ended_before(now), {.limit = 1}).next() != nullptr;
    });
    std::optional<queue_task> task;
    if (!promising) return task;
    store_.write([&](detail::kv_connection& c) {
        const std::int64_t now = detail::milliseconds_now();
        detail::all_or_none scope(c);
        end_claims(c, now);
        task = first_ready(c, now);
        if (task) {
            c.erase(ready_key(*task, task->deadline_ms));
            ++task->attempts;
            task->deadline_ms = detail::milliseconds_after(now, how_.visibility);
            c.put(claim_key(*task), detail::task_record(*task), 0);
        }
        scope.done();
    });
    return task;
}

inline std::optional<queue_task> priority_queue::peek() const {
    std::optional<queue_task> task;
    store_.read([&](detail::kv_connection& c) {
        const std::int64_t now = detail::milliseconds_now();
        task = first_ready(c, now);
        detail::scan_state ended(c, prefix_ + "c/", ended_before(now), {.limit = claims_at_once});
        while (const kv_entry* entry = ended.next()) { // those that dequeue() puts back behind their equals
            queue_task back = detail::read_task(name_, entry->value);
            if (back.attempts >= how_.max_attempts) continue;
            if (!task || back.priority < task->priority) task = std::move(back);
        }
        if (task) task->deadline_ms = 0;
    });
    return task;
}

/// The task as the file has it, when the claim is still this one.
inline std::optional<queue_task> priority_queue::claimed(detail::kv_connection& c, const queue_task& task) const {
    const std::optional<std::string> record = c.get(claim_key(task));
    if (!record) return std::nullopt;
    queue_task kept = detail::read_task(name_, *record);
    if (kept.attempts != task.attempts) return std::nullopt;
    return kept;
}

inline bool priority_queue::ack(const queue_task& task) const {
    bool mine = false;
    store_.write([&](detail::kv_connection& c) {
        mine = claimed(c, task).has_value();
        if (mine) c.erase(claim_key(task));
    });
    return mine;
}

inline bool priority_queue::nack(const queue_task& task, std::chrono::milliseconds delay) const {
    bool mine = false;
    store_.write([&](detail::kv_connection& c) {
        const std::optional<queue_task> kept = claimed(c, task);
        mine = kept.has_value();
        if (!mine) return;
        detail::all_or_none scope(c);
        c.erase(claim_key(task));
        put_back(c, *kept, detail::milliseconds_after(detail::milliseconds_now(), delay));
        scope.done();
    });
    return mine;
}

inline bool priority_queue::extend(queue_task& task, std::chrono::milliseconds by) const {
    bool mine = false;
    queue_task longer = task;
    store_.write([&](detail::kv_connection& c) {
        const std::optional<queue_task> kept = claimed(c, task);
        mine = kept.has_value();
        if (!mine) return;
        longer.deadline_ms = detail::milliseconds_after(detail::milliseconds_now(), by);
        detail::all_or_none scope(c);
        c.erase(claim_key(task));
        c.put(claim_key(longer), detail::task_record(*kept), 0);
        scope.done();
    });
    if (mine) task.deadline_ms = longer.deadline_ms;
    return mine;
}

inline std::uint64_t priority_queue::count(detail::kv_connection& c, char part) const {
    const std::string prefix = prefix_ + part + '/';
    std::uint64_t n = 0;
    detail::scan_state scan(c, prefix, prefix_end(prefix), {});
    while (scan.next() != nullptr) ++n;
    return n;
}

inline queue_stats priority_queue::stats() const {
    queue_stats all;
    store_.read([&](detail::kv_connection& c) {
        const std::uint64_t now = detail::from_signed(detail::milliseconds_now());
        const std::string prefix = prefix_ + "r/";
        detail::scan_state scan(c, prefix, prefix_end(prefix), {});
        while (const kv_entry* entry = scan.next()) {
            const bool later =
                entry->key.size() == prefix.size() + 24 && detail::read_ordered(entry->key, prefix.size() + 8) > now;
            ++(later ? all.delayed : all.ready);
        }
        all.claimed = count(c, 'c');
        all.dead = count(c, 'd');
    });
    return all;
}

inline std::vector<queue_task> priority_queue::dead_letters(std::size_t most) const {
    std::vector<queue_task> dead;
    if (most == 0) return dead;
    store_.read([&](detail::kv_connection& c) {
        const std::string prefix = prefix_ + "d/";
        detail::scan_state scan(c, prefix, prefix_end(prefix), {.limit = most});
        while (const kv_entry* entry = scan.next()) dead.push_back(detail::read_task(name_, entry->value));
    });
    return dead;
}

inline bool priority_queue::revive(const queue_task& dead) const {
    bool there = false;
    store_.write([&](detail::kv_connection& c) {
        const std::optional<std::string> record = c.get(dead_key(dead));
        there = record.has_value();
        if (!there) return;
        queue_task task = detail::read_task(name_, *record);
        task.attempts = 0;
        detail::all_or_none scope(c);
        c.erase(dead_key(dead));
        c.put(ready_key(task, detail::milliseconds_now()), detail::task_record(task), 0);
        scope.done();
    });
    return there;
}

inline std::uint64_t priority_queue::purge_dead_letters() const {
    std::uint64_t erased = 0;
    store_.write([&](detail::kv_connection& c) {
        const std::string prefix = prefix_ + "d/";
        const std::string end = prefix_end(prefix);
        detail::execution s(c, "DELETE FROM weft_kv WHERE key >= ?1 AND key < ?2");
        s.bytes(prefix.data(), prefix.size()).bytes(end.data(), end.size()).run();
        erased = static_cast<std::uint64_t>(sqlite3_changes64(c.handle()));
    });
    return erased;
}

} // namespace weft::inline v0::embedded
