// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <new>

namespace weft::inline v0::net::detail {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool recycle_frames = false; // recycled memory would hide what the sanitizer looks for
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool recycle_frames = false;
#else
inline constexpr bool recycle_frames = true;
#endif
#else
inline constexpr bool recycle_frames = true;
#endif

/// Coroutine frames given back on this thread, by size. A frame may come from one thread and go back on another.
class frame_pool {
public:
    static void* allocate(std::size_t size) {
        if constexpr (recycle_frames) {
            const std::size_t c = size_class(size);
            if (c < classes) {
                bin& b = here().bins_[c];
                if (block* found = b.first) {
                    b.first = found->next;
                    --b.count;
                    return found;
                }
                size = (c + 1) * step;
            }
        }
        return ::operator new(size);
    }

    static void release(void* frame, std::size_t size) noexcept {
        if constexpr (recycle_frames) {
            const std::size_t c = size_class(size);
            if (c < classes && here().open_) {
                bin& b = here().bins_[c];
                if (b.count < most) {
                    b.first = ::new (frame) block{b.first};
                    ++b.count;
                    return;
                }
            }
        }
        ::operator delete(frame);
    }

private:
    static constexpr std::size_t step = 128;
    static constexpr std::size_t classes = 32; // larger frames come from the heap
    static constexpr unsigned most = 16;       // frames of one size kept by a thread

    struct block {
        block* next;
    };
    struct bin {
        block* first = nullptr;
        unsigned count = 0;
    };

    frame_pool() = default;
    ~frame_pool() {
        open_ = false; // destructors of other thread-local objects may still end coroutines
        for (bin& b : bins_) {
            while (b.first != nullptr) {
                block* const gone = b.first;
                b.first = gone->next;
                ::operator delete(gone);
            }
        }
    }

    static std::size_t size_class(std::size_t size) noexcept { return (size - 1) / step; }

    static frame_pool& here() noexcept {
        thread_local frame_pool pool;
        return pool;
    }

    bin bins_[classes];
    bool open_ = true;
};

} // namespace weft::inline v0::net::detail
