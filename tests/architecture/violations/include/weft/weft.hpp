#include <weft/core.hpp>
#include <weft/upper.hpp>
