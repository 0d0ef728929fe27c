// Reading files, and the rule about who else may read a secret.
#include "base/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/limits.hpp"
#include "base/unique_fd.hpp"

namespace lodestone {
namespace {

std::string errno_clause(const std::string& verb) {
    return "cannot be " + verb + ": " + std::generic_category().message(errno);
}

FileText read_all(int fd, std::size_t limit_bytes) {
    std::string text;
    std::array<char, 16 * limits::kib> buffer;
    while (true) {
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return {std::nullopt, errno_clause("read")};
        if (size == 0) return {std::move(text), {}};
        text.append(buffer.data(), static_cast<std::size_t>(size));
        if (text.size() > limit_bytes)
            return {std::nullopt, "is larger than " + std::to_string(limit_bytes) + " bytes"};
    }
}

std::string octal(mode_t mode) {
    std::string text = "0000";
    for (std::size_t i = 0; i < 4; ++i) text[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7));
    return text;
}

std::optional<std::string> check_secret_mode(int fd, const std::string& path) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return errno_clause("examined");
    if (!S_ISREG(status.st_mode)) return "is not a regular file";
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        return "belongs to user " + std::to_string(status.st_uid) + ", who is neither this one nor root";
    const mode_t mode = status.st_mode & 07777;
    const bool is_own = (mode & 0077) == 0;
    const bool is_for_one_group = status.st_uid == 0 && (mode & 0037) == 0;
    const bool is_container_secret =
        status.st_uid == 0 && (mode & 0033) == 0 && path.starts_with("/run/secrets/");
    if (is_own || is_for_one_group || is_container_secret) return std::nullopt;
    const std::string who = (mode & 0007) != 0 ? "everybody" : "its group";
    return "is open to " + who + " (mode " + octal(mode) + "); run: chmod 600 " + quote_for_shell(path);
}

// Not blocking: what is named may be a pipe that nobody writes to.
UniqueFd open_secret(const std::string& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

}  // namespace

FileText read_file(const std::string& path, std::size_t limit_bytes) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) return {std::nullopt, errno_clause("opened")};
    return read_all(file.value(), limit_bytes);
}

FileText read_secret_file(const std::string& path) {
    const UniqueFd file = open_secret(path);
    if (!file.is_open()) return {std::nullopt, errno_clause("opened")};
    return read_open_secret(file.value(), path);
}

FileText read_open_secret(int fd, const std::string& path) {
    if (auto fault = check_secret_mode(fd, path)) return {std::nullopt, *fault};
    FileText secret = read_all(fd, limits::secret_file_bytes);
    if (!secret.text) return secret;
    while (!secret.text->empty() && (secret.text->back() == '\n' || secret.text->back() == '\r'))
        secret.text->pop_back();
    if (secret.text->empty()) return {std::nullopt, "is empty"};
    return secret;
}

std::optional<std::string> check_secret_file(const std::string& path) {
    const UniqueFd file = open_secret(path);
    if (!file.is_open()) return errno_clause("opened");
    return check_secret_mode(file.value(), path);
}

std::string quote_for_shell(const std::string& text) {
    const auto is_harmless = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+:,@%").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_harmless)) return text;
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace lodestone
