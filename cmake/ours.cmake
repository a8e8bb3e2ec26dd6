# What weft's own programs (tests, examples, benchmarks) are built with and its users' are not.
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(weft_warnings INTERFACE)
target_compile_options(weft_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Optimizing g++ 12 sees overlap where a std::string is put together from pieces (its bug 105651), and writes past the
  # end where a vector of a known size is filled.
  target_compile_options(weft_warnings INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wno-restrict>
                                                 $<$<NOT:$<CONFIG:Debug>>:-Wno-stringop-overflow>)
endif()

# For units that are compiled with AVX-512: its intrinsics in g++ 12 read a variable that nobody sets (its bug 105593).
set(WEFT_AVX512_WARNINGS)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(WEFT_AVX512_WARNINGS -Wno-uninitialized -Wno-maybe-uninitialized)
endif()

if(WEFT_SANITIZE)
  add_compile_options(-fsanitize=${WEFT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WEFT_SANITIZE})
endif()

find_program(WEFT_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND WEFT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WEFT_CCACHE})
endif()
