// `lodestone healthcheck`: asks a running server whether it is ready, for containers and scripts.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "app/commands/command_list.hpp"
#include "app/config/config_load.hpp"
#include "http/client/health_probe.hpp"
#include "http/message/url.hpp"

namespace lodestone::app {
namespace {

using http::ProbeAnswer;
using http::ProbeTarget;

constexpr int unhealthy = 1;
constexpr int wrong_usage = 2;

// What a listener on every interface can be reached at.
std::string reachable_host(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

// Whom to ask, and how people call it: "127.0.0.1:8080", "unix:/path".
struct Question {
    ProbeTarget target;
    std::string where;
    std::string path;
};

Question ask_socket(const ListenAddress& address, const std::string& path) {
    return {{"http://localhost" + path, address.path, {}}, render_listen_address(address), path};
}

// Over TLS the server must show the very certificate that is configured.
std::optional<Question> first_question(const std::vector<ListenAddress>& listen,
                                       const std::string& certificate_file, const std::string& path) {
    for (ListenAddress address : listen) {
        if (address.kind == ListenAddress::Kind::unix_socket) return ask_socket(address, path);
        if (address.kind == ListenAddress::Kind::systemd || address.port == 0) continue;
        address.host = reachable_host(address.host);
        const std::string where = render_listen_address(address);
        std::string url = certificate_file.empty() ? "http://" : "https://";
        url.append(where).append(path);
        return Question{{std::move(url), {}, certificate_file}, where, path};
    }
    return std::nullopt;
}

std::optional<Question> find_question(const Config& config, const std::string& path) {
    auto question = first_question(config.server.listen, {}, path);
    return question ? question : first_question(config.tls.listen, config.tls.certificate_file, path);
}

std::optional<Question> find_question(const std::string& text, const std::string& path) {
    const auto address = parse_listen_address(text);
    if (address && address->kind == ListenAddress::Kind::unix_socket) return ask_socket(*address, path);
    const http::UrlResult parsed = http::parse_url(text);
    if (!parsed.url) return std::nullopt;
    http::Url url = *parsed.url;
    if (url.path_and_query == "/") url.path_and_query = path;
    return Question{{http::render_url(url), {}, {}}, url.authority(), url.path_and_query};
}

int report(const Question& question, const ProbeAnswer& answer, bool as_json, Console& console) {
    const auto& [target, where, path] = question;
    if (as_json) {
        console.out << boost::json::serialize(boost::json::object{{"healthy", answer.is_healthy()},
                                                                  {"address", where},
                                                                  {"path", path},
                                                                  {"status", answer.status},
                                                                  {"detail", answer.detail}})
                    << '\n';
    } else if (answer.is_healthy()) {
        console.out << paint(Ink::good, "healthy", console.out_has_colours) << ": " << where << path << '\n';
    } else if (answer.status == 0) {
        console.complain(where + ": " + answer.detail);
    } else {
        console.complain(where + path + " answered " + std::to_string(answer.status) +
                         (answer.detail.empty() ? "" : ": " + answer.detail));
    }
    return answer.is_healthy() ? 0 : unhealthy;
}

int run_healthcheck(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const auto timeout =
        parse_duration(arguments.last("--timeout", render_duration(limits::healthcheck_timeout)));
    if (!timeout) {
        console.complain("--timeout must be a duration such as 3s, not \"" + arguments.last("--timeout") +
                         "\"");
        return wrong_usage;
    }
    const std::string path = arguments.has("--live") ? "/health" : "/ready";
    std::optional<Question> question;
    if (arguments.has("--url")) {
        question = find_question(arguments.last("--url"), path);
        if (!question) console.complain("--url must be http://HOST:PORT, https://HOST:PORT or unix:PATH");
    } else {
        const LoadedConfig loaded = load_config(read_sources(self, arguments, console));
        for (const ConfigFault& fault : loaded.faults) console.complain(fault.to_text());
        if (!loaded.faults.empty()) return wrong_usage;
        question = find_question(loaded.config, path);
        if (!question)
            console.complain(
                "neither server.listen nor tls.listen has an address that is known beforehand; say where "
                "with "
                "--url");
    }
    if (!question) return wrong_usage;
    return report(*question, http::probe(question->target, *timeout), arguments.has("--json"), console);
}

}  // namespace

CommandSpec make_healthcheck_command() {
    std::vector<OptionSpec> options{
        {.name = "--url",
         .placeholder = "URL",
         .about =
             "Whom to ask: http://HOST:PORT, https://HOST:PORT or unix:PATH; without it the first address "
             "that the configuration says to listen on, where HTTPS must show the configured certificate."},
        {.name = "--timeout", .placeholder = "DURATION", .about = "How long to wait; 3s unless given."},
        {.name = "--live", .about = "Ask /health (is the process alive?) instead of /ready."},
        make_json_option()};
    for (OptionSpec& option : make_config_options())
        if (option.name == "--config" || option.name == "--data" || option.name == "--listen")
            options.push_back(std::move(option));
    return {
        .name = "healthcheck",
        .about = "Ask a running server whether it is ready",
        .details =
            "For container health checks and scripts: exit code 0 when it is, 1 when it is not, and "
            "what is wrong on standard error.",
        .options = std::move(options),
        .examples = {{"lodestone healthcheck", "With the same configuration as the server's"},
                     {"lodestone healthcheck --url http://127.0.0.1:8080 --timeout 1s", "A certain server"},
                     {"lodestone healthcheck --url unix:/run/lodestone/lodestone.sock --live",
                      "Over a Unix socket"}},
        .run = run_healthcheck};
}

}  // namespace lodestone::app
