// expect: complete_index
// An any_index can do everything, so what it holds must.

#include <weft/vector/any_index.hpp>

#ifdef WEFT_CORRECT
using held = weft::vector::flat<weft::vector::l2>;
#else
struct held {
    explicit held(std::size_t);
    std::size_t dimension() const;
    std::size_t size() const;
    bool contains(std::uint64_t id) const;
    void insert(std::uint64_t id, std::span<const float> values);
    bool erase(std::uint64_t id);
    std::vector<weft::vector::neighbour> search(std::span<const float> query, std::size_t k) const;
};
static_assert(weft::vector::vector_index<held>);
#endif

weft::vector::any_index made{held(16)};
