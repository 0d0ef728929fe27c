// From files to a chain of versions.
#include "db/migrate/migration_set.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::db {

namespace {

constexpr std::size_t version_digits = 4;

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw Problem(problems::invalid_input, "migrations/" + file + ": " + why + ".");
}

struct FileName {
    std::optional<std::int64_t> version;  // nothing: a repeatable
    bool is_whole = false;
    std::string name;
    std::optional<EngineKind> engine;
    bool is_down = false;
};

bool take_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

std::optional<std::int64_t> read_version(std::string_view digits) {
    std::int64_t version = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    const bool is_version = digits.size() == version_digits && end == digits.data() + digits.size() &&
                            fault == std::errc() && version > 0;
    return is_version ? std::optional(version) : std::nullopt;
}

FileName read_file_name(const std::string& file) {
    constexpr auto pattern =
        "the name is none of NNNN_name[.sqlite|.postgres].up.sql, …down.sql, R__name[…].sql, "
        "W__NNNN.sqlite.sql, W__NNNN.postgres.sql";
    FileName read;
    std::string_view rest = file;
    if (!take_suffix(rest, ".sql")) refuse(file, pattern);
    read.is_down = take_suffix(rest, ".down");
    const bool is_up = !read.is_down && take_suffix(rest, ".up");
    if (take_suffix(rest, ".sqlite")) read.engine = EngineKind::sqlite;
    if (!read.engine && take_suffix(rest, ".postgres")) read.engine = EngineKind::postgres;
    if (rest.starts_with("W__")) {
        read.version = read_version(rest.substr(3));
        if (!read.version || !read.engine || is_up || read.is_down) refuse(file, pattern);
        read.is_whole = true;
        return read;
    }
    if (rest.starts_with("R__")) {
        if (is_up) refuse(file, "a repeatable is named without .up");
        rest.remove_prefix(3);
    } else {
        const auto digits = std::min(rest.find('_'), rest.size());
        read.version = read_version(rest.substr(0, digits));
        if (!read.version || digits == rest.size() || (!is_up && !read.is_down)) refuse(file, pattern);
        rest.remove_prefix(digits + 1);
    }
    read.name = rest;
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (rest.empty() || rest.find_first_not_of(allowed) != rest.npos)
        refuse(file, "a name is made of small letters, digits and underscores");
    return read;
}

// The files of one version or repeatable.
struct Parts {
    std::string name;
    std::optional<Script> up;
    std::optional<Script> down;
    std::string any_file;
};

// A version that one engine has a file for, and the other has not, is a mistake; so its parts are noted for
// both.
void add_file(Parts& parts, const FileName& name, const MigrationFile& file, EngineKind engine) {
    if (!parts.any_file.empty() && parts.name != name.name)
        refuse(file.name, "another file has this version: " + parts.any_file);
    parts.name = name.name;
    parts.any_file = file.name;
    if (name.engine && *name.engine != engine) return;
    std::optional<Script>& place = name.is_down ? parts.down : parts.up;
    if (place) refuse(file.name, "the engine has two files for this: also " + place->file);
    place = parse_script(file.name, file.text, engine);
}

void add_whole(MigrationSet& set, std::int64_t version, const MigrationFile& file) {
    if (set.whole) refuse(file.name, "the engine has two files for this: also " + set.whole->script.file);
    set.whole = {.version = version, .script = parse_script(file.name, file.text, set.engine)};
    if (!set.whole->script.is_transactional) refuse(file.name, "it runs as one transaction");
}

Script take_up(Parts& parts, EngineKind engine) {
    if (!parts.up)
        refuse(parts.any_file, std::string("there is no file to apply this on ") +
                                   (engine == EngineKind::sqlite ? "SQLite" : "PostgreSQL"));
    return *std::move(parts.up);
}

}  // namespace

const Migration* MigrationSet::find(std::int64_t version) const {
    const auto found = std::ranges::find(versions, version, &Migration::version);
    return found == versions.end() ? nullptr : &*found;
}

const Repeatable* MigrationSet::find(const std::string& name) const {
    const auto found = std::ranges::find(repeatables, name, &Repeatable::name);
    return found == repeatables.end() ? nullptr : &*found;
}

MigrationSet make_migration_set(std::span<const MigrationFile> files, EngineKind engine) {
    std::map<std::int64_t, Parts> versions;
    std::map<std::string, Parts> repeatables;
    MigrationSet set{.engine = engine};
    for (const MigrationFile& file : files) {
        const FileName name = read_file_name(file.name);
        if (!name.is_whole)
            add_file(name.version ? versions[*name.version] : repeatables[name.name], name, file, engine);
        else if (name.engine == engine)
            add_whole(set, *name.version, file);
    }
    for (auto& [version, parts] : versions)
        set.versions.push_back({version, parts.name, take_up(parts, engine), std::move(parts.down)});
    for (auto& [name, parts] : repeatables)
        set.repeatables.push_back({name, take_up(parts, engine), std::move(parts.down)});
    if (set.whole && set.find(set.whole->version) == nullptr)
        refuse(set.whole->script.file, "there is no such version");
    return set;
}

const MigrationSet& embedded_migrations(EngineKind engine) {
    if (engine == EngineKind::sqlite) {
        static const MigrationSet sqlite = make_migration_set(embedded_migration_files(), engine);
        return sqlite;
    }
    static const MigrationSet postgres = make_migration_set(embedded_migration_files(), engine);
    return postgres;
}

std::vector<MigrationFile> read_migration_folder(const std::string& path) {
    std::error_code fault;
    std::vector<MigrationFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, fault)) {
        if (entry.path().extension() != ".sql") continue;
        if (files.size() == limits::migration_files)
            throw Problem(problems::invalid_input, "There are too many migrations in " + path + ".");
        std::ifstream file(entry.path(), std::ios::binary);
        files.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(file), {}}});
        if (file.bad()) refuse(files.back().name, "the file cannot be read");
    }
    if (fault)
        throw Problem(problems::invalid_input,
                      "The folder of migrations " + path + " cannot be read: " + fault.message() + ".");
    std::ranges::sort(files, {}, &MigrationFile::name);
    return files;
}

}  // namespace lodestone::db
