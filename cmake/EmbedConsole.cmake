# cmake -P: web/ and docs/user/ → OUT/files/ (bundled, named by hash, compressed) and OUT/console_assets.cpp, which
# pulls these files into the program with .incbin: bytes of any number cost the compiler nothing.
cmake_minimum_required(VERSION 3.25)

set(files ${OUT}/files)
file(REMOVE_RECURSE ${files} ${OUT}/bundle)
file(MAKE_DIRECTORY ${files} ${OUT}/bundle)

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Same names in, same names out: whatever says /assets/<name> will say /assets/<name>-<hash>.
set(renames "")
function(apply_renames text_variable)
    set(text "${${text_variable}}")
    foreach(rename IN LISTS renames)
        string(REGEX MATCH "^(.*)=(.*)$" unused "${rename}")
        string(REPLACE "/assets/${CMAKE_MATCH_1}" "/assets/${CMAKE_MATCH_2}" text "${text}")
    endforeach()
    set(${text_variable} "${text}" PARENT_SCOPE)
endfunction()

# One struct of the array; compressed forms that save nothing are left out. The array's text and the assembler's
# grow in `rows`, `symbols` and `assembly`.
set(rows "")
set(symbols "")
set(assembly "")
set(count 0)
function(embed file url content_type is_immutable)
    run(${GZIP} -9 -n -k -f ${file})
    run(${ZSTD} -19 -q -f ${file})
    file(SIZE ${file} plain_size)
    file(SHA256 ${file} hash)
    string(SUBSTRING ${hash} 0 32 etag)
    set(row "    {.path = \"${url}\",\n     .content_type = \"${content_type}\"")
    foreach(form IN ITEMS bytes: gzip:.gz zstd:.zst)
        string(REGEX MATCH "^(.*):(.*)$" unused ${form})
        set(field ${CMAKE_MATCH_1})
        set(form_file ${file}${CMAKE_MATCH_2})
        set(symbol lodestone_asset_${count}_${field})
        file(SIZE ${form_file} size)
        if(field STREQUAL "bytes" OR size LESS plain_size)
            string(APPEND row ",\n     .${field} = {${symbol}, ${size}}")
            string(APPEND symbols "extern const char ${symbol}[];\n")
            string(APPEND assembly ".hidden ${symbol}\n.global ${symbol}\n${symbol}: .incbin \"${form_file}\"\n")
        else()
            string(APPEND row ",\n     .${field} = {}")
        endif()
    endforeach()
    string(APPEND rows "${row},\n     .etag = \"\\\"${etag}\\\"\",\n     .is_immutable = ${is_immutable}},\n")
    math(EXPR next "${count} + 1")
    set(count ${next} PARENT_SCOPE)
    foreach(name IN ITEMS rows symbols assembly)
        set(${name} "${${name}}" PARENT_SCOPE)
    endforeach()
endfunction()

# `source` under its hashed name; remembers the new name for those who refer to it.
macro(embed_hashed source name content_type)
    file(READ ${source} text)
    apply_renames(text)
    string(SHA256 hash "${text}")
    string(SUBSTRING ${hash} 0 10 short_hash)
    string(REGEX MATCH "^(.*)(\\.[a-z]+)$" unused ${name})
    set(hashed_name ${CMAKE_MATCH_1}-${short_hash}${CMAKE_MATCH_2})
    file(WRITE ${files}/${hashed_name} "${text}")
    embed(${files}/${hashed_name} /assets/${hashed_name} "${content_type}" true)
    list(APPEND renames "${name}=${hashed_name}")
endmacro()

run(${ESBUILD} ${WEB}/src/main.ts ${WEB}/src/boot.ts ${WEB}/style.css --bundle --minify --target=es2020
    --charset=utf8 --log-level=warning --external:/assets/* --entry-names=[name] --outdir=${OUT}/bundle)

# Those that are referred to come before those that refer to them.
embed_hashed(${WEB}/icon.svg icon.svg image/svg+xml)
file(GLOB guides ${GUIDES}/*.md)
foreach(guide IN LISTS guides)
    cmake_path(GET guide FILENAME guide_name)
    embed_hashed(${guide} ${guide_name} "text/plain; charset=utf-8")
endforeach()
embed_hashed(${OUT}/bundle/style.css style.css "text/css; charset=utf-8")
embed_hashed(${OUT}/bundle/boot.js boot.js "text/javascript; charset=utf-8")
embed_hashed(${OUT}/bundle/main.js main.js "text/javascript; charset=utf-8")

file(READ ${WEB}/index.html page)
apply_renames(page)
file(WRITE ${files}/index.html "${page}")
embed(${files}/index.html / "text/html; charset=utf-8" false)

file(WRITE ${OUT}/console_assets.cpp "// Made by cmake/EmbedConsole.cmake from web/ and docs/user/: the console's files as they lie in the program.
#include \"web/assets.hpp\"

asm(R\"(
.section .rodata
${assembly}.text
)\");

extern \"C\" {
${symbols}}

namespace lodestone::web {

namespace {
constexpr http::Asset assets[] = {
${rows}};
}  // namespace

std::span<const http::Asset> console_assets() {
    return assets;
}

}  // namespace lodestone::web
")
