# An overlay port: vcpkg install weft --overlay-ports=<checkout>/packaging/vcpkg. It packages the checkout it lies in.

set(SOURCE_PATH "${CURRENT_PORT_DIR}/../../..")
set(VCPKG_BUILD_TYPE release) # header-only

vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
                      OPTIONS -DWEFT_TESTS=OFF -DWEFT_EXAMPLES=OFF -DWEFT_BENCHMARKS=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/weft)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
