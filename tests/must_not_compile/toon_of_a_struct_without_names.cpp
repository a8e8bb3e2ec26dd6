// expect: must be described with BOOST_DESCRIBE_STRUCT
// Members become keys, so a struct that becomes TOON needs names for them.

#include <weft/core/describe.hpp>
#include <weft/format/toon_encode.hpp>

#include <vector>

struct point {
    int x;
    int y;
};
#ifdef WEFT_CORRECT
BOOST_DESCRIBE_STRUCT(point, (), (x, y))
#endif

std::string text(const std::vector<point>& points) {
    return weft::encode_toon(points);
}
