#include <weft/core/detail/private.hpp>
#include <weft/upper.hpp>
