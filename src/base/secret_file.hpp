// Reading files that somebody names, within a limit, and refusing secrets that others can read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace lodestone {

// Either the text or one clause that says why there is none ("cannot be read: Permission denied").
struct FileText {
    std::optional<std::string> text;
    std::string fault;
};

FileText read_file(const std::string& path, std::size_t limit_bytes);

// A secret, without the newline that editors put at its end. Its file must be a regular one that belongs to
// us or to root and that only its owner can read; two exceptions, made for what systemd and container
// runtimes do: a file of root's may be readable by a group (0440), and below /run/secrets, which only the
// container sees, by everybody.
FileText read_secret_file(const std::string& path);
// The same of a file that is open already; `path` only names it.
FileText read_open_secret(int fd, const std::string& path);
// The same check without reading; the fault names the chmod to run.
std::optional<std::string> check_secret_file(const std::string& path);

// In single quotes unless every character is harmless to a shell.
std::string quote_for_shell(const std::string& text);

}  // namespace lodestone
