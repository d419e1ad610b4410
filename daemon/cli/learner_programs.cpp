// cupel train, pretrain, evaluate, score, replay, campaign-replay: run cupel-learner in place of
// this program.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <cupel/domain/error.hpp>

#include "commands.hpp"

namespace cupel::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* kProgram = "cupel-learner";

/// Beside this program, else wherever $PATH finds it.
std::string learner_program() {
    std::error_code failed;
    const fs::path self = fs::read_symlink("/proc/self/exe", failed);
    if (!failed && ::access((self.parent_path() / kProgram).c_str(), X_OK) == 0) {
        return (self.parent_path() / kProgram).string();
    }
    return kProgram;
}

[[noreturn]] void become_learner(const std::string& verb, const std::vector<std::string>& given) {
    std::vector<std::string> words{learner_program(), verb};
    words.insert(words.end(), given.begin(), given.end());
    std::vector<char*> arguments;
    for (auto& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    ::execvp(arguments.front(), arguments.data());
    throw Error("cupel " + verb + " needs " + kProgram +
                (errno == ENOENT ? std::string(", which is neither beside cupel nor on $PATH; "
                                               "build with LibTorch to have it")
                                 : ", which cannot be run: " + std::string(std::strerror(errno))));
}

}  // namespace

void add_learner_programs(CLI::App& app) {
    const auto add = [&](const std::string& verb, const std::string& what) {
        auto* command = app.add_subcommand(verb, what + " (runs cupel-learner)");
        // Whatever follows is for cupel-learner, --help too.
        command->prefix_command();
        command->set_help_flag();
        command->callback([command, verb] { become_learner(verb, command->remaining()); });
    };
    add("train", "train the model on a table");
    add("pretrain", "first weights of the encoders, from bare clusters and ligands");
    add("evaluate", "score the model on the fixed splits");
    add("score", "the best candidates of a pool");
    add("replay", "closed loop on a finished table, against random and popularity");
    add("campaign-replay", "a campaign played offline, policies side by side");
}

}  // namespace cupel::cli
