# The .deb: ./dev package. Also what `cmake --install` puts where.
include(GNUInstallDirs)
set(packaging_dir ${PROJECT_SOURCE_DIR}/packaging)
set(package_work ${PROJECT_BINARY_DIR}/package)

install(TARGETS lodestone RUNTIME DESTINATION bin)
install(FILES ${packaging_dir}/lodestone.service ${packaging_dir}/lodestone.socket DESTINATION lib/systemd/system)
install(FILES ${packaging_dir}/lodestone.toml DESTINATION /etc/lodestone)
install(DIRECTORY DESTINATION /etc/lodestone/credentials
        DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES ${packaging_dir}/debian/copyright DESTINATION share/doc/lodestone)
install(FILES ${packaging_dir}/haproxy.cfg DESTINATION share/doc/lodestone/examples)
install(FILES ${packaging_dir}/lintian-overrides DESTINATION share/lintian/overrides RENAME lodestone)

# Debian wants manual pages and changelogs compressed; -n keeps times out of the bytes.
string(TIMESTAMP LODESTONE_CHANGELOG_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${packaging_dir}/debian/changelog.in ${package_work}/changelog @ONLY)
configure_file(${packaging_dir}/lodestone.1 ${package_work}/lodestone.1 COPYONLY)
install(CODE "execute_process(COMMAND gzip -9nkf changelog lodestone.1 WORKING_DIRECTORY \"${package_work}\"
                              COMMAND_ERROR_IS_FATAL ANY)")
install(FILES ${package_work}/lodestone.1.gz DESTINATION share/man/man1)
install(FILES ${package_work}/changelog.gz DESTINATION share/doc/lodestone)

# The shells' completions come from the program itself, so that they cannot disagree with it.
foreach(shell_and_file IN ITEMS bash:lodestone zsh:_lodestone fish:lodestone.fish)
    string(REPLACE ":" ";" pair ${shell_and_file})
    list(GET pair 0 shell)
    list(GET pair 1 file)
    install(CODE "execute_process(COMMAND \"$<TARGET_FILE:lodestone>\" completion ${shell}
                                  OUTPUT_FILE \"${package_work}/${file}\" COMMAND_ERROR_IS_FATAL ANY)")
endforeach()
install(FILES ${package_work}/lodestone DESTINATION share/bash-completion/completions)
install(FILES ${package_work}/_lodestone DESTINATION share/zsh/vendor-completions)
install(FILES ${package_work}/lodestone.fish DESTINATION share/fish/vendor_completions.d)

set(CPACK_GENERATOR DEB)
set(CPACK_PROJECT_CONFIG_FILE ${packaging_dir}/check_tools.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME lodestone)
set(CPACK_PACKAGE_VENDOR "Lodestone")
set(CPACK_PACKAGE_CONTACT "Lodestone maintainers <maintainers@lodestone.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "registry for everything a software organisation makes and runs")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Lodestone is one registry for packages and images, models and datasets,
services, and the templates they start from: one binary, one identity, one
dependency graph, one audit log. This version is its foundation: tenants,
people, keys and roles at a shell and over an API, the audit log, on SQLite
or PostgreSQL. Packages, models and services come later.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libpq is loaded on demand, so nobody finds it in the program.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, libarchive13 (>= 3.6), libpq5 (>= 15)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging_dir}/debian/postinst ${packaging_dir}/debian/prerm
                                       ${packaging_dir}/debian/postrm ${packaging_dir}/debian/conffiles)
include(CPack)
