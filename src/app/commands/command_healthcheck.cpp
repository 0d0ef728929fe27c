// `lodestone healthcheck`: asks a running server whether it is ready, for containers and scripts.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "app/commands/command_list.hpp"
#include "app/config/config_load.hpp"
#include "http/server/health_probe.hpp"

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

std::optional<ProbeTarget> target_of(const Config& config, const std::string& path) {
    for (const ListenAddress& address : config.server.listen) {
        if (address.kind == ListenAddress::Kind::unix_socket) return ProbeTarget{address, path, "localhost"};
        if (address.kind == ListenAddress::Kind::systemd || address.port == 0) continue;
        ProbeTarget target{address, path, {}};
        target.address.host = reachable_host(address.host);
        target.host_field = render_listen_address(target.address);
        return target;
    }
    return std::nullopt;
}

std::optional<ProbeTarget> target_of(const std::string& text, const std::string& path) {
    if (const auto address = parse_listen_address(text);
        address && address->kind == ListenAddress::Kind::unix_socket)
        return ProbeTarget{*address, path, "localhost"};
    const auto url = parse_url_parts(text);
    if (!url || url->scheme != "http" || !url->user_info.empty()) return std::nullopt;
    ProbeTarget target{{}, url->rest.empty() || url->rest == "/" ? path : std::string(url->rest), {}};
    if (!target.path.starts_with('/')) return std::nullopt;
    std::string_view host = url->host;
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    target.address.host = host;
    target.address.port = static_cast<std::uint16_t>(url->port.empty() ? 80 : *parse_number(url->port));
    target.host_field = render_listen_address(target.address);
    return target;
}

int report(const ProbeTarget& target, const ProbeAnswer& answer, bool as_json, Console& console) {
    const std::string where = render_listen_address(target.address);
    if (as_json) {
        console.out << boost::json::serialize(boost::json::object{{"healthy", answer.is_healthy()},
                                                                  {"address", where},
                                                                  {"path", target.path},
                                                                  {"status", answer.status},
                                                                  {"detail", answer.detail}})
                    << '\n';
    } else if (answer.is_healthy()) {
        console.out << paint(Ink::good, "healthy", console.out_has_colours) << ": " << where << target.path
                    << '\n';
    } else if (answer.status == 0) {
        console.complain(where + ": " + answer.detail);
    } else {
        console.complain(where + target.path + " answered " + std::to_string(answer.status) +
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
    std::optional<ProbeTarget> target;
    if (arguments.has("--url")) {
        target = target_of(arguments.last("--url"), path);
        if (!target)
            console.complain("--url must be http://HOST:PORT or unix:PATH; HTTPS is not spoken here");
    } else {
        const LoadedConfig loaded = load_config(read_sources(self, arguments, console));
        for (const ConfigFault& fault : loaded.faults) console.complain(fault.to_text());
        if (!loaded.faults.empty()) return wrong_usage;
        target = target_of(loaded.config, path);
        if (!target)
            console.complain("server.listen has no address that is known beforehand; say where with --url");
    }
    if (!target) return wrong_usage;
    return report(*target, http::probe(*target, *timeout), arguments.has("--json"), console);
}

}  // namespace

CommandSpec make_healthcheck_command() {
    std::vector<OptionSpec> options{
        {.name = "--url",
         .placeholder = "URL",
         .about = "Whom to ask: http://HOST:PORT or unix:PATH; without it the first address that the "
                  "configuration says to listen on."},
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
