// Labels stand in a column of their own; what belongs to one line of it stands below, as far in.
#include "app/serving/way_in.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/serving/build.hpp"
#include "app/serving/reachable_url.hpp"
#include "base/secret_file.hpp"
#include "identity/sign_in/first_installation.hpp"

namespace lodestone::app {

namespace {

// Where this program stands, as short as a shell takes it.
std::string program_path() {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return "lodestone";
    const auto here = std::filesystem::current_path(error);
    const auto relative = path.lexically_relative(here).string();
    return quote_for_shell(error || relative.starts_with("..") ? path.string() : relative);
}

void print(const std::string& text) {
    fmt::print("{}", text);
    std::fflush(stdout);
}

}  // namespace

std::string find_base_address(const Config& config, const std::vector<std::string>& urls) {
    if (!config.server.public_url.empty()) return config.server.public_url;
    const auto web = std::ranges::find_if(urls, [](std::string_view url) { return url.starts_with("http"); });
    return web == urls.end() ? std::string() : reachable_url(*web);
}

void print_welcome(const Config& config, const DataFolder& folder, const std::vector<std::string>& urls) {
    std::string text = fmt::format("Lodestone {} serves from {}\n", build().version, folder.path());
    for (const std::string& url : urls) text += fmt::format("  listening   {}\n", url);
    const std::string& named = config.operators.token_file;
    const std::string token_path = named.empty() ? folder.operator_token_path() : named;
    const std::string base = find_base_address(config, urls);
    if (!base.empty()) {
        text += fmt::format("  console     {}/\n", base);
        text += fmt::format("  try         curl {}/ready\n", base);
        text += fmt::format("  metrics     curl -H \"Authorization: Bearer $(cat {})\" {}/metrics\n",
                            token_path, base);
    }
    print(text);
}

std::string render_client_lines(packages::Formats formats, const std::string& base,
                                const std::string& command, const std::string& options) {
    std::string text;
    for (const packages::Format* format : formats) {
        if (format->client_lines == nullptr) continue;
        const std::string name(format->name);
        text += fmt::format("  {:<11} {} repository create {} --app {} --format {} {}\n", name, command, name,
                            identity::first_app, name, options);
        const packages::ClientSetup setup{
            .base = base,
            .tenant = std::string(identity::first_tenant),
            .repository = name,
            .key_command = fmt::format("{} key create {} --user {} --quiet", command, options,
                                       identity::first_username)};
        for (const std::string& line : format->client_lines(setup))
            text += fmt::format("              {}\n", line);
    }
    return text;
}

void print_way_in(const std::optional<FirstStart>& first, const DataFolder& folder, const std::string& base) {
    std::string text;
    const std::string options = "--data " + quote_for_shell(folder.path());
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    if (first && first->password_file.empty())
        text += "  sign in     as admin of the tenant default, with the password that you chose\n";
    else if (first && is_terminal)
        text += fmt::format(
            "  sign in     as admin of the tenant default, with the password {}\n"
            "              It is shown only now, and you will choose another one.\n",
            take_first_password(folder));
    else if (first)
        text += fmt::format("  sign in     as admin of the tenant default, with the password in {}\n",
                            first->password_file);
    if (first && !base.empty())
        text += render_client_lines(packages::served_formats(), base, program_path(), options);
    text += fmt::format("  a key       {} key create {} --user admin --quiet\n", program_path(), options);
    print(text);
}

}  // namespace lodestone::app
