# Cargo builds it as it is released; a debug build would link like this one.
set(VCPKG_BUILD_TYPE release)
set(VCPKG_POLICY_MISMATCHED_NUMBER_OF_BINARIES enabled)

vcpkg_download_distfile(archive
    URLS "@url@/verifysms-@version@.tar.gz"
    FILENAME "verifysms-@version@.tar.gz"
    SHA512 @sha512@
)
vcpkg_extract_source_archive(source ARCHIVE "${archive}")

find_program(MAKE make REQUIRED)
find_program(CARGO cargo REQUIRED)
set(share "/share/${PORT}")
vcpkg_execute_required_process(
    COMMAND "${CMAKE_COMMAND}" -E env CARGO_NET_OFFLINE=true
        "${MAKE}" install "CARGO=${CARGO}" "DESTDIR=${CURRENT_PACKAGES_DIR}" PREFIX=/ "BINDIR=/tools/${PORT}"
        "DOCDIR=${share}" "CMAKEDIR=${share}" "BASHCOMPDIR=${share}/completions" "ZSHCOMPDIR=${share}/completions"
        "FISHCOMPDIR=${share}/completions"
    WORKING_DIRECTORY "${source}"
    LOGNAME "install-${TARGET_TRIPLET}"
)
if(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
    file(GLOB unwanted "${CURRENT_PACKAGES_DIR}/lib/libverifysms.so*" "${CURRENT_PACKAGES_DIR}/lib/libverifysms*.dylib")
else()
    set(unwanted "${CURRENT_PACKAGES_DIR}/lib/libverifysms.a")
endif()
file(REMOVE ${unwanted})
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/man")

vcpkg_fixup_pkgconfig()
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${source}/LICENSE-MIT" "${source}/LICENSE-APACHE")
