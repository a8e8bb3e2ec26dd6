// Everything of the room, and one index.

#include <weft/vector.hpp>

#include <vector>

int main() {
    weft::vector::hnsw<weft::vector::cosine, weft::vector::int8> index(3);
    index.insert(1, std::vector<float>{1, 2, 3});
    return index.search(std::vector<float>{1, 2, 3}, 1).size() == 1 ? 0 : 1;
}
