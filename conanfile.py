import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

required_conan_version = ">=2"


class Weft(ConanFile):
    name = "weft"
    description = "Cursor algebra over SQL connections, and vector search"
    license = "BSL-1.0"
    topics = ("sql", "database", "arrow", "vector-search", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {f"with_{library}": [True, False] for library in ("sqlite", "simdjson", "openssl", "xsimd", "zlib", "zstd")}
    default_options = {
        "with_sqlite": True,
        "with_simdjson": True,
        "with_openssl": True,
        "with_xsimd": False,
        "with_zlib": False,
        "with_zstd": False,
    }
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True

    def set_version(self):
        config = load(self, f"{self.recipe_folder}/include/weft/core/config.hpp")
        self.version = re.search(r'define WEFT_VERSION "(.*)"', config).group(1)

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("boost/[>=1.81]", options={"header_only": True})
        if self.options.with_sqlite:
            self.requires("sqlite3/[>=3.40]")
        if self.options.with_simdjson:
            self.requires("simdjson/[>=3]")
        if self.options.with_xsimd:
            self.requires("xsimd/[>=8.1]")
        if self.options.with_openssl:
            self.requires("openssl/[>=3.0 <4]")
            if self.options.with_zlib:
                self.requires("zlib/[>=1.2.13]")
            if self.options.with_zstd:
                self.requires("zstd/[>=1.5]")

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, f"{self.package_folder}/licenses")
        copy(self, "*.hpp", f"{self.source_folder}/include", f"{self.package_folder}/include")

    def package_info(self):
        rooms = {
            "core": ["boost::headers"],
            "simd": [],
            "columnar": ["core"],
            "format": ["columnar"],
            "cursor": ["format"],
            "pool": ["core"],
            "vector": ["core", "simd"],
            "transfer": ["cursor"],
        }
        if self.options.with_sqlite:
            rooms |= {"embedded": ["cursor", "sqlite3::sqlite3"], "testing": ["embedded"]}
        if self.options.with_openssl:
            rooms["net"] = ["core", "openssl::ssl"]
            rooms["mysql"] = ["cursor", "simd", "net"]
        if self.options.with_sqlite and self.options.with_openssl:
            rooms["connect"] = ["embedded", "mysql"]
            rooms["toondb"] = ["embedded", "net"]
        rooms["weft"] = list(rooms)
        if self.options.with_sqlite:
            rooms["collections"] = ["embedded", "vector"]
        if self.options.with_simdjson:
            rooms["json_lines"] = ["transfer", "simdjson::simdjson"]
        if self.options.with_xsimd:
            rooms["xsimd"] = ["simd", "xsimd::xsimd"]
        if self.options.with_openssl and self.options.with_zlib:
            rooms["zlib"] = ["mysql", "zlib::zlib"]
        if self.options.with_openssl and self.options.with_zstd:
            rooms["zstd"] = ["mysql", "zstd::zstd"]
        for room, needs in rooms.items():
            component = self.cpp_info.components[room]
            component.requires = needs
            component.bindirs = component.libdirs = []
            if room in ("net", "pool", "vector") and self.settings.os in ("Linux", "FreeBSD"):
                component.system_libs = ["pthread"]
            component.set_property("cmake_target_name", f"weft::{room}")
