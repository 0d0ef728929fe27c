// `lodestone version`: the version, the commit, the compiler and the libraries.
#include "app/commands/command_version.hpp"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <toml++/impl/version.h>

#include <CLI/Version.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/version.hpp>
#include <utility>
#include <vector>

#include "app/commands/command_list.hpp"
#include "app/serving/build.hpp"
#include "db/engine_versions.hpp"

namespace lodestone::app {
namespace {

std::vector<std::pair<std::string, std::string>> list_libraries() {
    return {
        {"Boost",
         fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
        {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"SQLite", db::sqlite_version()},
        {"libpq", db::libpq_version()},
        {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
        {"CLI11", CLI11_VERSION},
        {"toml++", fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
    };
}

std::string compiler() {
    return std::string("clang ") + __clang_version__;
}

int run_version(const CommandSpec&, const Arguments& arguments, Console& console) {
    if (!arguments.has("--json")) {
        console.out << render_version_line() << "compiler: " << compiler() << '\n';
        for (const auto& [name, version] : list_libraries()) console.out << name << ": " << version << '\n';
        return 0;
    }
    boost::json::object libraries;
    for (const auto& [name, version] : list_libraries()) libraries[name] = version;
    const boost::json::object answer{{"version", build().version},
                                     {"commit", build().commit},
                                     {"compiler", compiler()},
                                     {"libraries", libraries}};
    console.out << boost::json::serialize(answer) << '\n';
    return 0;
}

}  // namespace

std::string render_version_line() {
    return fmt::format("lodestone {} ({})\n", build().version, build().commit);
}

std::string_view version_number() {
    return build().version;
}

CommandSpec make_version_command() {
    return {.name = "version",
            .about = "Print the version, the commit, the compiler and the libraries of this build",
            .options = {make_json_option()},
            .examples = {{"lodestone version --json", "For a bug report or a script"}},
            .run = run_version};
}

}  // namespace lodestone::app
