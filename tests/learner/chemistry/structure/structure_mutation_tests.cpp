// Damaged files: whatever is in them, the answer is a report or one of the known codes, in bounded
// time and memory. CUPEL_LONG_TESTS=1 tries 10,000.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <sys/resource.h>

#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "small_crystals.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t size) {
    return size == 0 ? 0 : static_cast<std::size_t>(random() % size);
}

/// A number somewhere in the text becomes an awkward one.
void change_number(std::string& text, Random& random) {
    static const char* const kNumbers[] = {
        "0", "-1", "1e9", "nan", "1e-9", "0.5", "0.25(3)", "180", "3.0000(", "99999999", "?", ".5"};
    const std::size_t at = text.find_first_of("0123456789", below(random, text.size()));
    if (at == std::string::npos) {
        return;
    }
    const std::size_t end = std::min(text.find_first_not_of("0123456789.()", at), text.size());
    text.replace(at, end - at, kNumbers[below(random, std::size(kNumbers))]);
}

void change_line(std::string& text, Random& random) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    if (lines.size() < 2) {
        return;
    }
    const std::size_t a = below(random, lines.size());
    const std::size_t b = below(random, lines.size());
    switch (random() % 4) {
        case 0:
            std::swap(lines[a], lines[b]);
            break;
        case 1:
            lines.erase(lines.begin() + static_cast<long>(a));
            break;
        case 2:
            lines.insert(lines.begin() + static_cast<long>(a), lines[b]);
            break;
        default:
            lines.insert(lines.begin() + static_cast<long>(a), 300, lines[b]);
    }
    text.clear();
    for (const auto& line : lines) {
        text += line + "\n";
    }
}

/// Words that mean something to a reader of CIFs, put where they do not belong.
void insert_word(std::string& text, Random& random) {
    static const char* const kWords[] = {"\nloop_\n",
                                         "\n;\n",
                                         "'",
                                         "\"",
                                         "data_x\n",
                                         "\n_cell_length_a 3\n",
                                         " . ",
                                         " ? ",
                                         "save_",
                                         "\n'-y,x-y,z+1/3'\n",
                                         "\n'x,y,z'\n",
                                         "#",
                                         "\nglobal_\n",
                                         "stop_",
                                         "\0x",
                                         "\xff\xfe"};
    text.insert(below(random, text.size() + 1), kWords[below(random, std::size(kWords))]);
}

std::string mutated(std::string text, Random& random) {
    const std::size_t changes = 1 + below(random, 4);
    for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
        const std::size_t at = below(random, text.size());
        switch (random() % 8) {
            case 0:
                text[at] = static_cast<char>(random() % 256);
                break;
            case 1:
                text.erase(at, below(random, 200));
                break;
            case 2:
                text.insert(at, text.substr(below(random, text.size()), below(random, 2000)));
                break;
            case 3:
                text.resize(at);
                break;
            case 4:
                change_line(text, random);
                break;
            case 5:
                insert_word(text, random);
                break;
            default:
                change_number(text, random);
        }
    }
    return text;
}

std::vector<std::string> originals() {
    auto disordered = gold_ring() + dichloromethane() + hexafluorophosphate();
    disordered[2].occupancy = 0.6;
    disordered.push_back({"Ag1", "Ag", disordered[2].at, 0.4});
    disordered.push_back({"C3B", "C", {10.4, 6.3, 8.6}, 0.4, "2"});
    std::vector<std::string> texts{cif_of(gold_ring() + dichloromethane()),
                                   cif_of(disordered, "_chemical_formula_sum 'C4 H11 Au3 S3'\n"),
                                   cif_of(gold_ring(), "", "x,y,z;-x,-y,-z;1/2+x,1/2-y,z")};
    const auto folder = shared_data() / "structures" / "cod";
    if (std::filesystem::is_directory(folder)) {
        std::set<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            files.insert(entry.path());
        }
        for (const auto& file : files) {
            std::ifstream in(file, std::ios::binary);
            std::ostringstream all;
            all << in.rdbuf();
            texts.push_back(all.str());
        }
    }
    return texts;
}

long peak_memory_kb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("damaged structures give a report or a code, never more", "[structure][mutation]") {
    const bool many = std::getenv("CUPEL_LONG_TESTS") != nullptr;
    const int count = many ? 10'000 : 400;
    constexpr std::uint64_t kSeed = 20260101;
    CAPTURE(kSeed);
    const std::set<std::string> codes{"not_cif",
                                      "truncated",
                                      "no_atoms",
                                      "bad_atom",
                                      "no_metal",
                                      "polymeric",
                                      "too_large",
                                      "bad_cell"};
    const auto texts = originals();
    Random random(kSeed);
    std::map<std::string, int> outcomes;
    double slowest = 0.0;
    for (int i = 0; i < count; ++i) {
        const std::string text = mutated(texts[below(random, texts.size())], random);
        const auto start = std::chrono::steady_clock::now();
        std::string outcome = "report";
        try {
            chemistry::analyse_structure_text(text, "mutated.cif");
            chemistry::analyse_blocks_text(text, "mutated.cif", chemistry::Clusters::All);
        } catch (const InputError& error) {
            outcome = error.code();
            CHECK(codes.count(outcome) == 1);
        } catch (const std::exception& error) {
            const auto kept = std::filesystem::temp_directory_path() / "cupel-mutated.cif";
            std::ofstream(kept, std::ios::binary) << text;
            FAIL("mutation " << i << " threw " << error.what() << "; kept as " << kept.string());
        }
        ++outcomes[outcome];
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        slowest = std::max(slowest, taken.count());
    }
    CHECK(slowest < 10.0);
    CHECK(outcomes.size() >= 4);
    CHECK(peak_memory_kb() < 1024 * 1024);
    if (many) {
        for (const auto& [outcome, times] : outcomes) {
            WARN(outcome << ": " << times);
        }
        WARN("slowest " << slowest << " s, peak " << peak_memory_kb() / 1024 << " MB");
    }
}

TEST_CASE("a heap of atoms in one place is refused, not searched", "[structure][mutation]") {
    TestAtoms heap;
    for (int i = 0; i < 15'000; ++i) {
        heap.push_back({"Au" + std::to_string(i), "Au", {10.0 + i * 1e-4, 10.0, 10.0}});
    }
    const auto start = std::chrono::steady_clock::now();
    try {
        chemistry::analyse_structure_text(cif_of(heap), "heap.cif");
        FAIL("taken for a cluster");
    } catch (const InputError& error) {
        CHECK(error.code() == "too_large");
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("a crowded cell under many operations stays within the limits", "[structure][mutation]") {
    TestAtoms atoms;
    for (int i = 0; i < 19'000; ++i) {
        atoms.push_back(
            {"C" + std::to_string(i), "C", {(i % 27) * 2.2, (i / 27 % 27) * 2.2, (i / 729) * 2.2}});
    }
    atoms[0].element = "Cu";
    std::string operations = "x,y,z";
    for (const char* op :
         {"-x,-y,z", "x,-y,-z", "-x,y,-z", "-x,-y,-z", "x,y,-z", "-x,y,z", "x,-y,z"}) {
        operations += ";" + std::string(op);
    }
    const auto start = std::chrono::steady_clock::now();
    try {
        chemistry::analyse_structure_text(cif_of(atoms, "", operations, 120.0), "crowd.cif");
    } catch (const InputError& error) {
        CHECK(error.code() == "too_large");
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}
