import os

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, get

required_conan_version = ">=2.0"


class Koophone(ConanFile):
    name = "koophone"
    description = "Client of Huawei Cloud KooPhone (cloud phones), with a local emulator"
    homepage = "https://github.com/koophone/koophone"
    license = "Apache-2.0"
    topics = ("huaweicloud", "koophone", "android", "testing")
    package_type = "shared-library"
    # It exports only C functions, so one build is for every compiler and configuration.
    settings = "os", "arch"

    def _archive(self):
        archives = self.conan_data["sources"][self.version]
        return archives.get(str(self.settings.os), {}).get(str(self.settings.arch))

    def validate(self):
        if self._archive() is None:
            raise ConanInvalidConfiguration(f"koophone has no package for {self.settings.os} on {self.settings.arch}")

    def build(self):
        get(self, **self._archive(), strip_root=True)

    def package(self):
        def take(pattern, source, to):
            copy(self, pattern, os.path.join(self.build_folder, source), os.path.join(self.package_folder, to))

        take("LICENSE", "share/doc/koophone", "licenses")
        take("*", "include", "include")
        for library in ("libkoophone.so*", "koophone.lib", "libkoophone.dll.a"):
            take(library, "lib", "lib")
        take("koophone.dll", "bin", "bin")

    def package_info(self):
        self.cpp_info.libs = ["koophone"]
        self.cpp_info.set_property("cmake_file_name", "koophone")
        self.cpp_info.set_property("cmake_target_name", "koophone::koophone")
        self.cpp_info.set_property("pkg_config_name", "koophone")
