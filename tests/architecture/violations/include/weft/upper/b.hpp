#include <weft/core.hpp>
#include <weft/core/detail/private.hpp>
#include <weft/same.hpp>
#include <weft/testing.hpp>
