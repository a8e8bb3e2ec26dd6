# The helpers with which CMakeLists.txt lists the rooms.

# weft_package(TARGET "NAME [VERSION]" PKG_CONFIG_NAME): where an outside library comes from. A library that is absent
# is an error only for the targets that use it.
function(weft_package target package pkg_config)
  separate_arguments(arguments UNIX_COMMAND "${package}")
  if(NOT TARGET ${target})
    find_package(${arguments} QUIET GLOBAL)
    if(TARGET SQLite::SQLite3 AND NOT TARGET SQLite3::SQLite3)
      add_library(SQLite3::SQLite3 ALIAS SQLite::SQLite3) # its name before CMake 4.3
    endif()
    if(TARGET xsimd AND NOT TARGET xtl)
      set_property(TARGET xsimd PROPERTY INTERFACE_LINK_LIBRARIES "") # Debian 12's names xtl, but works without
    endif()
  endif()
  set_property(GLOBAL PROPERTY "weft_package_${target}" "${package}")
  set_property(GLOBAL APPEND PROPERTY weft_pkg_config ${pkg_config})
endfunction()

# weft_room(NAME NEEDS...): the interface target weft::NAME. NEEDS are rooms declared above it and library targets.
function(weft_room name)
  add_library(weft_${name} INTERFACE)
  add_library(weft::${name} ALIAS weft_${name})
  set_target_properties(weft_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(weft_${name} INTERFACE cxx_std_20)
  target_include_directories(weft_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                    $<INSTALL_INTERFACE:include>)
  set(packages)
  foreach(need IN LISTS ARGN)
    if(TARGET weft_${need} AND NOT need STREQUAL name) # the library zstd is not the component
      target_link_libraries(weft_${name} INTERFACE weft_${need})
      get_property(more TARGET weft_${need} PROPERTY weft_packages)
    else()
      target_link_libraries(weft_${name} INTERFACE ${need})
      get_property(more GLOBAL PROPERTY "weft_package_${need}")
    endif()
    list(APPEND packages ${more})
  endforeach()
  list(REMOVE_DUPLICATES packages)
  set_property(TARGET weft_${name} PROPERTY weft_packages "${packages}")
  set(WEFT_ROOMS ${WEFT_ROOMS} ${name} PARENT_SCOPE)
endfunction()

# weft_component(NAME HEADERS NEEDS...): the interface target weft::NAME for headers which need a library that the rest
# of their room does without.
function(weft_component name headers)
  weft_room(${name} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY weft_component_headers ${headers})
  set(WEFT_COMPONENTS ${WEFT_COMPONENTS} ${name} PARENT_SCOPE)
endfunction()
