// The folder that holds everything a single node keeps: opened by one process at a time, readable by its
// owner alone, with the secrets that were generated for it.
//
//   DIR/lock                     held while a server runs
//   DIR/lodestone.db             the embedded database
//   DIR/blobs                    the bytes of packages, unless blobs.dir is elsewhere
//   DIR/secrets/operator-token   who may see /metrics and the like from elsewhere
//   DIR/secrets/pepper           what tokens are hashed with: without it, every key and session is invalid
//   DIR/secrets/admin-password   of the first start, until somebody has read it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::app {

class DataFolder {
  public:
    // alone: no other process of ours may be in it. beside: a command that does one thing, whether or not a
    // server runs; it keeps nobody out, or a server could not start because somebody looks at a list.
    enum class Use : std::uint8_t { alone, beside };
    // Makes it if it is not there. Throws Problem(invalid_input): not writable, in use by a process, or
    // prepared by somebody else: it and what we open in it must belong to us or root, be writable to nobody
    // else, and be no symbolic links.
    explicit DataFolder(std::string path, Use use = Use::alone);

    const std::string& path() const { return path_; }
    std::string database_path() const { return database_path(path_); }
    // For whoever only looks, and does not hold the folder.
    static std::string database_path(const std::string& folder) { return folder + "/lodestone.db"; }
    std::string operator_token_path() const { return path_ + "/secrets/operator-token"; }

    // The secret kept in secrets/NAME, made from `random` on first use and never changed by us again.
    std::string load_or_make_secret(std::string_view name, Random& random) const;
    // The same, where a new one is `made`.
    std::string load_or_make_secret(std::string_view name, const std::string& made) const;
    void remove_secret(std::string_view name) const;
    std::string secret_path(std::string_view name) const { return path_ + "/secrets/" + std::string(name); }

  private:
    std::string path_;
    UniqueFd folder_;
    UniqueFd secrets_;
    UniqueFd lock_;
};

// The secret that a file holds; throws Problem(invalid_input) when there is none, others could read it, or it
// is so short that it could be guessed.
std::string read_secret(const std::string& path);

}  // namespace lodestone::app
