# Headers, the CMake package (weft::<room> targets) and the pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/weft)
set(components ${WEFT_ROOMS} ${WEFT_COMPONENTS})
list(TRANSFORM components PREPEND weft_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} EXPORT weft)
install(EXPORT weft NAMESPACE weft:: DESTINATION ${package_dir} FILE weft-targets.cmake)
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(component_packages)
foreach(room IN LISTS components)
  get_property(packages TARGET weft_${room} PROPERTY weft_packages)
  string(APPEND component_packages "set(weft_packages_${room} \"${packages}\")\n")
endforeach()
configure_package_config_file(cmake/weft-config.cmake.in ${PROJECT_BINARY_DIR}/weft-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/weft-config-version.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/weft-config.cmake ${PROJECT_BINARY_DIR}/weft-config-version.cmake
        DESTINATION ${package_dir})

get_property(pkg_config GLOBAL PROPERTY weft_pkg_config)
list(JOIN pkg_config ", " pkg_config)
file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_DATADIR}/pkgconfig /prefix)
configure_file(cmake/weft.pc.in ${PROJECT_BINARY_DIR}/weft.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/weft.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
