#include <weft/upper/b.hpp>
