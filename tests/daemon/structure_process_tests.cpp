// Structure analysis in children: answers, refusals, deaths, limits, and a queue.
#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>

#include <sys/stat.h>

#include <cupel/codec/structure_codec.hpp>

#include "catch.hpp"
#include "learning/structure_process.hpp"
#include "no_descriptors.hpp"
#include "service_support.hpp"
#include "skip.hpp"
#include "stub_program.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::controller;

namespace {

/// Collects answers; the test waits for them.
class Answers {
  public:
    std::function<void(StructureAnswer)> sink() {
        return [this](StructureAnswer answer) {
            const std::lock_guard lock(mutex_);
            answers_.push_back(std::move(answer));
            came_.notify_one();
        };
    }
    std::vector<StructureAnswer> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(
                lock, std::chrono::seconds(60), [&] { return answers_.size() >= count; })) {
            throw std::runtime_error("waited too long for an answer");
        }
        return answers_;
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return answers_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<StructureAnswer> answers_;
};

struct Fixture {
    explicit Fixture(const std::string& body, StructureProcessOptions options = {})
        : service(with_program(std::move(options), test::write_stub(folder, body))) {}
    static StructureProcessOptions with_program(StructureProcessOptions options,
                                                std::string program) {
        options.program = std::move(program);
        return options;
    }
    StructureAnswer analyse(std::optional<Candidate> target = std::nullopt) {
        const std::size_t before = answers.count();
        service.analyse({folder / "0123abcd", "crystal.cif", std::move(target)}, answers.sink());
        return answers.wait(before + 1).back();
    }
    std::string read(const std::string& name) {
        std::ifstream in(folder / name);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }

    test::TempDir folder;
    Answers answers;
    StructureProcess service;
};

StructureReport small_report() {
    StructureReport report;
    report.file = "whatever";
    report.block = "b";
    report.core.metals = {{"Au", 25}};
    report.ligands = {{test::methanethiolate(), 18}};
    report.cluster_atoms = 115;
    report.warnings = {"a warning"};
    return report;
}

}  // namespace

#define NEEDS_PYTHON()                                   \
    if (!test::has_python()) {                           \
        CUPEL_SKIP("/usr/bin/python3 is not installed"); \
    }

TEST_CASE("a report comes back under the name the sender gave", "[structure_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "with open(folder + '/arguments', 'w') as out: out.write('\\n'.join(sys.argv[1:]))\n"
        "print(open(folder + '/report').read())\n");
    std::ofstream(f.folder / "report") << codec::encode(small_report());
    Candidate target = test::candidate({{"Au", 25}}, {{test::methanethiolate(), 18}});
    target.conditions["note"] = std::string(200'000, 'x');  // longer than an argument may be
    const auto answer = f.analyse(target);
    REQUIRE(answer.report);
    CHECK(answer.report->file == "crystal.cif");
    CHECK(answer.report->core.formula() == "Au25");
    CHECK(answer.report->warnings == std::vector<std::string>{"a warning"});
    CHECK_FALSE(answer.crashed);
    target.conditions.clear();
    CHECK(f.read("arguments") == "structure\n--json\n--target\n" + codec::encode(target) + "\n" +
                                     (f.folder / "0123abcd").string());
}

TEST_CASE("a file waits while this machine has no room for a child, and is judged then",
          "[structure_process]") {
    NEEDS_PYTHON();
    NEEDS_NO_SANITIZER();
    StructureProcessOptions options;
    options.pause = std::chrono::milliseconds(1);
    Fixture f("print(open(folder + '/report').read())\n", options);
    std::ofstream(f.folder / "report") << codec::encode(small_report());
    {
        const test::NoDescriptors none;
        f.service.analyse({f.folder / "0123abcd", "crystal.cif", std::nullopt}, f.answers.sink());
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (f.service.status().problem.empty() && std::chrono::steady_clock::now() < deadline) {
        }
        CHECK(f.service.status().problem.find("Too many open files") != std::string::npos);
        CHECK(f.answers.count() == 0);
    }
    const auto answer = f.answers.wait(1).back();
    CHECK(answer.report);
    CHECK(f.service.status().problem.empty());
}

TEST_CASE("a file that cannot be analysed is refused with code and words", "[structure_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "print(json.dumps({'file': sys.argv[-1], 'error': {'code': 'not_cif',\n"
        "    'text': sys.argv[-1] + ': is no CIF'}}))\n"
        "sys.exit(2)\n");
    const auto answer = f.analyse();
    CHECK_FALSE(answer.report);
    CHECK(answer.code == "not_cif");
    CHECK(answer.text == "crystal.cif: is no CIF");
    CHECK_FALSE(answer.crashed);
}

TEST_CASE("a child that does not answer is a crash with its reason", "[structure_process]") {
    NEEDS_PYTHON();
    StructureProcessOptions options;
    std::string body;
    std::string expected;
    SECTION("a signal") {
        body = "os.kill(os.getpid(), signal.SIGSEGV)\n";
        expected = "ended with signal 11 (Segmentation fault)";
    }
    SECTION("an exit status and last words") {
        body = "sys.stderr.write('first\\nwhat happened\\n\\n')\nsys.exit(1)\n";
        expected = "ended with exit status 1; it said: what happened";
    }
    SECTION("an answer with the wrong exit status") {
        body = "print('{\"error\":{\"code\":\"a\",\"text\":\"b\"}}')\nsys.exit(1)\n";
        expected = "ended with exit status 1";
    }
    SECTION("nonsense") {
        body = "print('hello')\n";
        expected = "ended with exit status 0";
    }
    SECTION("a report that does not hold") {
        body = "print('{\"core\": 7}')\n";
        expected = "its answer does not hold: ";
    }
    SECTION("processor time") {
        options.processor_time = std::chrono::seconds(1);
        body = "while True: pass\n";
        expected = "used more than 1 s of processor time";
    }
    SECTION("memory") {
        body = "sys.stderr.write('cupel: std::bad_alloc\\n')\nsys.exit(1)\n";
        expected = "needed more than 1024 MiB of memory";
    }
    SECTION("the memory limit is in force") {
        body = "x = bytearray(2 << 30)\n";
        expected = "it said: MemoryError";
    }
    SECTION("waiting for ever") {
        options.wall_time = std::chrono::milliseconds(500);
        body = "time.sleep(1000)\n";
        expected = "took longer than 1 s";
    }
    SECTION("endless output") {
        body = "while True: print('x' * 100000)\n";
        options.output = 1u << 20;
        expected = "wrote more than 1 MiB";
    }
    Fixture f(body, options);
    const auto answer = f.analyse();
    CHECK(answer.crashed);
    CHECK_FALSE(answer.report);
    CHECK(answer.code == "unreadable");
    INFO(answer.text);
    CHECK(answer.text.find(expected) != std::string::npos);
}

TEST_CASE("a program that is not there is said in words", "[structure_process]") {
    StructureProcessOptions options;
    options.program = "/nonexistent/cupel";
    StructureProcess service(options);
    Answers answers;
    service.analyse({"file", "a.cif", std::nullopt}, answers.sink());
    const auto answer = answers.wait(1).at(0);
    CHECK(answer.crashed);
    CHECK(answer.text == "structure.program: there is no program /nonexistent/cupel");
}

TEST_CASE("two children at a time, the others wait and all are answered", "[structure_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "def note(what):\n"
        "    with open(folder + '/order', 'a') as out: out.write(what)\n"
        "note('+')\n"
        "while os.path.getsize(folder + '/order') < 2: time.sleep(0.01)\n"
        "note('-')\n"
        "print('{\"error\":{\"code\":\"no_atoms\",\"text\":\"none\"}}')\n");
    for (int i = 0; i < 5; ++i) {
        f.service.analyse({f.folder / "file", "a.cif", std::nullopt}, f.answers.sink());
    }
    for (const auto& answer : f.answers.wait(5)) {
        CHECK(answer.code == "no_atoms");
    }
    int running = 0;
    int most = 0;
    for (const char step : f.read("order")) {
        running += step == '+' ? 1 : -1;
        most = std::max(most, running);
    }
    CHECK(most == 2);
    const StructureStatus status = f.service.status();
    CHECK(status.analysed == 5);
    CHECK(status.crashed == 0);
    CHECK(status.waiting == 0);
    CHECK(status.running == 0);
}

TEST_CASE("stop kills what runs and answers nobody", "[structure_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "with open(folder + '/fifo', 'w') as out: out.write('up\\n')\n"
        "time.sleep(1000)\n");
    REQUIRE(::mkfifo((f.folder / "fifo").c_str(), 0600) == 0);
    for (int i = 0; i < 3; ++i) {
        f.service.analyse({f.folder / "file", "a.cif", std::nullopt}, f.answers.sink());
    }
    std::string line;
    std::ifstream fifo(f.folder / "fifo");
    std::getline(fifo, line);
    CHECK(line == "up");
    const auto begin = std::chrono::steady_clock::now();
    f.service.stop();
    f.service.stop();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
    f.service.analyse({f.folder / "file", "a.cif", std::nullopt}, f.answers.sink());
    CHECK(f.answers.count() == 0);
}

namespace {

StructureProcessOptions real_program() {
    StructureProcessOptions options;
    options.program = (test::bin_dir() / "cupel").string();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    options.memory.reset();  // a sanitizer reserves terabytes of address space
#endif
    return options;
}

}  // namespace

TEST_CASE("the real program refuses what is no structure", "[structure_process]") {
    const test::TempDir folder;
    std::ofstream(folder / "0123abcd") << "this is not a structure\n";
    StructureProcess service(real_program());
    Answers answers;
    service.analyse({folder / "0123abcd", "notes.cif", std::nullopt}, answers.sink());
    const auto answer = answers.wait(1).at(0);
    CHECK_FALSE(answer.crashed);
    CHECK(answer.code == "not_cif");
    CHECK(answer.text.find("notes.cif") != std::string::npos);
}

TEST_CASE("the real program judges a crystal from a file without an ending",
          "[structure_process]") {
    const auto cif = test::shared_data() / "structures" / "cod" / "1540567.cif";
    if (!std::filesystem::exists(cif)) {
        CUPEL_SKIP("../shared/data is not here");
    }
    const test::TempDir folder;
    std::filesystem::copy_file(cif, folder / "0123abcd");
    Ligand pet{"[S-]CCc1ccccc1", "C8H9S", -1, {"S"}, "thiolate", 1};
    StructureProcess service(real_program());
    Answers answers;
    service.analyse(
        {folder / "0123abcd", "1540567.cif", test::candidate({{"Au", 25}}, {{pet, 18}})},
        answers.sink());
    const auto answer = answers.wait(1).at(0);
    INFO(answer.text);
    REQUIRE(answer.report);
    CHECK(answer.report->file == "1540567.cif");
    CHECK(answer.report->core.formula() == "Au25");
    REQUIRE(answer.report->verdict);
    CHECK(answer.report->verdict->confirmed);
}
