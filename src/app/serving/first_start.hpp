// The first start of an installation, as its operator sees it: an administrator, and a password that only
// they learn. It is printed once to a terminal; without one it waits in a file that only the server's user
// can read. It is never logged.
#pragma once

#include <optional>
#include <string>

#include "app/config/config.hpp"
#include "app/serving/data_folder.hpp"
#include "base/context.hpp"
#include "db/database.hpp"

namespace lodestone::app {

// Twenty-five characters that are not mistaken for each other, 125 bits: "x7kd4-…".
std::string make_one_time_password(Random& random);

// What the hash of tokens is keyed with: configured, or this data folder's own.
std::string load_pepper(const Config& config, const DataFolder& folder, Random& random);
// What secrets that are read again are sealed with; likewise.
std::string load_sealing_key(const Config& config, const DataFolder& folder, Random& random);
// Refuses with a Problem when these two are not the ones that the database is used with.
void check_installation_secrets(const Config& config, const DataFolder& folder, Random& random,
                                db::Database& database);

struct FirstPassword {
    std::string text;
    bool is_chosen = false;  // by the operator, who is not asked to change it
};
// Of an installation that has yet to begin; nothing when it has. Throws Problem when admin.password_file
// cannot be used, and what the database throws.
std::optional<FirstPassword> choose_first_password(const Config& config, const DataFolder& folder,
                                                   Context& context, db::Database& database);

struct FirstStart {
    // The secret file that holds the password until somebody has read it; empty when the operator chose it.
    std::string password_file;
};

// Makes the first installation, which takes as long as a password's hash. Nothing: another node was quicker.
std::optional<FirstStart> begin_installation(const Config& config, const DataFolder& folder, Context& context,
                                             db::Database& database, const FirstPassword& password);

// Both. Nothing: the installation has begun before.
std::optional<FirstStart> make_first_start(const Config& config, const DataFolder& folder, Context& context,
                                           db::Database& database);

// The password, to be shown now and never again: the file is gone after it.
std::string take_first_password(const DataFolder& folder);

}  // namespace lodestone::app
