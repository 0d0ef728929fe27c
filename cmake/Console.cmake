# The console: web/ is bundled by esbuild, compressed beforehand and linked into lodestone_web, so that the program is
# one file. What is done step by step stands in EmbedConsole.cmake, which runs at build time.
find_program(ESBUILD esbuild REQUIRED)
find_program(GZIP gzip REQUIRED)
find_program(ZSTD zstd REQUIRED)

file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/*.ts ${PROJECT_SOURCE_DIR}/web/*.css
     ${PROJECT_SOURCE_DIR}/web/*.html ${PROJECT_SOURCE_DIR}/web/*.svg)
list(FILTER console_sources EXCLUDE REGEX "/node_modules/")
file(GLOB console_guides CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/user/*.md)

set(console_dir ${PROJECT_BINARY_DIR}/console)
add_custom_command(
    OUTPUT ${console_dir}/console_assets.cpp
    COMMAND ${CMAKE_COMMAND} -DWEB=${PROJECT_SOURCE_DIR}/web -DGUIDES=${PROJECT_SOURCE_DIR}/docs/user
            -DOUT=${console_dir} -DESBUILD=${ESBUILD} -DGZIP=${GZIP} -DZSTD=${ZSTD}
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedConsole.cmake
    DEPENDS ${console_sources} ${console_guides} ${PROJECT_SOURCE_DIR}/cmake/EmbedConsole.cmake
    COMMENT "Bundling the console"
    VERBATIM)
target_sources(lodestone_web PRIVATE ${console_dir}/console_assets.cpp)
