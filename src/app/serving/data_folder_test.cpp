// The data folder: private to its owner, held by one process, its secrets made once and kept.
#include "app/serving/data_folder.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/problem.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777u;
}

std::string fault_of(const std::function<void()>& run) {
    return find_problem(run).value_or("");
}

// Whatever the test finds out in a child of its own; the child runs no destructors of ours.
bool holds_in_child(const std::function<bool()>& check) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(check() ? 0 : 1);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(DataFolder, IsPrivateWhateverTheUmask) {
    const test::TempFolder folder;
    const mode_t before = ::umask(0);
    SeededRandom random(1);
    const DataFolder data(folder / "new/deep/data/");
    data.load_or_make_secret("operator-token", random);
    ::umask(before);
    EXPECT_EQ(data.path(), folder / "new/deep/data") << "without the final slash";
    EXPECT_EQ(mode_of(data.path()), 0700u);
    EXPECT_EQ(mode_of(data.path() + "/secrets"), 0700u);
    EXPECT_EQ(mode_of(data.path() + "/lock"), 0600u);
    EXPECT_EQ(mode_of(data.operator_token_path()), 0600u);
    EXPECT_EQ(data.database_path(), data.path() + "/lodestone.db");
}

TEST(DataFolder, LeavesAnExistingFolderAsItIs) {
    const test::TempFolder folder;
    fs::create_directory(folder / "data");
    std::ofstream(folder / "data/mine") << "kept";
    ::chmod((folder / "data").c_str(), 0750);
    const DataFolder data(folder / "data");
    EXPECT_EQ(mode_of(folder / "data"), 0750u) << "an operator may have reasons";
    EXPECT_EQ(test::read_file(folder / "data/mine"), "kept");
}

TEST(DataFolder, BelongsToOneProcessAtATime) {
    const test::TempFolder folder;
    {
        const DataFolder data(folder / "data");
        EXPECT_TRUE(holds_in_child([&] {
            const std::string fault = fault_of([&] { DataFolder(folder / "data"); });
            return fault.find("is in use by another lodestone") != std::string::npos;
        }));
        EXPECT_NE(fault_of([&] { DataFolder(folder / "data"); }), "") << "nor twice to the same";
    }
    EXPECT_EQ(fault_of([&] { DataFolder(folder / "data"); }), "")
        << "a lock file left behind locks nobody out";
}

TEST(DataFolder, KeepsASecretOnceMade) {
    const test::TempFolder folder;
    SeededRandom random(1);
    std::string first;
    {
        const DataFolder data(folder / "data");
        first = data.load_or_make_secret("operator-token", random);
        EXPECT_EQ(first.size(), 64u);
        EXPECT_EQ(data.load_or_make_secret("operator-token", random), first);
        EXPECT_NE(data.load_or_make_secret("another", random), first);
    }
    const DataFolder again(folder / "data");
    EXPECT_EQ(again.load_or_make_secret("operator-token", random), first);
    EXPECT_EQ(test::read_file(again.operator_token_path()), first + "\n");
    EXPECT_FALSE(fs::exists(again.operator_token_path() + ".new")) << "no draft is left behind";
}

TEST(DataFolder, MakesASecretThoughACrashLeftADraft) {
    const test::TempFolder folder;
    SeededRandom random(1);
    const DataFolder data(folder / "data");
    std::ofstream(data.operator_token_path() + ".new") << "half";
    const std::string secret = data.load_or_make_secret("operator-token", random);
    EXPECT_EQ(secret.size(), 64u);
    EXPECT_EQ(mode_of(data.operator_token_path()), 0600u);
}

TEST(DataFolder, TakesAnOperatorsOwnSecret) {
    const test::TempFolder folder;
    SeededRandom random(1);
    const DataFolder data(folder / "data");
    std::ofstream(data.operator_token_path()) << "chosen-by-hand-and-long\n";
    ::chmod(data.operator_token_path().c_str(), 0600);
    EXPECT_EQ(data.load_or_make_secret("operator-token", random), "chosen-by-hand-and-long");
}

TEST(DataFolder, RefusesSecretsThatAreNone) {
    const test::TempFolder folder;
    SeededRandom random(1);
    const DataFolder data(folder / "data");
    struct {
        const char* text;
        mode_t mode;
        const char* fault;
    } const rows[] = {
        {"shared\n", 0644, "chmod"},
        {"", 0600, "is empty"},
        {"\n", 0600, "is empty"},
        {"fifteen letters", 0600, "fewer than 16 characters"},
    };
    for (const auto& row : rows) {
        std::ofstream(data.operator_token_path()) << row.text;
        ::chmod(data.operator_token_path().c_str(), row.mode);
        const std::string fault = fault_of([&] { data.load_or_make_secret("operator-token", random); });
        EXPECT_NE(fault.find(row.fault), std::string::npos) << fault;
        EXPECT_NE(fault.find(data.operator_token_path()), std::string::npos) << fault;
    }
}

TEST(DataFolder, SaysWhyItCannotBeUsed) {
    const test::TempFolder folder;
    std::ofstream(folder / "file") << "in the way";
    const std::string in_the_way = fault_of([&] { DataFolder(folder / "file"); });
    EXPECT_NE(in_the_way.find(folder / "file"), std::string::npos) << in_the_way;
    EXPECT_NE(in_the_way.find("Not a directory"), std::string::npos) << in_the_way;
    EXPECT_NE(fault_of([&] { DataFolder(folder / "file/below"); }), "");
    EXPECT_NE(fault_of([&] { DataFolder("/proc/lodestone"); }), "");
}

constexpr uid_t stranger = 65534;

void give_away(const std::string& path) {
    if (::chown(path.c_str(), stranger, stranger) != 0)
        throw std::system_error(errno, std::generic_category(), "chown " + path);
}

// Whoever may write into the folder, or was there first, would choose our secrets and our database.
TEST(DataFolder, RefusesWhatSomebodyElsePrepared) {
    struct {
        const char* what;
        std::function<void(const std::string& data)> prepare;
        const char* fault;
        bool needs_root = false;
    } const rows[] = {
        {"a folder that its group may write", [](auto& data) { ::chmod(data.c_str(), 0770); }, "chmod go-w"},
        {"a folder that all may write", [](auto& data) { ::chmod(data.c_str(), 01777); }, "chmod go-w"},
        {"secrets that all may write", [](auto& data) { ::chmod((data + "/secrets").c_str(), 0777); },
         "chmod go-w"},
        {"secrets elsewhere",
         [](auto& data) {
             fs::rename(data + "/secrets", data + "/others");
             fs::create_directory_symlink("others", data + "/secrets");
         },
         "Not a directory"},
        {"a lock that is a link", [](auto& data) { fs::create_symlink("x", data + "/lock"); },
         "symbolic links"},
        {"a database that is a link", [](auto& data) { fs::create_symlink("x", data + "/lodestone.db"); },
         "symbolic links"},
        {"a log of it that all may write",
         [](auto& data) {
             std::ofstream(data + "/lodestone.db-wal") << "x";
             ::chmod((data + "/lodestone.db-wal").c_str(), 0666);
         },
         "chmod go-w"},
        {"a secret that is a link",
         [](auto& data) { fs::create_symlink("../../mine", data + "/secrets/operator-token"); },
         "symbolic links"},
        {"somebody's folder", [](auto& data) { give_away(data); },
         "belongs to user nobody, who is neither this one nor root; run as nobody: runuser -u nobody -- "
         "lodestone",
         true},
        {"somebody's secret",
         [](auto& data) {
             std::ofstream(data + "/secrets/operator-token") << "known-to-somebody\n";
             ::chmod((data + "/secrets/operator-token").c_str(), 0600);
             give_away(data + "/secrets/operator-token");
         },
         "user 65534", true},
    };
    for (const auto& row : rows) {
        if (row.needs_root && ::geteuid() != 0) continue;  // who is not root can give nothing away
        const test::TempFolder folder;
        fs::create_directories(folder / "data/secrets");
        for (const char* made : {"data", "data/secrets"}) ::chmod((folder / made).c_str(), 0700);
        std::ofstream(folder / "mine") << "a-secret-of-somebody\n";
        ::chmod((folder / "mine").c_str(), 0600);
        row.prepare(folder / "data");
        const std::string fault = fault_of([&] {
            SeededRandom random(1);
            DataFolder(folder / "data").load_or_make_secret("operator-token", random);
        });
        EXPECT_NE(fault.find(row.fault), std::string::npos) << row.what << ": " << fault;
    }
    const test::TempFolder folder;
    fs::create_directory(folder / "real");
    fs::create_directory_symlink("real", folder / "data");
    EXPECT_NE(fault_of([&] { DataFolder(folder / "data"); }), "") << "a folder that is a link";
}

// As somebody else, for root may write everywhere.
TEST(DataFolder, SaysThatItMayNotWrite) {
    const test::TempFolder folder;
    fs::create_directory(folder / "data");
    ::chmod((folder / "data").c_str(), 0555);
    EXPECT_TRUE(holds_in_child([&] {
        if (::geteuid() == 0) {
            ::chmod((folder / "").c_str(), 0755);
            if (::setuid(stranger) != 0) return false;
        }
        return fault_of([&] { DataFolder(folder / "data"); }).find("Permission denied") != std::string::npos;
    }));
}

}  // namespace
}  // namespace lodestone::app
