// A real PostgreSQL for tests: a server in a temporary folder that can be stopped, killed and frozen, and
// databases of a test's own on one that all tests share.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "support/files.hpp"
#include "support/programs.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

struct PostgresServerOptions {
    bool has_tcp = false;                // also on a free port of 127.0.0.1
    std::vector<std::string> settings;   // lines of postgresql.conf
    std::vector<std::string> hba;        // lines of pg_hba.conf, before "everybody is trusted"
    std::string standby_of_folder_copy;  // a data folder made by pg_basebackup -R, instead of initdb's
};

// A connection string in which `keyword` has another value; URL or keywords in, a URL out.
inline std::string with_connection_keyword(const std::string& url, const std::string& keyword,
                                           const std::string& value) {
    char* fault = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), &fault), PQconninfoFree);
    if (!options) throw std::runtime_error("not a connection string: " + url);
    std::string changed = "postgresql:///?";
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        const bool is_the_one = option->keyword == keyword;
        if (option->val == nullptr && !is_the_one) continue;
        changed += (changed.back() == '?' ? "" : "&") + std::string(option->keyword) + "=";
        for (const char letter : is_the_one ? value : std::string(option->val)) {
            char escaped[4];
            std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(letter));
            changed += std::isalnum(static_cast<unsigned char>(letter)) ? std::string(1, letter) : escaped;
        }
    }
    return changed;
}

// What a connection string says of a keyword; empty when nothing.
inline std::string find_connection_keyword(const std::string& url, const std::string& keyword) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (option->keyword == keyword && option->val != nullptr) return option->val;
    return {};
}

// Plain SQL beside the program, for what tests arrange and look at.
class PostgresClient {
  public:
    explicit PostgresClient(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw std::runtime_error(PQerrorMessage(connection_.get()));
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    }
    // The first column of the first row; empty when there is none, or it is null.
    std::string run(const std::string& sql) {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()),
                                                                   PQclear);
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
        return PQntuples(result.get()) == 0 ? std::string() : PQgetvalue(result.get(), 0, 0);
    }

  private:
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

class PostgresServer {
  public:
    // Running when this returns. Everything durable, as in production.
    explicit PostgresServer(PostgresServerOptions options = {}) : folder_(std::in_place) {
        ::chmod(path("").c_str(), 0755);
        hand_over(path(""));
        guard_.emplace(
            "p=$(head -n 1 \"$1/data/postmaster.pid\") && kill -9 $p $(cat /proc/$p/task/$p/children); "
            "rm -rf \"$1\"",
            path(""));
        if (options.standby_of_folder_copy.empty()) {
            run_as_postgres({"/bin/cp", "-a", need_original(), path("data")});
        } else {
            std::filesystem::rename(options.standby_of_folder_copy, path("data"));
        }
        if (options.has_tcp) port_ = find_free_port();
        configure(options);
        start();
    }
    ~PostgresServer() {
        if (folder_ && std::filesystem::exists(path("data/postmaster.pid"))) kill();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    static bool is_installed() { return !bin().empty(); }
    // The one that LODESTONE_TEST_POSTGRES names, or else one that this process starts for all its tests.
    // Nobody stops or freezes it, or takes its power away: it need not wait for the disk.
    static PostgresServer& shared() {
        const char* given = std::getenv("LODESTONE_TEST_POSTGRES");
        if (given != nullptr && *given != '\0') {
            static PostgresServer named{std::string(given)};
            return named;
        }
        static PostgresServer own{PostgresServerOptions{
            .settings = {"max_connections = 200", "fsync = off", "full_page_writes = off"}}};
        return own;
    }

    // As the superuser, over the socket.
    std::string url(const std::string& database = "postgres") const {
        if (!named_.empty()) return with_connection_keyword(named_, "dbname", database);
        return "postgresql://postgres@/" + database + "?host=" + path("") + "&port=" + std::to_string(port_);
    }
    std::string tcp_url(const std::string& database = "postgres") const {
        return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database;
    }
    int port() const { return port_; }
    // Where the server listens, as a path.
    std::string socket() const {
        const std::string folder = named_.empty() ? path("") : find_connection_keyword(named_, "host");
        return folder + "/.s.PGSQL." + std::to_string(port_);
    }
    std::string data_folder() const { return path("data"); }
    std::string log() const { return read_file(path("log")); }

    void start() {
        run_as_postgres({bin() / "pg_ctl", "start", "-s", "-w", "-D", path("data"), "-l", path("log")});
    }
    // `mode`: smart, fast, immediate.
    void stop(const std::string& mode = "fast") {
        run_as_postgres({bin() / "pg_ctl", "stop", "-s", "-w", "-D", path("data"), "-m", mode});
    }
    // A standby becomes a primary.
    void promote() { run_as_postgres({bin() / "pg_ctl", "promote", "-s", "-w", "-D", path("data")}); }
    void restart() {
        stop();
        start();
    }
    // All its processes at once, as when the machine loses power.
    void kill() {
        const auto processes = list_processes();
        std::vector<UniqueFd> watched;
        for (const pid_t pid : processes) watched.push_back(watch_process(pid));
        signal_all(processes, SIGKILL);
        for (const UniqueFd& process : watched) wait_until_gone(process);
        // Where nobody reaps zombies, their locks look alive.
        std::filesystem::remove(path("data/postmaster.pid"));
        std::filesystem::remove(socket() + ".lock");
    }
    // A black hole: the kernel accepts connections and bytes, nobody answers.
    void pause() { signal_all(list_processes(), SIGSTOP); }
    void resume() { signal_all(list_processes(), SIGCONT); }

    // Runs one of PostgreSQL's programs as the user that owns the server: pg_basebackup and others.
    void run_as_postgres(std::vector<std::string> command) const {
        if (::geteuid() == 0)
            command.insert(command.begin(),
                           {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"});
        const int code = wait_for_exit(start_program(command, path("programs.log")));
        if (code == 0) return;
        std::string told;
        for (const std::string& part : command) told += part + " ";
        throw std::runtime_error(told + "ended with " + std::to_string(code) + "\n" +
                                 read_file(path("programs.log")) + read_file(path("log")));
    }
    static std::filesystem::path bin() {
        std::filesystem::path found;
        std::error_code ignored;
        for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
            if (std::filesystem::exists(version.path() / "bin/initdb"))
                found = std::max(found, version.path() / "bin");
        return found;
    }

  private:
    explicit PostgresServer(std::string url) : named_(std::move(url)) {
        const std::string port = find_connection_keyword(named_, "port");
        if (!port.empty()) port_ = std::stoi(port);
    }

    // An empty server's data, made once for a program: a copy takes a tenth of the time.
    std::string need_original() const {
        static const TempFolder folder;
        const std::string original = folder / "data";
        if (std::filesystem::exists(original)) return original;
        ::chmod(folder.path().c_str(), 0755);
        hand_over(folder.path());
        run_as_postgres({bin() / "initdb", "-D", original, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                         "--locale=C.UTF-8", "--no-sync"});
        return original;
    }
    std::string path(const std::string& name) const {
        return name.empty() ? folder_->path() : *folder_ / name;
    }
    static void hand_over(const std::string& path) {
        if (::geteuid() != 0) return;
        const passwd* user = ::getpwnam("postgres");
        if (user == nullptr || ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("PostgreSQL needs a user of its own: " + path);
    }
    static int find_free_port() {
        const UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(probe.value(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::getsockname(probe.value(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::system_error(errno, std::generic_category(), "no free port");
        return ntohs(address.sin_port);
    }
    void configure(const PostgresServerOptions& options) const {
        std::ofstream settings(path("data/postgresql.conf"), std::ios::app);
        settings << "unix_socket_directories = '" << path("") << "'\nport = " << port_
                 << "\nlisten_addresses = '" << (options.has_tcp ? "127.0.0.1" : "") << "'\n";
        for (const std::string& line : options.settings) settings << line << "\n";
        if (options.hba.empty()) return;
        const std::string trusted = read_file(path("data/pg_hba.conf"));
        std::ofstream hba(path("data/pg_hba.conf"));
        for (const std::string& line : options.hba) hba << line << "\n";
        hba << trusted;
    }
    // The postmaster and what it started, the postmaster first.
    std::vector<pid_t> list_processes() const {
        std::vector<pid_t> processes;
        pid_t pid = 0;
        if (!(std::ifstream(path("data/postmaster.pid")) >> pid)) return processes;
        processes.push_back(pid);
        const std::string name = std::to_string(pid);
        std::ifstream children("/proc/" + name + "/task/" + name + "/children");
        while (children >> pid) processes.push_back(pid);
        return processes;
    }
    static void signal_all(const std::vector<pid_t>& processes, int signal) {
        for (const pid_t pid : processes) ::kill(pid, signal);
    }

    std::optional<TempFolder> folder_;
    std::string named_;
    std::optional<Guard> guard_;
    int port_ = 5432;
};

// A fresh database, gone with the test: empty, or a copy of another one that nobody is connected to.
class PostgresDatabase {
  public:
    explicit PostgresDatabase(PostgresServer& server = PostgresServer::shared(),
                              const std::string& original = "template0")
        : server_(server), name_("test_" + SystemRandom().next_hex(8)) {
        PostgresClient(server.url())
            .run("CREATE DATABASE " + name_ + " TEMPLATE " + original + " ENCODING 'UTF8'");
    }
    ~PostgresDatabase() {
        try {
            PostgresClient(server_.url()).run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
        } catch (const std::exception&) {
            // The test has stopped its server: the database goes with the folder.
        }
    }
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    const std::string& name() const { return name_; }
    std::string url() const { return server_.url(name_); }
    PostgresServer& server() { return server_; }
    // One or several statements on a connection of their own; answers the first value.
    std::string run(const std::string& sql) { return PostgresClient(url()).run(sql); }

  private:
    PostgresServer& server_;
    std::string name_;
};

// The base of every test that needs PostgreSQL: skipped, with the reason, where there is none.
class PostgresTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!PostgresServer::is_installed() && std::getenv("LODESTONE_TEST_POSTGRES") == nullptr)
            GTEST_SKIP() << "PostgreSQL is not installed";
    }
};

}  // namespace lodestone::test
