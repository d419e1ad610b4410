// An integrator's program: the whole daemon inside it, from the installed package alone.
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include <cupel/controller.hpp>

int main() {
    using namespace cupel::controller;
    try {
        const std::filesystem::path pool =
            std::filesystem::current_path() / "in_process_pool.jsonl";
        std::ofstream(pool)
            << R"({"core":{"metals":{"Au":25}},"ligands":[{"smiles":"[S-]CCc1ccccc1","count":18}],"charge":-1})"
            << '\n';
        Config config = Config::isolated();
        config.campaigns["first"] =
            R"({"policy": "popularity", "budget": 1, "pool": ")" + pool.string() + "\"}";
        std::atomic<bool> created{false};
        Controller controller(config, [&created](const LogLine& line) {
            if (line.text.find("CAMPAIGN_CREATED") != std::string::npos) {
                created = true;
            }
        });
        controller.start();
        const std::string endpoint = controller.control_endpoint();
        controller.request_stop();
        controller.stop();
        std::filesystem::remove(pool);
        if (!created || endpoint.rfind("tcp://127.0.0.1:", 0) != 0) {
            std::fprintf(stderr, "in_process: no campaign was served\n");
            return 1;
        }
        std::printf(
            "cupel %s served a campaign at %s and stopped\n", version().c_str(), endpoint.c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "in_process: %s\n", error.what());
        return 1;
    }
}
